"""A school of the drawn district whose days were closed before its gate PC sent all of its past."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.closing import Closer
from server.domain.calendar import local_date, local_day
from server.domain.plan import Plan
from server.domain.units import Organisation
from server.standing import Standing
from server.storage import Duty, Intake, Store
from wire.messages import BootStory, Item, Segment, Watermark
from wire.vocabulary import State


@dataclass
class HandClock:
    """A clock that is set by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    async def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class LateSchool:
    """Closes one school's days each at its time, and lets its agent send history later."""

    store: Store
    organisation: Organisation
    plan: Plan
    school: str
    clock: HandClock

    async def close(self, first: date, last: date) -> None:
        """Close each day two hours after its end."""
        day = first
        while day <= last:
            self.clock.at = local_day(day).end + timedelta(hours=2, seconds=4)
            await self._closer().run_once()
            day += timedelta(days=1)

    async def send(
        self, at: datetime, begin: datetime, end: datetime, *, state: State = State.UP
    ) -> None:
        """Send, at a moment, what all cameras did in a span, and let it amend what was closed."""
        found = self.organisation.school(self.school)
        assert found is not None
        cameras = [s.camera for c in found.cameras for s in c.sources]
        boot, length = str(uuid.uuid4()), round((end - begin).total_seconds() * 1000)
        items = [
            Item(
                seq=n,
                segment=Segment(
                    boot=boot, number=n, camera=camera, state=state, start_ms=0, end_ms=length
                ),
            )
            for n, camera in enumerate(cameras, 1)
        ]
        await self.store.commit([_history(found.agents[0].id, boot, items, begin, length, at)])
        self.clock.at = at
        closer = self._closer()
        await closer.run_once()
        self.clock.at += timedelta(seconds=10)
        await closer.run_once()

    def _closer(self) -> Closer:
        found = self.organisation.school(self.school)
        assert found is not None
        alone = Organisation(units=self.organisation.units, schools=(found,))
        return Closer(
            store=self.store,
            standing=Standing.always(self.clock, alone, self.plan),
            clock=self.clock,
            listening_since=lambda: self.clock.at - timedelta(days=1),
            duty=Duty(None, "closing"),
            close_after=timedelta(hours=2),
        )


def _history(
    agent: str, boot: str, items: Sequence[Item], begin: datetime, length_ms: int, at: datetime
) -> Intake:
    zero_ms, now_ms = round(begin.timestamp() * 1000), round(at.timestamp() * 1000)
    return Intake(
        agent=agent,
        spool=boot,
        sent_utc_ms=now_ms,
        received_utc_ms=now_ms,
        boots=(BootStory(id=boot, origin_utc_ms=zero_ms, offset_ms=0),),
        items=tuple(items),
        watermarks=(Watermark(boot=boot, until_ms=length_ms, after_seq=len(items)),),
        late=True,
    )


async def seed_late(
    store: Store,
    organisation: Organisation,
    plan: Plan,
    *,
    school: str,
    first: datetime,
    now: datetime,
) -> None:
    """Close all days up to yesterday; history of two days comes afterwards, of one day twice."""
    late = LateSchool(store, organisation, plan, school, HandClock(first))
    yesterday = local_date(now) - timedelta(days=1)
    await late.close(local_date(first), yesterday)
    ten = local_day(yesterday).start + timedelta(hours=10)
    await late.send(
        now - timedelta(minutes=70), ten + timedelta(minutes=10), ten + timedelta(minutes=34)
    )
    power = local_day(date(2026, 11, 2)).start
    noon = power + timedelta(hours=12)
    await late.send(now - timedelta(minutes=62), power + timedelta(hours=7, minutes=5), noon)
    await late.send(now - timedelta(minutes=58), noon, power + timedelta(hours=16, minutes=30))
