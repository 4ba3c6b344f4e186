"""Guards as programs see them: what is written of them, and whether enough were there.

Days are local dates, times of day ``HH:MM`` (past 24:00: on the next day), weekdays count from
Monday 0. ``revision``: what a change must name.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

import msgspec

from server.figuring.told_types import MetTold
from server.web.api.camera_types import Answer


class GuardsRowOut(Answer, frozen=True):
    """One school of the list. ``trained``: guards by how their training stands."""

    school: str
    name: str
    guards: int
    posts: int
    gates_without: int
    trained: Mapping[str, int]


class GuardsOut(Answer, frozen=True):
    """A page of the list; ``found`` schools in all, on ``pages`` pages."""

    found: int
    page: int
    pages: int
    schools: tuple[GuardsRowOut, ...]


class TrainedOut(Answer, frozen=True):
    """How a guard's training stands: valid, soon, expired, never, unset."""

    state: str
    last: date | None
    until: date | None
    certificate_missing: bool


class GuardOut(Answer, frozen=True):
    """A guard who is there. ``phone``: null for those who may not see it."""

    id: str
    code: str
    name: str
    phone: str | None
    since: date
    training: TrainedOut
    revision: int


class PostOut(Answer, frozen=True):
    """A post: one gate's shift. ``today``: ids of who has it today."""

    id: str
    gate: str
    name: str
    days: tuple[int, ...]
    start: str
    end: str
    school_days: bool
    first: date
    last: date | None
    today: tuple[str, ...]
    revision: int


class ShiftOut(Answer, frozen=True):
    """An entry of the roster: a guard has a post."""

    id: str
    post: str
    guard: str
    first: date
    last: date | None
    revision: int


class TrainingOut(Answer, frozen=True):
    """A training of a guard."""

    id: str
    guard: str
    day: date
    certificate: str
    valid_until: date | None
    revision: int


class SchoolGuardsOut(Answer, frozen=True):
    """Everything that is written of a school's guards."""

    school: str
    guards: tuple[GuardOut, ...]
    posts: tuple[PostOut, ...]
    roster: tuple[ShiftOut, ...]
    trainings: tuple[TrainingOut, ...]


class DutySpanOut(Answer, frozen=True):
    """Required time with too few guards, or of which nobody can tell."""

    start: datetime
    end: datetime
    met: str
    certain: int
    possible: int


class PlaceDutyOut(Answer, frozen=True):
    """One gate, or (``gate`` null) the school as a whole.

    ``basis``: by which number: gate, shift or pupils. ``need`` null: not set, never scored.
    ``seconds`` null: not scored. ``short``: the newest first, of ``short_count``.
    """

    gate: str | None
    basis: str
    need: int | None
    pupils: int | None
    has_posts: bool
    seconds: MetTold | None
    unset_days: tuple[date, ...]
    short: tuple[DutySpanOut, ...]
    short_count: int


class DutyOut(Answer, frozen=True):
    """Whether enough guards were there from ``first`` to ``last``, as far as that is over."""

    school: str
    first: date
    last: date
    places: tuple[PlaceDutyOut, ...]


class Written(Answer, frozen=True):
    """What was written: its id."""

    id: str


class GuardIn(Answer, frozen=True):
    """A new guard; ``first``: since when, today by default."""

    code: str
    name: str
    phone: str = ""
    first: date | None = None


class PostIn(Answer, frozen=True):
    """A new post; a shift that ends at or before its beginning ends on the next day."""

    gate: str
    name: str
    days: tuple[Annotated[int, msgspec.Meta(ge=0, le=6)], ...]
    start: str
    end: str
    school_days: bool = False
    first: date | None = None
    last: date | None = None


class ShiftIn(Answer, frozen=True):
    """A guard has a post from a day on."""

    post: str
    guard: str
    first: date
    last: date | None = None


class TrainingIn(Answer, frozen=True):
    """A guard was trained on a day."""

    guard: str
    day: date
    certificate: str = ""
    valid_until: date | None = None


class Seen(Answer, frozen=True):
    """The revision that was seen."""

    revision: int
