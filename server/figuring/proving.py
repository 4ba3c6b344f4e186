"""The proof of one school's figures over some days, and what a repair has brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.domain.calendar import local_date
from server.domain.evidence import Proof
from server.domain.period import CameraPeriod, ZonePeriod
from server.domain.planbook import PlanBook
from server.domain.register import Register
from server.figuring.counting import DAYS_AT_ONCE, prove_days
from server.figuring.ground import days_wanted, ground_of
from server.figuring.period import period
from server.storage import Store

BESIDE = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A camera and its place before and after a day; None: it stood nowhere then.

    The day itself, on which somebody worked on it, belongs to neither side.
    """

    day: date
    before: tuple[ZonePeriod, CameraPeriod] | None
    after: tuple[ZonePeriod, CameraPeriod] | None


async def proofs_of(
    store: Store,
    register: Register,
    plans: PlanBook,
    *,
    school: str,
    first: date,
    last: date,
    now: datetime,
) -> list[Proof]:
    """Return all stretches in which a school's places were not met, or nobody can tell.

    Days are counted as the register, the plan and the calendar have them now. Raises
    ``StoreError``.
    """
    ground = await ground_of(store, register, plans, now=now)
    wanted = list(days_wanted(ground, school, first, min(last, local_date(now))))
    found: list[Proof] = []
    for start in range(0, len(wanted), DAYS_AT_ONCE):
        for day in await prove_days(store, wanted[start : start + DAYS_AT_ONCE]):
            found += day
    return found


async def repair(
    store: Store,
    register: Register,
    plans: PlanBook,
    *,
    camera: str,
    day: date,
    now: datetime,
    beside: timedelta = BESIDE,
) -> Repair | None:
    """Compare as many days before a repair with those after it; None: no such camera then."""
    found = register.on(day).camera(camera)
    if found is None:
        return None
    school, one = found[0].id, timedelta(days=1)
    sides: list[tuple[ZonePeriod, CameraPeriod] | None] = []
    for first, last in ((day - beside, day - one), (day + one, day + beside)):
        told = await period(
            store, register, plans, schools=[school], first=first, last=last, now=now
        )
        zones: Sequence[ZonePeriod] = [z for s in told.schools for z in s.zones]
        own = [(z, c) for z in zones for c in z.cameras if c.camera.id == camera]
        sides.append(max(own, key=lambda pair: pair[1].uptime.total, default=None))
    return Repair(day=day, before=sides[0], after=sides[1])
