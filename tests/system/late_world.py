"""One school's agent, a store and a closer over one clock that is set by hand."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from server.closing import Closer
from server.config import load_plan, load_units
from server.domain.calendar import local_moment
from server.domain.figures import ClosedDay
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.schoolyear import EVERY_WEEK, SchoolCalendar
from server.standing import Standing
from server.storage import Duty, Store
from server.storage.closed_schema import late_day
from server.storage.late import number_of
from tests.pure.server.reports import intake, item, segment, uuid
from tests.system.centre import AGENT, EXAMPLES
from wire.messages import BootStory, Item, Watermark
from wire.vocabulary import State

REGISTER = load_units(EXAMPLES / "units.example.yaml")
ORGANISATION = REGISTER.on(date.max)
PLAN = replace(
    load_plan(EXAMPLES / "plan.example.yaml"),  # without its holidays: 24 November is one
    calendar=SchoolCalendar(years=EVERY_WEEK),
)
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
    standing: Standing = field(init=False)
    closer: Closer = field(init=False)

    def __post_init__(self) -> None:
        version = PlanVersion(id=PLAN.id, plan=PLAN, confirmed_at=self.clock.at)
        self.standing = Standing(clock=self.clock, register=REGISTER, plans=PlanBook((version,)))
        self.closer = self.new_closer()

    def new_closer(self) -> Closer:
        return Closer(
            store=self.store,
            standing=self.standing,
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
        agent: str = AGENT,
        only: str | None = None,
    ) -> None:
        """Commit, now, a boot of its own that tells of all cameras the same.

        ``only``: of this camera; all others are well.
        """
        self.boots += 1
        boot, zero = uuid(self.boots, "b"), round(start.timestamp() * 1000)
        items: list[Item] = []
        for camera in CAMERAS:
            of_it = told if only in {None, camera} else ()
            for number, (begin, end, state) in enumerate(of_it or ((start, None, UP),), 1):
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
            agent=agent,
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
