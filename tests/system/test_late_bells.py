"""Nothing late rings a bell: the real watch over real databases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.units import Organisation
from server.standing import Standing
from server.storage import Store
from server.watching import Watch
from tests.system.fixtures_server import postgres, postgres_url, store
from tests.system.fixtures_watching import watch_of
from tests.system.late_world import (
    DOWN,
    MONDAY,
    ORGANISATION,
    PLAN,
    SCHOOL,
    UP,
    FakeClock,
    World,
    local,
)
from wire.vocabulary import State

__all__ = ["postgres", "postgres_url", "store"]

ONE_SCHOOL = Organisation(
    units=ORGANISATION.units, schools=tuple(s for s in ORGANISATION.schools if s.id == SCHOOL)
)
GATE = "c1-thvq-cong-chinh-1"
EVER = datetime(1970, 1, 1, tzinfo=UTC)
_Times = tuple[str, datetime, datetime | None]


@dataclass
class Bell(World):
    """A world with a watch, and a count of all letters that were ever written."""

    watch: Watch | None = None

    async def look(self) -> list[_Times]:
        """Look as often as it takes for all that is due; return the incidents, oldest first."""
        if self.watch is None:
            self.watch = watch_of(
                self.store,
                Standing.always(self.clock, ONE_SCHOOL, PLAN),
                self.clock,
                channels=("webhook",),
                listening_since=lambda: self.since,
            )
        for _ in range(2):
            await self.watch.run_once()
            self.clock.at += timedelta(seconds=6)
        await self.watch.run_once()
        return await self.incidents()

    async def incidents(self) -> list[_Times]:
        """Return roots and times, the oldest first."""
        rows = reversed(await self.store.incidents())
        return [(r.incident.root.partition(":")[0], r.began_at, r.ended_at) for r in rows]

    async def letters(self) -> int:
        """Return how many letters there ever were."""
        return len(await self.store.letters_since(EVER))

    async def now(self, start: datetime, state: State = UP) -> None:
        """The present, of a boot that began at ``start``, up to now."""
        await self.boot(start, self.clock.at, (start, None, state), only=GATE)


PAST = (
    (local(MONDAY, 10), local(MONDAY, 11), DOWN),
    (local(MONDAY, 11), local(MONDAY, 30), UP),
    (local(MONDAY, 30), local(MONDAY, 50), DOWN),
    (local(MONDAY, 50), local(MONDAY, 72 + 9, 29), UP),
)
RETURN = local(MONDAY, 72 + 9, 30)


async def silent_for_three_days(store: Store) -> Bell:
    """All is well until ten on Monday; then the gate PC is silent until Thursday, 09:30."""
    world = Bell(store, FakeClock(local(MONDAY, 10)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 10))
    assert await world.look() == []
    world.clock.at += timedelta(minutes=5)
    assert await world.look() == [("agent", local(MONDAY, 10), None)]
    world.clock.at = RETURN
    assert len(await world.look()) == 1
    return world


@pytest.mark.parametrize("present_first", [True, False])
async def test_outages_that_are_over_ring_no_bell(store: Store, *, present_first: bool) -> None:
    world = await silent_for_three_days(store)
    for step in (present_first, not present_first):
        if step:
            await world.now(RETURN)
        else:
            await world.boot(local(MONDAY, 10), local(MONDAY, 72 + 9, 29), *PAST, late=True)
        await world.look()
        await world.closer.run_once()
    for _ in range(5):
        world.clock.at += timedelta(seconds=50)
        await world.now(RETURN)
        await world.look()
    [(who, _, ended)] = await world.incidents()
    assert who == "agent"
    assert ended is not None, "it reports again"
    assert await world.letters() == 2, "it is silent; it reports again"


async def down_for_a_while(world: Bell) -> None:
    """Let the present be down for as long as it takes to be told."""
    for _ in range(4):
        await world.now(RETURN, DOWN)
        await world.look()
        world.clock.at += timedelta(seconds=30)


async def test_what_is_still_down_rings_once_and_is_dated_when_it_began(store: Store) -> None:
    world = await silent_for_three_days(store)
    await down_for_a_while(world)
    (_, _, over), *down = await world.incidents()
    assert over is not None
    assert down == [("camera", RETURN, None)]
    letters = await world.letters()
    began = local(MONDAY, 40)
    past = ((local(MONDAY, 10), began, UP), (began, RETURN, DOWN))
    await world.boot(local(MONDAY, 10), RETURN, *past, late=True, only=GATE)
    for _ in range(3):
        await world.closer.run_once()
        world.clock.at += timedelta(seconds=30)
        await world.now(RETURN, DOWN)
        await world.look()
    assert (await world.incidents())[1:] == [("camera", began, None)]
    assert await world.letters() == letters


async def test_an_incident_that_is_over_is_told_again_without_a_letter(store: Store) -> None:
    world = Bell(store, FakeClock(local(MONDAY, 10)))
    down = local(MONDAY, 9, 58)
    lost = ((local(MONDAY, 5), down, UP), (down, None, DOWN))
    await world.boot(local(MONDAY, 5), local(MONDAY, 10), *lost, only=GATE)
    assert await world.look() == [("camera", down, None)]
    world.clock.at = RETURN
    assert len(await world.look()) == 2, "silent, and held open meanwhile"
    back = RETURN - timedelta(minutes=1)
    for _ in range(6):
        await world.now(back)
        await world.look()
        world.clock.at += timedelta(seconds=30)
    assert ("camera", down, back) in await world.incidents()
    letters = await world.letters()
    recovered = local(MONDAY, 15, 20)
    past = ((local(MONDAY, 10), recovered, DOWN), (recovered, None, UP))
    await world.boot(local(MONDAY, 10), back, *past, late=True, only=GATE)
    await world.amend()
    assert ("camera", down, recovered) in await world.incidents()
    assert await world.letters() == letters


async def test_history_of_this_very_day_dates_an_incident_too(store: Store) -> None:
    """Nothing before today changes, so no day is marked."""
    world = Bell(store, FakeClock(local(MONDAY, 11)))
    await world.boot(local(MONDAY, 7), local(MONDAY, 8))
    start = local(MONDAY, 11)
    for _ in range(3):
        await world.boot(start, world.clock.at, (start, None, DOWN), only=GATE)
        await world.look()
        world.clock.at += timedelta(seconds=25)
    assert await world.incidents() == [("camera", start, None)]
    letters = await world.letters()
    began = local(MONDAY, 9, 5)
    past = ((local(MONDAY, 8), began, UP), (began, start, DOWN))
    await world.boot(local(MONDAY, 8), start, *past, late=True, only=GATE)
    assert await store.late_marks(9) == []
    await world.closer.run_once()
    assert await world.incidents() == [("camera", began, None)]
    assert await world.letters() == letters
