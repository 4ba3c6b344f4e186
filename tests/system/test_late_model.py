"""Random histories, told late and out of order: what is known of closed days is what is there."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from server.domain.figures import ClosedDay, DayFigures, began_to_watch
from server.figuring.counting import Wanted, count_days
from server.storage import Store
from tests.system.late_world import (
    DOWN,
    MONDAY,
    ORGANISATION,
    SCHOOL,
    UP,
    FakeClock,
    Told,
    World,
    local,
)

DAYS = 5
START = local(MONDAY, 5)


Boot = tuple[datetime, datetime, list[Told], datetime]


def life(rng: random.Random) -> list[Boot]:
    """Boots of five days, some overlapping, each with when it is told: at once or days later."""
    found: list[Boot] = []
    at = START
    while at < local(MONDAY, 24 * DAYS):
        begin = at + timedelta(seconds=rng.choice([-9000, 0, 1, 1800, 30_000]))
        end = begin + timedelta(seconds=rng.randrange(600, 90_000))
        edges = sorted({begin, end, *(_between(rng, begin, end) for _ in range(rng.randrange(4)))})
        told: list[Told] = [(a, b, rng.choice([UP, DOWN])) for a, b in pairwise(edges)]
        late = timedelta(seconds=rng.choice([1, 1, 40_000, 200_000]) * rng.random())
        found.append((begin, end, told, end + late))
        at = end
    return sorted(found, key=lambda boot: boot[3])


def _between(rng: random.Random, begin: datetime, end: datetime) -> datetime:
    return begin + timedelta(seconds=rng.randrange(int((end - begin).total_seconds())))


async def now_known(store: Store, day: ClosedDay) -> DayFigures:
    """Count a day from what the store holds, as nobody but this test asks for."""
    school = ORGANISATION.school(SCHOOL)
    assert school is not None
    began = began_to_watch(school, await store.first_told())
    wanted = Wanted(school=SCHOOL, day=day.day, basis=day.basis, began=began)
    (figures,) = await count_days(store, [wanted])
    return figures


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    await opened.close()


@pytest.mark.parametrize("seed", [0, 14, 21, 41, 43, 56, 188])
async def test_whatever_comes_whenever_closed_days_follow_and_stay(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    world = World(store, FakeClock(START))
    reported: dict[object, tuple[datetime, DayFigures]] = {}
    for begin, end, told, at in life(rng):
        while world.clock.at < at:
            world.clock.at = min(at, world.clock.at + timedelta(hours=rng.choice([1, 3, 8])))
            await world.closer.run_once()
        measured = rng.random() < 0.7
        await world.boot(begin, end, *told, late=rng.random() < 0.7, measured=measured)
        for day in await world.closed(last=MONDAY + timedelta(days=30)):
            reported.setdefault(day.day, (day.closed_at, day.figures))
    world.clock.at = max(world.clock.at, local(MONDAY, 24 * (DAYS + 2)))
    for _ in range(3):
        await world.amend()
    assert await store.late_marks(9) == []
    days = await world.closed(last=MONDAY + timedelta(days=30))
    assert len(days) >= DAYS
    for day in days:
        assert day.known == await now_known(store, day), (seed, day.day)
        if day.day in reported:
            assert (day.closed_at, day.figures) == reported[day.day]
