"""What papers are written from: plain values, gathered by ``gathering``, read by ``kinds``.

Everything that a paper says is in here, so a paper is a pure function of its facts and can be made
again. Names are as of the period's last day; causes come in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

from server.domain.period import SchoolPeriod, UnitPeriod
from server.domain.plan import Plan
from server.domain.points import MetSeconds
from server.domain.uptime import Availability
from server.reports.document import Block, Share

Told = Callable[[float], None]
"""Is told how far some work is, from 0 to 1."""

LEAST_S: Final = 60 * 60
"""From so many seconds of required time on something that broke is a fault, and not a blink: the
product's default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who issues the paper.

    Attributes:
        name: As in running text, e.g. "Trường THCS Thanh Trì".
        issuer: The same as a letterhead breaks it, over several lines.
        superior: The body above it, for the letterhead; None: none is known.
        to: To whom its reports go, in running text; None: not known.
        code: Its letters in the paper's number, e.g. ``UBND``.
        place: Where it is, for the date line.
        on_behalf: In whose name its head signs (``TM. Ủy ban nhân dân``); None: in his own.
        post: The head's post.
    """

    name: str
    issuer: str
    superior: str | None
    to: str | None
    code: str
    place: str
    on_behalf: str | None
    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days reported on, both included, and what they are called ("năm học 2026-2027").

    ``weeks``: weeks of real teaching as the authority sets them; None: it sets none. ``year``: the
    school year's id, where it is one.
    """

    name: str
    first: date
    last: date
    weeks: int | None = None
    year: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A camera that was down or spoilt.

    Attributes:
        since: Since which day.
        reported: When somebody took note; None: nobody did in the system.
        repaired: When it watched again; None: it does not yet.
        days: Days from ``since`` to its end, or to the report's last day; a part of one is one.
        seconds: How long it was so within required time.
        by: Who repaired it; None: not written down.
        note: What else is written down of it (warranty, what was done).
    """

    school: str
    camera: str
    zone: str
    cause: str
    since: date
    reported: date | None = None
    repaired: date | None = None
    days: int
    seconds: int
    by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that is missing, and what it takes.

    Attributes:
        what: What to do, e.g. "Lắp mới 1 camera".
        count: How many cameras.
        gain: Required seconds of the period that it would have saved at most.
        dong: What it costs in VND; None: no price is set.
        money: Where the money comes from, in words; None: not said.
    """

    school: str
    zone: str
    what: str
    count: int
    gain: int
    dong: int | None = None
    money: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNote:
    """A version of the plan that the figures were counted under, and since when it is in force.

    ``confirmed``: by whom and when; None: no second person has confirmed it.
    """

    version: str
    since: date | None
    confirmed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that one paper is written from.

    Attributes:
        author: Who issues it, ``day``: on which day.
        subject: Whom it is about, in running text (a unit or a school).
        plan: The plan as of the last day; None: none was in force.
        versions: Every version that figures were counted under, oldest first.
        faults: By the day on which they began; ``fault_after_s``: the least that is one.
        needs: What would help soonest first.
        words: Causes in words, by cause.
        years: Earlier periods beside this one, oldest first, this one included; for summaries.
        unknown_years: School years of a summary that no version of the plan knows.
        told: What other parts of the system have to say, by chapter (``guards``, ``inspections``,
            ``evaluation``); a chapter that nobody fills is a blank.
        as_of: The last day of which the store holds figures; None: all days.
    """

    author: Author
    day: date
    subject: str
    span: Span
    period: UnitPeriod
    plan: Plan | None
    versions: tuple[PlanNote, ...] = ()
    faults: tuple[Fault, ...] = ()
    fault_after_s: int = LEAST_S
    needs: tuple[Need, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    years: tuple[tuple[Span, UnitPeriod], ...] = ()
    unknown_years: tuple[str, ...] = ()
    told: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    as_of: date | None = None

    @property
    def one_school(self) -> bool:
        """Whether it is about one school alone."""
        return self.period.unit is None and len({s.school.id for s in self.period.schools}) == 1


def met_share(seconds: MetSeconds) -> Share | None:
    """Return the share of required time that was met; None where nothing was required."""
    return _share(seconds.low, seconds.high)


def up_share(uptime: Availability) -> Share | None:
    """Return the share of counted time that cameras watched; None where nothing counts."""
    return _share(uptime.low, uptime.high)


def _share(low: Fraction | None, high: Fraction | None) -> Share | None:
    return None if low is None or high is None else Share(low, high)


def from_worst(schools: Sequence[SchoolPeriod]) -> list[SchoolPeriod]:
    """Return the schools with required time, the least covered first; of equals by name."""
    shares = [(met_share(s.sums.seconds), s) for s in schools]
    ranked = [(share.low, share.high, s.school.name, s) for share, s in shares if share is not None]
    return [s for *_, s in sorted(ranked, key=lambda r: r[:3])]


def amended_sums(period: UnitPeriod) -> tuple[int, MetSeconds, MetSeconds]:
    """Return how many school days were amended, and their seconds as closed and as known."""
    days = [day for school in period.schools for day in school.amended]
    closed = sum((d.closed for d in days), MetSeconds())
    known = sum((d.known for d in days), MetSeconds())
    return len(days), closed, known
