"""Late truth on real databases: closed once, amended beside, and nothing late rings a bell."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from server.changes import Changes
from server.closing import Closer
from server.config import load_plan, load_units
from server.domain.alerting import Limits
from server.domain.calendar import local_moment
from server.domain.figures import ClosedDay
from server.domain.units import Organisation
from server.domain.uptime import Availability
from server.storage import Duty, Store
from server.storage.closed_schema import late_day
from server.storage.late import number_of
from server.watchdog import Watchdog
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


class _Refused(Duty):
    async def held(self) -> bool:
        return False


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
            duty=Duty(None, "figures") if self.on_duty else _Refused(None, "figures"),
            close_after=timedelta(hours=2),
        )

    async def boot(
        self,
        start: datetime,
        until: datetime,
        *told: Told,
        late: bool = False,
        measured: bool = True,
    ) -> None:
        """Commit, now, a boot of its own that tells of all cameras the same."""
        self.boots += 1
        boot, zero = uuid(self.boots, "b"), round(start.timestamp() * 1000)
        items: list[Item] = []
        for camera in CAMERAS:
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
            boots=(BootStory(id=boot, origin_utc_ms=zero, offset_ms=0 if measured else None),),
            watermarks=(mark,),
        )

        await self.store.commit(
            [replace(told_now, sent_utc_ms=now_ms, received_utc_ms=now_ms, late=late)]
        )

    async def touch(self, day: date) -> None:
        async with self.store.writing() as connection:
            await connection.execute(
                late_day.insert().values(agent=AGENT, day=number_of(day), touches=1)
            )

    async def amend(self) -> None:
        await self.closer.run_once()
        await self.clock.wait(10)
        await self.closer.run_once()

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


ONE_SCHOOL = Organisation(
    units=ORGANISATION.units, schools=tuple(s for s in ORGANISATION.schools if s.id == SCHOOL)
)
GATES = ["c1-thvq-cong-chinh-1", "c1-thvq-cong-chinh-2"]


@dataclass
class Bell(World):
    """A world with a watchdog, and a count of all letters that were ever posted."""

    async def look(self) -> list[tuple[str, datetime, datetime | None]]:
        """Look twice, as the watchdog does every two seconds; return the alerts, oldest first."""
        watchdog = Watchdog(
            store=self.store,
            organisation=ONE_SCHOOL,
            limits=Limits(gate_camera_down_s=60, agent_silent_s=75),
            clock=self.clock,
            changes=Changes(),
            transports=("webhook",),
            listening_since=lambda: self.since,
            duty=Duty(None, "alerts"),
        )
        for _ in range(2):
            await watchdog.run_once()
            self.clock.at += timedelta(seconds=2)
        return await self.alerts()

    async def alerts(self) -> list[tuple[str, datetime, datetime | None]]:
        found = reversed(await self.store.alerts())
        return [(a.camera or "agent", a.began_at, a.ended_at) for a in found]

    async def letters(self) -> int:
        return len(await self.store.due_letters(now=self.clock.at + timedelta(days=1), limit=999))

    async def now(self, start: datetime, state: State = UP) -> None:
        """The present, of a boot that began at ``start``, up to now."""
        await self.boot(start, self.clock.at, (start, None, state))


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
    ((who, began, ended),) = await world.look()
    assert (who, began, ended) == ("agent", local(MONDAY, 10), None)
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
        world.clock.at += timedelta(seconds=60)
        await world.now(RETURN)
        await world.look()
    (silence,) = await world.alerts()
    assert silence[0] == "agent"
    assert silence[2] is not None, "it reports again"
    assert await world.letters() == 1, "the second letter waits for the first"


async def test_what_is_still_down_rings_once_and_is_dated_when_it_began(store: Store) -> None:
    world = await silent_for_three_days(store)
    await world.now(RETURN, DOWN)
    world.clock.at += timedelta(seconds=61)
    await world.now(RETURN, DOWN)
    await world.look()
    (_, _, over), *down = await world.look()
    assert over is not None
    assert [(who, end) for who, _, end in down] == [(c, None) for c in GATES]
    letters = await world.letters()
    began = local(MONDAY, 40)
    past = ((local(MONDAY, 10), began, UP), (began, RETURN, DOWN))
    await world.boot(local(MONDAY, 10), RETURN, *past, late=True)
    for _ in range(3):
        await world.closer.run_once()
        world.clock.at += timedelta(seconds=30)
        await world.now(RETURN, DOWN)
        await world.look()
    assert (await world.alerts())[1:] == [(c, began, None) for c in GATES]
    assert await world.letters() == letters


async def test_an_alert_that_is_over_is_told_again_without_a_letter(store: Store) -> None:
    world = Bell(store, FakeClock(local(MONDAY, 10)))
    down = local(MONDAY, 9, 58)
    await world.boot(
        local(MONDAY, 5), local(MONDAY, 10), (local(MONDAY, 5), down, UP), (down, None, DOWN)
    )
    assert await world.look() == [(c, down, None) for c in GATES]
    world.clock.at = RETURN
    assert len(await world.look()) == 1 + len(GATES), "silent, and held open meanwhile"
    await world.now(RETURN - timedelta(minutes=1))
    await world.look()
    found = await world.look()
    assert [end for who, _, end in found if who != "agent"] == [RETURN - timedelta(minutes=1)] * 2
    letters = await world.letters()
    recovered = local(MONDAY, 15, 20)
    await world.boot(
        local(MONDAY, 10),
        RETURN - timedelta(minutes=1),
        (local(MONDAY, 10), recovered, DOWN),
        (recovered, None, UP),
        late=True,
    )
    await world.amend()
    told = [a for a in await world.alerts() if a[0] != "agent"]
    assert told == [(c, down, recovered) for c in GATES]
    assert await world.letters() == letters


async def test_a_clock_that_is_found_wrong_takes_its_other_days_back(store: Store) -> None:
    """An unmeasured boot told of two days; late history contradicts it on the first one alone."""
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 0), local(MONDAY, 5))
    world.clock.at = local(MONDAY, 48)
    await world.boot(local(MONDAY, 5), local(MONDAY, 48), measured=False)
    world.clock.at = local(MONDAY, 51)
    await world.closer.run_once()
    tuesday = MONDAY + timedelta(days=1)
    before = await world.closed(last=tuesday)
    assert [d.figures.cameras[0].unknown for d in before] == [0, 0]
    await world.boot(local(MONDAY, 6), local(MONDAY, 12), late=True)
    await world.amend()
    after = await world.closed(last=tuesday)
    assert [d.figures for d in after] == [d.figures for d in before]
    assert [d.known.cameras[0].unknown for d in after] == [3 * 3600 + 1800, HOURS_S]
