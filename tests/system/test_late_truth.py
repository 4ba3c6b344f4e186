"""Late truth on real databases: closed once, amended beside, and nothing late rings a bell."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from server.closing import Closer
from server.config import load_plan, load_units
from server.domain.calendar import local_moment
from server.domain.figures import ClosedDay
from server.domain.uptime import Availability
from server.storage import Store
from server.storage.closed_schema import late_day
from server.storage.late import number_of
from tests.pure.server.reports import intake, item, segment, uuid
from tests.system.centre import AGENT, EXAMPLES
from tests.system.fixtures_server import postgres, postgres_url, store
from wire.messages import BootStory, Item, Watermark
from wire.vocabulary import State

__all__ = ["postgres", "postgres_url", "store"]

ORGANISATION = load_units(EXAMPLES / "units.example.yaml")
PLAN = load_plan(EXAMPLES / "plan.example.yaml")
SCHOOL: Final = "thvq"
CAMERAS = [c.id for s in ORGANISATION.schools if s.id == SCHOOL for c in s.cameras]
MONDAY = date(2026, 11, 23)
HOURS_S: Final = (5 * 60 + 3 * 60 + 30) * 60  # 06:30 to 11:30 and 13:30 to 17:00
UP, DOWN = State.UP, State.DOWN


@dataclass
class FakeClock:
    at: datetime

    def now(self) -> datetime:
        return self.at

    async def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return local_moment(day, hour * 60 + minute)


Told = tuple[datetime, datetime | None, State]


@dataclass
class World:
    """One school's agent, a store and a closer over one clock."""

    store: Store
    clock: FakeClock
    on_duty: bool = True
    since: datetime | None = local(MONDAY, 0) - timedelta(days=30)
    boots: int = 0
    numbers: int = 0
    closer: Closer = field(init=False)

    def __post_init__(self) -> None:
        self.closer = self.new_closer()

    def new_closer(self) -> Closer:
        return Closer(
            store=self.store,
            organisation=ORGANISATION,
            plan=PLAN,
            clock=self.clock,
            listening_since=lambda: self.since,
            on_duty=self._on_duty,
            close_after=timedelta(hours=2),
        )

    async def _on_duty(self) -> bool:
        return self.on_duty

    async def boot(
        self, start: datetime, until: datetime, *told: Told, cameras: list[str] | None = None
    ) -> None:
        """A boot of its own that tells of all cameras the same, at the clock's present moment."""
        self.boots += 1
        boot, zero = uuid(self.boots, "b"), round(start.timestamp() * 1000)
        items: list[Item] = []
        for camera in cameras or CAMERAS:
            for number, (begin, end, state) in enumerate(told or ((start, None, UP),), 1):
                cause = {} if state is UP else {"cause": "network.timeout"}
                self.numbers += 1
                items.append(
                    item(
                        len(items) + 1,
                        segment(
                            number + 1000 * len(items),
                            round(begin.timestamp() * 1000) - zero,
                            None if end is None else round(end.timestamp() * 1000) - zero,
                            state,
                            boot=boot,
                            camera=camera,
                            **cause,
                        ),
                    )
                )
        mark = Watermark(
            boot=boot, until_ms=round(until.timestamp() * 1000) - zero, after_seq=len(items)
        )
        now_ms = round(self.clock.at.timestamp() * 1000)
        told_now = intake(
            *items,
            agent=AGENT,
            spool=boot,
            boots=(BootStory(id=boot, origin_utc_ms=zero, offset_ms=0),),
            watermarks=(mark,),
        )

        await self.store.commit(
            [replace(told_now, sent_utc_ms=now_ms, received_utc_ms=now_ms, late=True)]
        )

    async def touch(self, *days: date) -> None:
        async with self.store.writing() as connection:
            for day in days:
                await connection.execute(
                    late_day.insert().values(agent=AGENT, day=number_of(day), touches=1)
                )

    async def closed(self, first: date = MONDAY, last: date | None = None) -> list[ClosedDay]:
        return await self.store.closed_days([SCHOOL], first, last or first)


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
    )
    await world.touch(MONDAY)
    await world.closer.run_once()
    await world.closer.clock.wait(10)
    await world.closer.run_once()
    (second,) = await world.closed()
    assert (second.figures, second.closed_at) == (first.figures, first.closed_at)
    (amended,) = second.amendments
    assert each(amended.figures.cameras[0]) == (HOURS_S - 3600, 3600, 0, 86_400 - HOURS_S)
    assert amended.agents == (AGENT,)
    assert amended.at.date() == local(MONDAY, 24 + 33, 12).date()
    assert amended.figures.met.not_met == 2 * 3600
    assert await store.late_marks(9) == []

    await world.touch(MONDAY)  # touched again with nothing new in it: no further value
    await world.closer.run_once()
    await world.closer.clock.wait(10)
    await world.closer.run_once()
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
