"""Scripted days: what truly happens, and by hand what people are to be told of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from server.domain.calendar import local_moment
from server.domain.incident.model import Incident, Kind
from server.domain.paging.people import Occasion
from tests.alerts.centre import Play, Played
from tests.alerts.post import Sent
from tests.alerts.town import Town, town
from tests.alerts.truth import Cut, Ill, Off, Truth

TUESDAY: Final = date(2026, 11, 24)
LOST: Final = "network.timeout"
COVERED: Final = "picture.covered"
GATE_S, CAMERA_S, AGENT_S, COVERED_S = 45, 90, 90, 60
"""The limits from truth to message."""
_OVER_S: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One message to one receiver, between two moments; ``true_at``: since when it is true.

    ``roots``: what it may name, the right one first. ``may``: it may also stay away.
    """

    occasion: Occasion
    roots: tuple[tuple[Kind, str], ...]
    receiver: str
    true_at: datetime
    first: datetime
    last: datetime
    may: bool = False

    @property
    def is_urgent(self) -> bool:
        """Whether it must be told at once, within a limit of its class."""
        at_once = self.occasion is Occasion.OPENED and self.first == self.true_at
        return at_once and self.last - self.first <= timedelta(seconds=AGENT_S)

    def fits(self, sent: Sent) -> bool:
        """Tell whether a message is this one, at whatever time it came."""
        named = (Kind.CENTRE, "") if sent.incident is None else _root(sent.incident)
        return (
            self.occasion is sent.occasion
            and self.receiver == sent.receiver
            and named in self.roots
        )

    @property
    def in_words(self) -> str:
        """What was asked for, for people."""
        kind, root = self.roots[0]
        when = f"{_clock(self.first)} to {_clock(self.last)}"
        return f"{self.occasion} {kind} {root} to {self.receiver}, {when}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Expected against sent. ``delays``: seconds from truth to the first message, by class."""

    expected: int
    sent: int
    missed: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    duplicate: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    delays: tuple[tuple[str, float], ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether all that was expected was sent, in time, and nothing else."""
        return not (self.missed or self.false or self.duplicate or self.late)


@dataclass(slots=True)
class Day:
    """A day being written. Times are local: ``8:05``, ``8:05:30``, ``2 6:30`` on the second day."""

    first: date = TUESDAY
    days: int = 1
    schools: int = 12
    two_agents: frozenset[str] = frozenset({"s2"})
    town: Town = field(init=False)
    truth: Truth = field(init=False)
    play: Play = field(init=False)
    expected: list[Expected] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.town = town(self.schools, two_agents=self.two_agents)
        self.truth = Truth(start=self.t("0:00"), end=self.t(f"{self.days + 1} 0:00"))
        self.play = Play(truth=self.truth, town=self.town)

    def t(self, text: str) -> datetime:
        """Return a local time of the story."""
        day, _, clock = text.rpartition(" ")
        hours, minutes, seconds = (*map(int, clock.split(":")), 0)[:3]
        start = local_moment(self.first + timedelta(days=int(day or 1) - 1), hours * 60 + minutes)
        return start + timedelta(seconds=seconds)

    def ill(
        self,
        cameras: str | Iterable[str],
        start: str,
        end: str = "99 0:00",
        *,
        cause: str = LOST,
        detect_s: float | None = None,
    ) -> None:
        """Cameras are in trouble from ``start`` up to ``end``."""
        for camera in [cameras] if isinstance(cameras, str) else cameras:
            unseen_s = self.town.unseen_s.get(camera, 0)
            spell = Ill(self.t(start), self.t(end), cause, detect_s, unseen_s)
            self.truth.ills[camera].append(spell)

    def off(
        self, agents: str | Iterable[str], start: str, end: str = "99 0:00", *, how: Cut = Cut.POWER
    ) -> None:
        """Gate PCs are not heard from ``start`` up to ``end``."""
        for agent in [agents] if isinstance(agents, str) else agents:
            self.truth.offs[agent].append(Off(self.t(start), self.t(end), how))

    def told(
        self,
        kind: Kind,
        root: str,
        since: str,
        within_s: float,
        *,
        at: str | None = None,
        over: str | None = None,
        over_s: float = _OVER_S,
        to: Iterable[str] | None = None,
        occasion: Occasion = Occasion.OPENED,
        also: Iterable[tuple[Kind, str]] = (),
        may: bool = False,
    ) -> None:
        """Expect to be told of what is true ``since``, within so many seconds of that.

        ``at``: not before then, and within so many seconds of then (what had to wait for a
        morning). ``over``: when it truly ends, of which the same people hear within ``over_s``.
        ``also``: other names that it may have, because nobody could know better so soon.
        """
        roots = ((kind, root), *also)
        spans = [(occasion, self.t(since), self.t(at or since), within_s)]
        if over is not None:
            spans.append((Occasion.RECOVERED, self.t(over), self.t(over), over_s))
        for receiver in _usual(root) if to is None else to:
            for what, true_at, first, length_s in spans:
                asked = Expected(
                    occasion=what,
                    roots=roots,
                    receiver=receiver,
                    true_at=true_at,
                    first=first,
                    last=first + timedelta(seconds=length_s),
                    may=may,
                )
                self.expected.append(asked)

    def judged(self, played: Played) -> Verdict:
        """Hold what was sent against what was expected."""
        waiting, had = list(self.expected), set[Expected]()
        sent = list(flat(played.sent))
        wrong: dict[str, list[str]] = {"false": [], "duplicate": [], "late": []}
        delays: list[tuple[str, float]] = []
        for one in sent:
            fitting = [asked for asked in waiting if asked.fits(one)]
            if not fitting:
                again = any(asked.fits(one) for asked in had)
                wrong["duplicate" if again else "false"].append(in_words(one))
                continue
            timely = [asked for asked in fitting if asked.first <= one.at <= asked.last]
            asked = (timely or fitting)[0]
            waiting.remove(asked)
            had.add(asked)
            if not timely:
                wrong["late"].append(f"{in_words(one)}, asked {asked.in_words}")
            if asked.is_urgent:
                delays.append((class_of(asked), (one.at - asked.true_at).total_seconds()))
        return Verdict(
            expected=sum(not asked.may for asked in self.expected),
            sent=len(sent),
            missed=tuple(asked.in_words for asked in waiting if not asked.may),
            false=tuple(wrong["false"]),
            duplicate=tuple(wrong["duplicate"]),
            late=tuple(wrong["late"]),
            delays=tuple(delays),
        )


Script = Callable[[Day], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """A day of the collection. ``name`` begins with the group of complaints that it answers."""

    name: str
    make: Callable[[], Day]
    script: Script

    def written(self) -> Day:
        """Return the day as it is written."""
        day = self.make()
        self.script(day)
        return day


DAYS: Final[dict[str, Scripted]] = {}


def day(
    name: str,
    *,
    first: date = TUESDAY,
    days: int = 1,
    schools: int = 12,
    two_agents: frozenset[str] = frozenset({"s2"}),
) -> Callable[[Script], Script]:
    """Put a script into the collection."""

    def put(script: Script) -> Script:
        assert name not in DAYS, name
        DAYS[name] = Scripted(
            name=name, make=lambda: Day(first, days, schools, two_agents), script=script
        )
        return script

    return put


def flat(sent: Iterable[Sent]) -> Iterable[Sent]:
    """Yield messages; of a digest what it tells."""
    for one in sent:
        yield from one.several or (one,)


def class_of(asked: Expected) -> str:
    """Return the class of a trouble for limits: by its kind, and a gate's cameras apart."""
    kind, root = asked.roots[0]
    if kind in {Kind.CAMERA, Kind.PICTURE} and root.rpartition(".")[2] in {"1", "2"}:
        return f"{kind} at a gate"
    return str(kind)


def _usual(root: str) -> tuple[str, ...]:
    """Return who hears of a root: who has the turn, and the headmaster of its school."""
    kind, _, name = root.partition(":")
    if kind in {"line", "centre", "channel"}:
        return ("an",)
    school = name.partition(".")[0].partition("-")[0].partition("/")[0]
    return ("an", f"school:{school}/ht")


def _root(incident: Incident) -> tuple[Kind, str]:
    return (incident.kind, incident.root)


def _clock(moment: datetime) -> str:
    return f"{moment + timedelta(hours=7):%d. %H:%M:%S}"


def in_words(sent: Sent) -> str:
    """Return what was sent, for people."""
    root = "-" if sent.incident is None else " ".join(_root(sent.incident))
    return f"{sent.occasion} {root} to {sent.receiver} at {_clock(sent.at)}"
