"""Which version of the plan is in force on which day.

A version that a second person has confirmed never changes; a new one takes over on the day that it
names. So a figure of the past is always held against what was asked then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from server.domain.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """One confirmed version.

    Attributes:
        id: Of its record.
        typed_by: Everybody who wrote in it.
        confirmed_by: Who held it against the paper; None: it came from the server's own file into
            an empty book, and no second person has confirmed it.
        confirmed_at: When it was confirmed, or taken in from the file.
    """

    id: str
    plan: Plan
    typed_by: tuple[str, ...] = ()
    confirmed_by: str | None = None
    confirmed_at: datetime

    @property
    def first(self) -> date:
        """Its first day in force; a plan that names none has always been."""
        return self.plan.effective_from or date.min

    @property
    def last(self) -> date:
        """Its last day in force, unless a newer one takes over before."""
        return self.plan.effective_to or date.max


class PlanEpoch(NamedTuple):
    """Days over which one version is in force, both ends included; None: no version is."""

    first: date
    last: date
    version: PlanVersion | None


@dataclass(frozen=True, slots=True)
class PlanBook:
    """All confirmed versions, in any order."""

    versions: tuple[PlanVersion, ...]
    _rising: tuple[PlanVersion, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the versions in the order in which they take over."""
        rising = sorted(self.versions, key=lambda v: (v.first, v.confirmed_at, v.id))
        object.__setattr__(self, "_rising", tuple(rising))

    def version_on(self, day: date) -> PlanVersion | None:
        """Return the version in force: the one that took over last, if it has not ended.

        Of two that take over on one day, the one that was confirmed later stands. One that has
        ended does not give way to an older one: that one was replaced.
        """
        begun = [v for v in self._rising if v.first <= day]
        return begun[-1] if begun and day <= begun[-1].last else None

    def on(self, day: date) -> Plan | None:
        """Return the plan in force on a day; None: nothing is asked of anybody."""
        found = self.version_on(day)
        return None if found is None else found.plan

    def shown_on(self, day: date) -> Plan | None:
        """Return what a page of that day shows; None only of an empty book.

        Where no version is in force that is the nearest one stripped of all that it asks: its words
        for places stay, and nothing is scored.
        """
        found = self.on(day)
        if found is not None or not self._rising:
            return found
        begun = [v for v in self._rising if v.first <= day]
        return asking_nothing((begun[-1] if begun else self._rising[0]).plan)

    def epochs(self, first: date, last: date) -> tuple[PlanEpoch, ...]:
        """Cut the days from ``first`` to ``last`` where another version, or none, is in force."""
        found: list[PlanEpoch] = []
        for one in _cuts(self._rising, first, last):
            version = self.version_on(one.first)
            if found and found[-1].version == version:
                found[-1] = found[-1]._replace(last=one.last)
            else:
                found.append(one._replace(version=version))
        return tuple(found)


def asking_nothing(plan: Plan) -> Plan:
    """Return a plan with its words and without its demands."""
    return replace(
        plan,
        requirements={},
        school_hours={},
        school_hours_source={},
        uptime_required_percent=None,
        uptime_source=None,
    )


def _cuts(versions: Iterable[PlanVersion], first: date, last: date) -> Iterator[PlanEpoch]:
    """Yield the days from ``first`` to ``last``, cut wherever a version begins or has ended."""
    one_day = timedelta(days=1)
    ends = (v.last + one_day for v in versions if v.last < last)
    starts = {first, *(v.first for v in versions), *ends}
    inside = sorted(day for day in starts if first <= day <= last)
    for start, following in zip(inside, [*inside[1:], None], strict=True):
        yield PlanEpoch(start, last if following is None else following - one_day, None)
