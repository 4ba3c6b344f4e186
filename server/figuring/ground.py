"""What a school's days are counted on: the register, the plan's versions, the exceptions."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from server.domain.basis import Basis, basis_on
from server.domain.calendar import local_date
from server.domain.dated import at
from server.domain.exceptions import Exceptions
from server.domain.figures import began_to_watch
from server.domain.histories import agents_ever
from server.domain.planbook import PlanBook
from server.domain.register import Register
from server.figuring.counting import Wanted
from server.figuring.entries import load_exceptions
from server.storage import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything that says what counts. ``now`` in whole seconds."""

    store: Store
    register: Register
    plans: PlanBook
    exceptions: Exceptions
    first_told: Mapping[str, datetime]
    now: datetime


async def ground_of(store: Store, register: Register, plans: PlanBook, *, now: datetime) -> Ground:
    """Read what people typed in, and since when agents tell. Raises ``StoreError``."""
    return Ground(
        store=store,
        register=register,
        plans=plans,
        exceptions=await load_exceptions(store),
        first_told=await store.first_told(),
        now=now.replace(microsecond=0),
    )


def days_wanted(
    ground: Ground,
    school: str,
    first: date,
    last: date,
    *,
    have: Collection[date] = (),
    older: Mapping[tuple[str, date], Basis] | None = None,
) -> Iterator[Wanted]:
    """Yield a school's days that are to be counted, but those that somebody has.

    Days before it was watched are none. ``older``: what some days are to be counted under.
    """
    began = watched_since(ground.register, school, ground.first_told)
    if began is None:
        return
    today, story = local_date(ground.now), ground.register.school(school)
    for ordinal in range(max(first, local_date(began)).toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        then = None if day in have else at(story, day)
        if then is None:
            continue
        known = (older or {}).get((school, day))
        yield Wanted(
            school=school,
            day=day,
            basis=known or basis_on(ground.plans.on(day), then, day, exceptions=ground.exceptions),
            began=began,
            now=ground.now if day == today else None,
        )


def watched_since(
    register: Register, school: str, first_told: Mapping[str, datetime]
) -> datetime | None:
    """Return since when a school has been watched, by any agent that it ever had."""
    history, story = register.schools.get(school), register.school(school)
    if history is None or not story:
        return None
    return began_to_watch(replace(story[-1].value, agents=agents_ever(history)), first_told)
