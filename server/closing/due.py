"""What is due: which days are to be closed next, and which late marks have come to rest. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from server.domain.calendar import local_date
from server.domain.clocks import BootClock
from server.domain.figures import began_to_watch
from server.domain.histories import agents_ever
from server.domain.register import Register
from server.domain.units import School
from server.storage.closed import LateMark
from server.storage.late import LOOK_BACK
from server.storage.times import moment_of

CATCH_UP_AT_MOST: Final = timedelta(days=92)
"""How far back a first start closes days; what was before was never reported as closed."""

QUIET_FOR: Final = timedelta(seconds=10)
PATIENCE: Final = timedelta(minutes=10)
STOPPED_FOR: Final = timedelta(minutes=10)


def last_closable(now: datetime, close_after: timedelta) -> date:
    """Return the newest local day that has been over for ``close_after``."""
    return local_date(now - close_after) - timedelta(days=1)


def first_open(
    schools: Iterable[School],
    *,
    closed: Mapping[str, date],
    first_told: Mapping[str, datetime],
    last: date,
) -> dict[str, date]:
    """Return the first day that each school has yet to close, where it is not after ``last``.

    A school at which nobody watches has none.
    """
    oldest = last - CATCH_UP_AT_MOST
    found = {}
    for school in schools:
        began = began_to_watch(school, first_told)
        if began is None:
            continue
        known = closed.get(school.id)
        day = local_date(began) if known is None else known + timedelta(days=1)
        if day <= last:
            found[school.id] = max(day, oldest)
    return found


def next_batch(
    schools: Sequence[School], open_from: Mapping[str, date], size: int
) -> tuple[date, tuple[School, ...]] | None:
    """Return the oldest day to close and at most ``size`` of its schools; None: nothing is due."""
    day = min(open_from.values(), default=None)
    if day is None:
        return None
    return day, tuple(s for s in schools if open_from.get(s.id) == day)[:size]


@dataclass(slots=True)
class Rest:
    """Which marks have come to rest: an agent that replays weeks touches a day many times.

    A mark rests when it was not touched for ``QUIET_FOR``; one that never rests is taken after
    ``PATIENCE``. What is remembered is bounded by the marks that are there.
    """

    _seen: dict[tuple[str, date], tuple[int, datetime, datetime]] = field(default_factory=dict)

    def resting(self, marks: Collection[LateMark], now: datetime) -> list[LateMark]:
        """Return those of the present ``marks`` that are to be taken now."""
        seen = {}
        for mark in marks:
            key = (mark.agent, mark.day)
            touches, since, first = self._seen.get(key, (-1, now, now))
            if touches != mark.touches or since > now:
                since = now
            seen[key] = (mark.touches, since, min(first, now))
        self._seen = seen
        return [m for m in marks if self._rests(seen[m.agent, m.day], now)]

    @staticmethod
    def _rests(known: tuple[int, datetime, datetime], now: datetime) -> bool:
        _, since, first = known
        return now - since >= QUIET_FOR or now - first >= PATIENCE


def days_touched(
    marks: Iterable[LateMark], schools_of: Mapping[str, Collection[str]]
) -> dict[date, dict[str, set[str]]]:
    """Return by day and school the agents whose history arrived."""
    found: dict[date, dict[str, set[str]]] = {}
    for mark in marks:
        for school in schools_of.get(mark.agent, ()):
            found.setdefault(mark.day, {}).setdefault(school, set()).add(mark.agent)
    return found


def reach_of_unsure(
    marks: Collection[LateMark], boots: Iterable[BootClock], *, today: date
) -> list[LateMark]:
    """Return further days to count again: all that an unsure boot claims, if a mark meets it.

    Days to come are not closed, and those before ``LOOK_BACK`` no more: a clock may claim ages.

    A boot whose clock was never measured is believed until something contradicts it, then none of
    its days counts: one late report can change days that it does not speak of.
    """
    marked: dict[str, set[date]] = {}
    for mark in marks:
        marked.setdefault(mark.agent, set()).add(mark.day)
    found: set[tuple[str, date]] = set()
    for boot in boots:
        if boot.measured or boot.last_ms <= 0:
            continue
        days = _days_of(boot, today)
        if not days.isdisjoint(marked.get(boot.agent, ())):
            found |= {(boot.agent, day) for day in days - marked[boot.agent]}
    return [LateMark(agent=agent, day=day, touches=0) for agent, day in sorted(found)]


def _days_of(boot: BootClock, today: date) -> set[date]:
    first, last = (local_date(moment_of(ms)) for ms in (boot.zero_ms, boot.end_ms))
    first, last = max(first, today - LOOK_BACK), min(last, today)
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def schools_by_agent(register: Register) -> dict[str, set[str]]:
    """Return which schools' figures an agent can change: its own, and those of cameras it sees.

    What it ever saw counts: history may come after an agent or a camera has gone elsewhere.
    """
    found: dict[str, set[str]] = {}
    for school in register.schools.values():
        own = {piece.value.id for agent in school.agents for piece in agent}
        eyes = (s for camera in school.cameras for piece in camera for s in piece.value.sources)
        for agent in own | {eye.agent for eye in eyes}:
            found.setdefault(agent, set()).add(school.id)
    return found


def schools_between(
    register: Register, names: Iterable[str], first: date, last: date
) -> list[School]:
    """Return those that existed between two days, as last seen, with all agents they ever had."""
    found = []
    for name in names:
        epochs = register.school_epochs(name, first, last)
        if epochs:
            agents = agents_ever(register.schools[name])
            found.append(replace(epochs[-1].value, agents=agents))
    return found


@dataclass(slots=True)
class Awake:
    """Since when this program has run without a stop, as far as it can tell from the clock.

    A process that was stopped, a machine that was suspended and a clock that was set all look the
    same: time has passed in which nobody was heard.
    """

    since: datetime | None = None
    _last: datetime | None = None

    def note(self, now: datetime) -> None:
        """Take in that the program runs; called at every turn of its loop."""
        if self._last is None or abs(now - self._last) > STOPPED_FOR:
            self.since = now
        self._last = now


def heard_since(listening: datetime | None, awake: datetime | None) -> datetime | None:
    """Return since when agents could be heard without a break; None: they can't be now."""
    return listening if listening is None or awake is None else max(listening, awake)


def settled(now: datetime, listening_since: datetime | None, wait: timedelta) -> bool:
    """Tell whether this server has heard its agents for long enough to say what was yesterday."""
    return listening_since is not None and now - listening_since >= wait
