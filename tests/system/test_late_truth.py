"""Late truth on real databases: closed once, amended beside."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server import app
from server.config import load
from server.domain.figures import ClosedDay
from server.domain.plan import MeasuredOver
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.points import MetSeconds
from server.domain.uptime import Availability
from server.storage import Store
from server.storage.closed import LateMark, NewClosedDay
from tests.system.centre import AGENT, configure
from tests.system.fixtures_server import postgres, postgres_url, store
from tests.system.late_world import (
    DOWN,
    HOURS_S,
    MONDAY,
    PLAN,
    REGISTER,
    SCHOOL,
    UP,
    FakeClock,
    World,
    local,
)

__all__ = ["postgres", "postgres_url", "store"]


def each(figures: Availability) -> tuple[int, int, int, int]:
    return figures.up, figures.down, figures.unknown, figures.excluded


async def test_a_day_is_closed_once_and_history_amends_it_beside(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 12)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 10))  # silent from ten on
    world.clock.at = local(MONDAY, 24) + timedelta(hours=1, minutes=59)
    await world.closer.run_once()
    assert await world.closed() == [], "closed before its time"

    world.clock.at += timedelta(minutes=1)
    await world.closer.run_once()
    (first,) = await world.closed()
    assert each(first.figures.cameras[0]) == (12_600, 0, HOURS_S - 12_600, 86_400 - HOURS_S)
    assert first.figures.met.cannot_tell == 2 * (HOURS_S - 12_600)
    assert first.basis.version == PLAN.version
    assert first.closed_at == local(MONDAY, 26)

    world.clock.at = local(MONDAY, 24 + 33, 12)  # 09:12 on Wednesday
    await world.boot(
        local(MONDAY, 10),
        local(MONDAY, 24),
        (local(MONDAY, 10), local(MONDAY, 11), UP),
        (local(MONDAY, 11), local(MONDAY, 14), DOWN),
        (local(MONDAY, 14), None, UP),
        late=True,
    )
    assert MONDAY in {m.day for m in await store.late_marks(9)}
    await world.amend()
    (second,) = await world.closed()
    assert (second.figures, second.closed_at) == (first.figures, first.closed_at)
    (amended,) = second.amendments
    assert each(amended.figures.cameras[0]) == (HOURS_S - 3600, 3600, 0, 86_400 - HOURS_S)
    assert amended.agents == (AGENT,)
    assert amended.at.date() == local(MONDAY, 24 + 33, 12).date()
    assert amended.figures.met.not_met == 2 * 3600
    assert await store.late_marks(9) == []

    await world.touch(MONDAY)  # touched again with nothing new in it: no further value
    await world.amend()
    assert await world.closed() == [second]


async def test_a_server_that_was_away_closes_all_its_days_in_order_after_a_while(
    store: Store,
) -> None:
    world = World(store, FakeClock(local(MONDAY, 12)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 11))
    world.clock.at = local(MONDAY, 24 * 4 + 7)  # Friday, 07:00: away since Monday
    world.since = world.clock.at
    await world.closer.run_once()
    assert await world.closed(last=MONDAY + timedelta(days=9)) == []
    world.clock.at += timedelta(minutes=15)
    await world.boot(local(MONDAY, 11), local(MONDAY, 24 * 3 + 11))  # it was spooling meanwhile
    await world.closer.run_once()
    days = await world.closed(last=MONDAY + timedelta(days=9))
    assert [d.day for d in days] == [MONDAY + timedelta(days=n) for n in range(4)]
    assert [d.figures.cameras[0].unknown for d in days] == [0, 0, 0, 14_400]
    assert all(d.amendments == () for d in days)


async def test_a_closed_day_stays_closed_whoever_closes_it_again(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 12)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 24))
    world.clock.at = local(MONDAY, 27)
    await asyncio.gather(*(world.new_closer().run_once() for _ in range(3)))
    (known,) = await world.closed()
    await world.boot(local(MONDAY, 8), local(MONDAY, 24), (local(MONDAY, 8), None, DOWN))
    world.clock.at += timedelta(hours=1)
    await world.new_closer().close_through(MONDAY)
    assert await world.closed() == [known]
    other = replace(known.figures, met=MetSeconds(met=1))
    again = NewClosedDay(school=SCHOOL, day=MONDAY, basis=known.basis, figures=other)
    await store.close_days([again], now=world.clock.at)
    assert await world.closed() == [known], "another server that had read other claims"


async def test_who_is_not_on_duty_closes_nothing(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 12)), on_duty=False)
    await world.boot(local(MONDAY, 5), local(MONDAY, 24))
    world.clock.at = local(MONDAY, 27)
    await world.touch(MONDAY)
    await world.closer.run_once()
    assert await world.closed() == []
    assert len(await store.late_marks(9)) == 1


async def test_closing_is_cancelled_between_batches_and_goes_on_where_it_was(
    tmp_path: Path,
) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    world = World(store, FakeClock(local(MONDAY, 12)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 24))
    world.clock.at = local(MONDAY, 24 * 20)
    task = asyncio.create_task(world.closer.run_once())
    while not await world.closed():  # noqa: ASYNC110 (a store tells nobody)
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    some = await world.closed(last=MONDAY + timedelta(days=30))
    assert 1 <= len(some) < 19
    await world.new_closer().run_once()
    every = await world.closed(last=MONDAY + timedelta(days=30))
    assert [d.day for d in every] == [MONDAY + timedelta(days=n) for n in range(19)]
    assert every[: len(some)] == some
    await store.close()


async def test_a_clock_that_is_found_wrong_takes_its_other_days_back(store: Store) -> None:
    """An unmeasured boot told of two days; late history contradicts it on the first one alone."""
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 0), local(MONDAY, 5))
    world.clock.at = local(MONDAY, 48)
    await world.boot(local(MONDAY, 5), local(MONDAY, 48), measured=False)
    world.clock.at = local(MONDAY, 51)
    await world.closer.run_once()
    await world.amend()
    assert await store.late_marks(9) == []
    tuesday = MONDAY + timedelta(days=1)
    before = await world.closed(last=tuesday)
    assert [d.figures.cameras[0].unknown for d in before] == [0, 0]
    await world.boot(local(MONDAY, 6), local(MONDAY, 12), late=True)
    await world.amend()
    after = await world.closed(last=tuesday)
    assert [d.figures for d in after] == [d.figures for d in before]
    assert [d.known.cameras[0].unknown for d in after] == [3 * 3600 + 1800, HOURS_S]


class RealClock(FakeClock):
    """Real time, put forward by hand; whoever waits long waits a little.

    ``turns`` counts those of the closer's loop.
    """

    turns = 0

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._began)

    async def wait(self, seconds: float) -> None:
        task = asyncio.current_task()
        self.turns += task is not None and task.get_name() == "closer"
        await asyncio.sleep(min(seconds, 0.1))

    async def jump(self, **forward: int) -> None:
        """Go forward, and let the closer's loop turn twice."""
        self.at += timedelta(**forward)
        seen, end = self.turns, time.monotonic() + 30
        while self.turns < seen + 2:
            assert time.monotonic() < end
            await asyncio.sleep(0.02)


