"""Guards of a school: posts at its gates, the roster, training and when it runs out. Pure.

A *post* is one gate's shift: on these weekdays, from then to then. It says when somebody must be
there; how many must be there is the plan's (``duties.Guards``), and where the plan sets no number
nothing is scored. A guard is a code at the gate; name and phone stand only in their own record.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Final

from server.domain.calendar import MINUTES_PER_DAY, local_dates, local_day, local_moment
from server.domain.dated import Story, clipped
from server.domain.duties import Guards
from server.domain.interval import Interval
from server.domain.schoolyear import DayKind
from server.domain.units import School

SOON: Final = timedelta(days=30)
"""Training that runs out within so long is named as coming up; shown only."""
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One gate's shift. It may pass midnight: ``end_min`` up to twice 1440 and within 24 hours.

    Attributes:
        days: Weekdays on which it begins, Monday 0, rising.
        school_days: Only on days that are school days for this school.
        first, last: The days from and until when it holds, both included; None: open.

    Raises ``ValueError`` for a shift that is none.
    """

    school: str
    gate: str
    name: str
    days: tuple[int, ...]
    start_min: int
    end_min: int
    school_days: bool = False
    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        """Refuse shifts that are empty, too long or on no day."""
        if not self.days or sorted(set(self.days)) != list(self.days):
            raise ValueError(f"not rising weekdays: {self.days}")
        if not set(self.days) <= set(range(7)):
            raise ValueError(f"not weekdays from 0 to 6: {self.days}")
        if not 0 <= self.start_min < MINUTES_PER_DAY:
            raise ValueError(f"begins outside the day: {self.start_min}")
        if not self.start_min < self.end_min <= self.start_min + MINUTES_PER_DAY:
            raise ValueError(f"not a shift of up to 24 hours: {self.start_min}-{self.end_min}")

    def holds(self, day: date) -> bool:
        """Tell whether it is held on a local day, as far as its own rules go."""
        within = self.first <= day and (self.last is None or day <= self.last)
        return within and day.weekday() in self.days

    def on(self, day: date) -> Interval:
        """Return the time of the shift that begins on a local day."""
        return Interval(local_moment(day, self.start_min), local_moment(day, self.end_min))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rostered:
    """A guard (their record's id) has a post from one day to another, both included."""

    school: str
    post: str
    guard: str
    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """Shifts within a window, each for itself; ``unset``: days of which nobody says if they are."""

    spans: tuple[Interval, ...]
    unset: tuple[date, ...]


def shifts(
    posts: Iterable[Post], window: Interval, *, kind_of: Callable[[date], DayKind]
) -> Shifts:
    """Return when somebody must be there, cut to ``window``. ``kind_of``: the school's days."""
    spans, unset = [], set[date]()
    for post in posts:
        for day in _days(window):
            if not post.holds(day):
                continue
            cut = post.on(day).cut(window)
            kind = kind_of(day) if post.school_days else DayKind.SCHOOL
            if cut is None or kind is DayKind.OFF:
                continue
            if kind is DayKind.UNSET:
                unset.add(day)
            else:
                spans.append(cut)
    return Shifts(spans=tuple(sorted(spans)), unset=tuple(sorted(unset)))


def _days(window: Interval) -> Iterator[date]:
    """Yield the local days on which a shift that reaches into a window may begin."""
    days = list(local_dates(window))
    yield days[0] - timedelta(days=1)
    yield from days


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilsNeed:
    """How many guards a school's pupils ask for over a time; None: nobody said how many pupils."""

    interval: Interval
    pupils: int | None
    need: int | None


def pupils_needs(story: Story[School], per_guard: int, window: Interval) -> Iterator[PupilsNeed]:
    """Yield what is needed while one guard looks after at most ``per_guard`` pupils.

    ``story``: the school's own; time in which it did not exist asks for nobody.
    """
    days = list(local_dates(window))
    for piece in clipped(story, days[0], days[-1]):
        held = Interval(local_day(piece.first).start, local_day(piece.last).end).cut(window)
        pupils = piece.value.pupils
        if held is not None:
            need = None if pupils is None else ceil(Fraction(pupils, per_guard))
            yield PupilsNeed(interval=held, pupils=pupils, need=need)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A guard was trained on a day.

    Attributes:
        certificate: Its number; empty: none was given.
        valid_until: The last day that is printed on it; None: none is.
    """

    school: str
    guard: str
    day: date
    certificate: str = ""
    valid_until: date | None = None


class Trained(StrEnum):
    """How a guard's training stands."""

    VALID = "valid"
    SOON = "soon"
    EXPIRED = "expired"
    NEVER = "never"
    UNSET = "unset"
    """Trained, and nobody says for how long that is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """``until``: the last day on which the training is good; None: nobody says, or there is none.

    ``certificate_missing``: the plan asks for a certificate and the newest training gave none.
    """

    state: Trained
    last: Training | None = None
    until: date | None = None
    certificate_missing: bool = False


def training_state(guards: Guards, trainings: Iterable[Training], today: date) -> TrainingState:
    """Return how one guard's training stands, by what the plan asks."""
    done = [training for training in trainings if training.day <= today]
    if not done:
        return TrainingState(state=Trained.NEVER)
    last = max(done, key=lambda training: (training.day, training.certificate))
    until = good_until(guards, last)
    missing = bool(guards.certificate_required) and not last.certificate
    return TrainingState(
        state=_state(until, today), last=last, until=until, certificate_missing=missing
    )


def good_until(guards: Guards, training: Training) -> date | None:
    """Return the last day on which a training is good: the earliest that anybody names."""
    named = [training.valid_until] if training.valid_until else []
    if guards.training_every_months:
        named.append(_months_on(training.day, guards.training_every_months))
    if guards.certificate_months and training.certificate:
        named.append(_months_on(training.day, guards.certificate_months))
    return min(named, default=None)


def _state(until: date | None, today: date) -> Trained:
    if until is None:
        return Trained.UNSET
    if today > until:
        return Trained.EXPIRED
    return Trained.SOON if until - today <= SOON else Trained.VALID


def _months_on(day: date, months: int) -> date:
    index = day.year * _MONTHS + day.month - 1 + months
    year, month = index // _MONTHS, index % _MONTHS + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
