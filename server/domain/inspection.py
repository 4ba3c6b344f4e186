"""An inspection of a school's cameras: planned, filled in on the spot, confirmed, closed. Pure.

``Paper`` is what people fill in, ``Known`` what the system knew when the visit began. A paper that
both sides have confirmed never changes: ``Correct`` makes a further one that says so, and both
confirm again; the former stays in the record's revisions. What becomes of a finding afterwards
(``Turn``) is no part of the paper: it is added beside it and never taken away.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from server.domain.calendar import local_date
from server.domain.known import Known


class Step(StrEnum):
    """How far a visit is."""

    DRAFT = "draft"
    FILLED = "filled"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


class Side(StrEnum):
    """Who confirms: both must."""

    INSPECTOR = "inspector"
    SCHOOL = "school"


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    SERIOUS = "serious"
    MODERATE = "moderate"
    SLIGHT = "slight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the inspecting team, or who received it at the school."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A side's confirmation on the spot."""

    name: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraCheck:
    """What was seen of one camera at the school; None: not looked at."""

    camera: str
    works: bool | None = None
    picture: bool | None = None
    clock: bool | None = None
    recorded_days: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCheck:
    """Whether a zone is covered as it is meant, as seen at the school."""

    zone: str
    covered: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that has to be put right.

    Attributes:
        id: Its own within the visit.
        camera, zone: Where; both None: the school as a whole.
        deadline: By when; None: none was set, so it is never late.
        acts: Who puts it right.
        healthy_days: It closes itself after so many days on which the camera watched; None: by
            hand alone.
        photos: SHA-256 of each.
    """

    id: str
    what: str
    camera: str | None = None
    zone: str | None = None
    severity: Severity = Severity.MODERATE
    deadline: date | None = None
    acts: str = ""
    healthy_days: int | None = None
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What is filled in. ``began`` and ``ended``: local clock times, ``HH:MM``, or empty."""

    team: tuple[Member, ...] = ()
    received_by: tuple[Member, ...] = ()
    began: str = ""
    ended: str = ""
    cameras: tuple[CameraCheck, ...] = ()
    zones: tuple[ZoneCheck, ...] = ()
    findings: tuple[Finding, ...] = ()
    conclusion: str = ""
    school_words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A finding was closed or opened again. ``day``: when that became true; ``by`` None: itself."""

    finding: str
    closed: bool
    day: date
    by: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The paper that follows is a further one: who wanted it, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One inspection.

    Attributes:
        planned: The local day of the visit.
        change: The name that the phone gave to the change it sent last; a repeat is known by it.
    """

    school: str
    planned: date
    step: Step = Step.DRAFT
    known: Known | None = None
    paper: Paper = Paper()
    signed: Mapping[Side, Signed] | None = None
    turns: tuple[Turn, ...] = ()
    corrections: tuple[Correction, ...] = ()
    change: str = ""

    def signature(self, side: Side) -> Signed | None:
        """Return a side's confirmation."""
        return (self.signed or {}).get(side)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Findings that nobody has closed, or that were opened again."""
        closed = {turn.finding: turn.closed for turn in self.turns}
        return tuple(f for f in self.paper.findings if not closed.get(f.id, False))

    def late_findings(self, today: date) -> tuple[Finding, ...]:
        """Open findings whose deadline has passed."""
        return tuple(f for f in self.open_findings if f.deadline and f.deadline < today)


@dataclass(frozen=True, slots=True)
class Begin:
    """The visit begins: the system says what it knows."""

    known: Known


@dataclass(frozen=True, slots=True)
class Fill:
    """The paper as it is now; ``done``: nothing more is to come before it is confirmed."""

    paper: Paper
    done: bool


@dataclass(frozen=True, slots=True)
class Confirm:
    """One side confirms the paper as it stands."""

    side: Side
    signed: Signed


@dataclass(frozen=True, slots=True)
class Correct:
    """The confirmed paper was wrong: a further one is begun."""

    correction: Correction


@dataclass(frozen=True, slots=True)
class Resolve:
    """A finding is closed or opened again. Raises ``WrongStepError`` where it is so already."""

    turn: Turn


Event = Begin | Fill | Confirm | Correct | Resolve


class WrongStepError(ValueError):
    """An event that can't happen to a visit at its step; nothing has changed."""


_WRITABLE = frozenset({Step.DRAFT, Step.FILLED})
_SETTLED = frozenset({Step.CONFIRMED, Step.CLOSED})


def step(visit: Visit, event: Event) -> Visit:
    """Return the visit after an event. Raises ``WrongStepError``."""
    match event:
        case Begin(known):
            _must(visit, {Step.DRAFT}, "has begun already")
            return replace(visit, known=known)
        case Fill(paper, done):
            _must(visit, _WRITABLE, "is confirmed: it can be corrected, not changed")
            return _filled(visit, paper, Step.FILLED if done else Step.DRAFT)
        case Confirm(side, signed):
            _must(visit, {Step.FILLED}, "is not ready to be confirmed")
            return _confirmed(visit, side, signed)
        case Correct(correction):
            _must(visit, _SETTLED, "is not confirmed: it can simply be changed")
            told = (*visit.corrections, correction)
            return replace(visit, step=Step.FILLED, signed=None, corrections=told)
        case Resolve(turn):
            _must(visit, _SETTLED, "is not confirmed yet")
            return _resolved(visit, turn)


def _must(visit: Visit, steps: Collection[Step], why: str) -> None:
    if visit.step not in steps:
        raise WrongStepError(f"the inspection ({visit.step}) {why}")


def _filled(visit: Visit, paper: Paper, to: Step) -> Visit:
    """Put a paper in; confirmations are of the paper that they were given to."""
    same = paper == visit.paper and to is visit.step
    return replace(visit, paper=paper, step=to, signed=visit.signed if same else None)


def _confirmed(visit: Visit, side: Side, signed: Signed) -> Visit:
    both = {**(visit.signed or {}), side: signed}
    after = replace(visit, signed=both)
    return _settled(after) if len(both) == len(Side) else after


def _resolved(visit: Visit, turn: Turn) -> Visit:
    if turn.finding not in {f.id for f in visit.paper.findings}:
        raise WrongStepError(f"there is no finding {turn.finding}")
    if turn.closed is (turn.finding not in {f.id for f in visit.open_findings}):
        raise WrongStepError(f"finding {turn.finding} is so already")
    return _settled(replace(visit, turns=(*visit.turns, turn)))


def _settled(visit: Visit) -> Visit:
    """Return a confirmed visit; it is closed once no finding is open."""
    return replace(visit, step=Step.CONFIRMED if visit.open_findings else Step.CLOSED)


def healed_on(days: Sequence[tuple[date, bool | None]], asked: int, *, after: date) -> date | None:
    """Return the day on which a camera had watched ``asked`` days in a row; None: not yet.

    ``days`` rise. Each says whether the camera watched as much as is asked; None: nothing was asked
    (a day off), which neither counts nor breaks the row. Days up to ``after`` do not count.
    """
    row = 0
    for day, watched in days:
        if day <= after or watched is None:
            continue
        row = row + 1 if watched else 0
        if row >= asked:
            return day
    return None


def healing_since(visit: Visit, finding: Finding) -> date:
    """Return the day after which healthy days count: confirmed, or last opened again."""
    opened = [t.day for t in visit.turns if t.finding == finding.id and not t.closed]
    signed = [local_date(s.at) for s in (visit.signed or {}).values()]
    return max([visit.planned, *opened, *signed])