async def test_the_server_closes_and_amends_by_itself(tmp_path: Path) -> None:
    configuration = load(configure(tmp_path))
    clock = RealClock(local(MONDAY, 28))
    async with app.running(configuration, clock=clock, say=lambda _text: None):
        outside = await Store.open(configuration.server.database.reveal())
        world = World(outside, FakeClock(clock.now()))
        await world.boot(local(MONDAY, 5), local(MONDAY, 10))
        await clock.jump(minutes=9)
        assert await world.closed() == [], "this server has only just begun to listen"
        await clock.jump(minutes=16)
        assert await world.closed() == [], "it was stopped, or its clock was set"
        while not (days := await world.closed()):
            assert clock.now() < local(MONDAY, 48), "never"
            await clock.jump(minutes=8)  # until it has heard its broker for a quarter of an hour
        (first,) = days
        assert first.amendments == ()
        world.clock.at = clock.now()
        await world.boot(local(MONDAY, 10), local(MONDAY, 24), late=True)
        await clock.jump(seconds=0)  # the mark is seen
        await clock.jump(seconds=11)
        (second,) = await _until(world, lambda days: bool(days[0].amendments))
        assert second.known.total.unknown == 0
        await outside.close()


async def _until(world: World, there: Callable[[list[ClosedDay]], bool]) -> list[ClosedDay]:
    end = time.monotonic() + 30
    while not there(days := await world.closed()):
        assert time.monotonic() < end, days
        await asyncio.sleep(0.05)
    return days


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[Store]:
    """SQLite alone, for what does not differ."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    await opened.close()


async def closed_with_a_hole(store: Store) -> World:
    """Monday was closed with ten to noon unknown; it is Tuesday morning."""
    world = World(store, FakeClock(local(MONDAY, 12)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 10))
    await world.boot(local(MONDAY, 12), local(MONDAY, 24))
    world.clock.at = local(MONDAY, 26)
    await world.closer.run_once()
    return world


async def test_each_day_is_closed_as_the_school_was_on_that_day(quick: Store) -> None:
    """A camera leaves after Monday, the school itself after Tuesday; Thursday closes all."""
    world = await closed_with_a_hole(quick)
    school = REGISTER.schools[SCHOOL]
    tuesday = MONDAY + timedelta(days=1)
    gone = replace(school.cameras[-1][0], last=MONDAY)
    changed = replace(
        school,
        headers=(replace(school.headers[0], last=tuesday),),
        cameras=(*school.cameras[:-1], (gone,)),
    )
    world.standing.register = REGISTER.with_changes(schools=[changed])
    await world.boot(local(MONDAY, 24), local(MONDAY, 72))
    world.clock.at = local(MONDAY, 74)
    await world.closer.run_once()
    monday, last = await world.closed(MONDAY, MONDAY + timedelta(days=3))
    assert (monday.day, last.day) == (MONDAY, tuesday)
    left = gone.value.id
    assert left in [name for name, _ in monday.basis.cameras]
    assert left not in [name for name, _ in last.basis.cameras]


async def test_a_new_plan_is_no_late_history(quick: Store) -> None:
    world = await closed_with_a_hole(quick)
    plan = replace(PLAN, version="2", measured_over=MeasuredOver.ALWAYS, school_hours={})
    version = PlanVersion(id="2", plan=plan, confirmed_at=world.clock.at)
    world.standing.plans = PlanBook((version,))
    await world.boot(local(MONDAY, 14), local(MONDAY, 15), late=True)  # says nothing new
    await world.amend()
    (same,) = await world.closed()
    assert same.amendments == ()
    await world.boot(local(MONDAY, 10), local(MONDAY, 11), late=True)
    await world.amend()
    (amended,) = await world.closed()
    assert amended.basis.version == PLAN.version
    assert amended.known.cameras[0].unknown == amended.figures.cameras[0].unknown - 3600
    assert amended.known.cameras[0].excluded == 86_400 - HOURS_S
    world.clock.at = local(MONDAY, 50)
    await world.closer.run_once()
    *_, tuesday = await world.closed(last=MONDAY + timedelta(days=1))
    assert (tuesday.basis.version, tuesday.figures.cameras[0].excluded) == ("2", 0)


async def test_a_report_that_comes_during_the_counting_is_not_lost(
    quick: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await closed_with_a_hole(quick)
    await world.boot(local(MONDAY, 10), local(MONDAY, 11), late=True)
    inner = quick.clear_marks

    async def while_counting(marks: Collection[LateMark]) -> None:
        monkeypatch.undo()
        await world.boot(local(MONDAY, 11), local(MONDAY, 12), late=True)
        await inner(marks)

    monkeypatch.setattr(quick, "clear_marks", while_counting)
    await world.amend()
    marks = await quick.late_marks(9)
    assert marks[0].day == MONDAY
    await world.amend()
    (day,) = await world.closed()
    assert [a.figures.cameras[0].unknown for a in day.amendments] == [1800, 0]
    await world.boot(local(MONDAY, 10), local(MONDAY, 12), late=True)  # the same once more
    await world.amend()
    (same,) = await world.closed()
    assert same == day
    assert same.known.cameras[0].unknown == 0


async def test_a_clock_that_is_set_back_hides_no_newer_value(quick: Store) -> None:
    world = await closed_with_a_hole(quick)
    await world.boot(local(MONDAY, 10), local(MONDAY, 11), late=True)
    await world.amend()
    world.clock.at -= timedelta(hours=1)
    await world.boot(local(MONDAY, 11), local(MONDAY, 12), late=True)
    await world.amend()
    (day,) = await world.closed()
    assert [a.figures.cameras[0].unknown for a in day.amendments] == [1800, 0]


async def test_a_mark_of_a_day_that_is_not_closed_goes_quietly(quick: Store) -> None:
    world = World(quick, FakeClock(local(MONDAY, 24) + timedelta(minutes=1)))
    await world.boot(local(MONDAY, 5), world.clock.at)
    assert MONDAY in {m.day for m in await quick.late_marks(9)}, "it crossed midnight"
    await world.amend()
    assert await quick.late_marks(9) == []
    assert await world.closed() == []


async def test_days_that_a_clock_ahead_of_its_time_has_closed_are_counted_when_they_are_over(
    quick: Store,
) -> None:
    world = World(quick, FakeClock(local(MONDAY, 6)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 6))
    world.clock.at = local(MONDAY, 24 * 40)
    await world.closer.run_once()
    assert len(await world.closed(last=MONDAY + timedelta(days=50))) == 39
    closer = world.closer
    for day in range(1, 3):  # the clock was set right, the same server runs on
        await world.boot(local(MONDAY, 24 * (day - 1) + 5), local(MONDAY, 24 * day))
        world.clock.at = local(MONDAY, 24 * day + 3)
        await closer.run_once()
        (known,) = await quick.closed_days([SCHOOL], *[MONDAY + timedelta(days=day - 1)] * 2)
        assert known.known.cameras[0].unknown == 0
        assert known.figures.cameras[0].unknown > 0
        assert len(known.amendments) == 1
