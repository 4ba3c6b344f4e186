"""A made-up district's months, and whether what was sent is what its woes called for.

Of a woe that nothing else overlaps it is known when it must be told: within its limit if it begins
in required hours and lasts, at the next required time if it lasts until then. Of the others only
that they are told at all if they last, and not twice. Every message must have a woe.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from server.domain.calendar import local_moment
from server.domain.incident.model import Incident, Kind
from server.domain.paging.people import Occasion
from tests.alerts.centre import Play, Played
from tests.alerts.noise import Noise, Woe
from tests.alerts.post import Sent
from tests.alerts.script import AGENT_S, CAMERA_S, COVERED_S, GATE_S, flat, in_words
from tests.alerts.town import required_at, town
from tests.alerts.truth import Truth

AUTUMN: Final = date(2026, 9, 7)
_TELLING: Final = frozenset({Occasion.OPENED, Occasion.WORSENED, Occasion.UNSTABLE})
_NEAR: Final = timedelta(minutes=5)
_LOOSE: Final = timedelta(minutes=40)
_BRIEF: Final = timedelta(seconds=90)
_UNTOLD: Final = frozenset({"poor", "restart", "blip"})
"""What nobody is to be told of: it is over too soon, or only noted."""
_MORNING: Final = timedelta(minutes=31, seconds=15)
"""What began out of hours is told when they begin at 6:30 if it is urgent, else at 7:00;
a morning's burst becomes a digest within a minute."""
Spell = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """From when on, how long, and of what size."""

    first: date = AUTUMN
    days: int = 365
    schools: int = 100
    cameras: int = 10
    seed: int = 1


@dataclass(slots=True)
class Tally:
    """What was found; ``delays`` are seconds from truth to message of woes that were alone.

    ``strict``: woes that were alone and had to be told. ``excused``: not told, for something else
    befell the same place at that time. ``brief``: messages of what was over within 90 s.
    """

    woes: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    delays: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    late: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    duplicate: list[str] = field(default_factory=list)
    strict: int = 0
    excused: int = 0
    brief: int = 0
    weeks: float = 1
    looks: int = 0

    @property
    def is_good(self) -> bool:
        """Whether the limits of the issue hold."""
        return not self.missed and not self.duplicate and len(self.false) <= self.weeks


def lived(months: Months, progress: Callable[[datetime], None] | None = None) -> Tally:
    """Draw some months, play them and judge."""
    noise, played = drawn_and_played(months, progress)
    return Judge(noise.woes, noise.truth).judged(played)


def drawn_and_played(
    months: Months, progress: Callable[[datetime], None] | None = None
) -> tuple[Noise, Played]:
    """Draw some months and play them."""
    two = frozenset(f"s{n}" for n in range(2, months.schools + 1, 10))
    place = town(months.schools, cameras=months.cameras, two_agents=two)
    start = local_moment(months.first, 0)
    truth = Truth(start=start, end=start + timedelta(days=months.days))
    noise = Noise(place, truth, Random(months.seed))
    noise.draw()
    return noise, Play(truth=truth, town=place, seed=months.seed, progress=progress).run()


@dataclass(slots=True)
class Judge:
    """Holds messages against woes."""

    woes: list[Woe]
    truth: Truth
    _of: dict[str, list[Woe]] = field(default_factory=dict, init=False)
    _tally: Tally = field(default_factory=Tally, init=False)

    def judged(self, played: Played) -> Tally:
        """Return what came of all woes."""
        found: defaultdict[str, list[Woe]] = defaultdict(list)
        for woe in sorted(self.woes, key=lambda w: w.start):
            for subject in woe.subjects:
                found[subject].append(woe)
        self._of = dict(found)
        tally = self._tally
        tally.weeks = (self.truth.end - self.truth.start) / timedelta(days=7)
        tally.looks = played.looks
        told: dict[int, dict[str, list[Sent]]] = defaultdict(lambda: defaultdict(list))
        sent = [one for one in flat(played.sent) if one.incident is not None]
        for one in sent:
            tally.messages[one.occasion] += 1
            if one.occasion in _TELLING:
                self._attribute(one, told)
        self._judge_told(told)
        spoken = _spells(sent)
        for woe in self.woes:
            tally.woes[woe.what] += 1
            self._judge(woe, told.get(id(woe), {}), spoken)
        return tally

    def _attribute(self, sent: Sent, told: Mapping[int, Mapping[str, list[Sent]]]) -> None:
        """Give a message to the woe that it tells of; it is false if there is none."""
        assert sent.incident is not None
        causes = list(self._causes(sent.incident, sent.at))
        if not causes:
            self._tally.false.append(in_words(sent))
            return
        if all(woe.end - woe.start <= _BRIEF for woe in causes):
            self._tally.brief += 1
        for woe in causes:
            told[id(woe)][sent.receiver].append(sent)

    def _causes(self, incident: Incident, at: datetime) -> Iterable[Woe]:
        """Return the woes of a message: those that befell its members when it began, and lasted."""
        names = ["centre"] if incident.kind is Kind.CENTRE else [
            member.subject.id for member in incident.members
        ]  # fmt: skip
        found: dict[int, Woe] = {}
        for name in names:
            for woe in self._of.get(name, ()):
                if woe.start - _NEAR > at:
                    break
                over = woe.end + (_LOOSE if woe.flaps else timedelta(minutes=2))
                if woe.start <= at <= over + _NEAR and over >= incident.began_at:
                    found[id(woe)] = woe
        return found.values()

    def _judge_told(self, told: Mapping[int, Mapping[str, list[Sent]]]) -> None:
        """Find woes that somebody was told of twice, though nothing else befell."""
        by_id = {id(woe): woe for woe in self.woes}
        for name, by_receiver in told.items():
            woe = by_id[name]
            if woe.flaps or not self._is_alone(woe, timedelta(hours=1)):
                continue
            for messages in by_receiver.values():
                if len(messages) > 1:
                    self._tally.duplicate.append(
                        f"{woe.what}: {', '.join(map(in_words, messages))}"
                    )

    def _judge(
        self, woe: Woe, by_receiver: Mapping[str, list[Sent]], spoken: Mapping[str, list[Spell]]
    ) -> None:
        if woe.what in _UNTOLD or woe.flaps:
            return
        asked = self._asked(woe)
        if asked is None:
            return
        first, last = asked
        duty = [m.at for name, ms in by_receiver.items() if name in {"an", "binh"} for m in ms]
        if duty and self._is_alone(woe, timedelta(hours=1)):
            self._tally.strict += 1
            delay_s = (min(duty) - first).total_seconds()
            if woe.start == first:
                self._tally.delays[self._class(woe)].append(delay_s)
            if min(duty) > last:
                self._tally.late.append(f"{_words(woe)}: {delay_s:.0f} s")
        elif not duty and not self._is_covered(woe, first, last, spoken):
            self._tally.missed.append(_words(woe))

    def _asked(self, woe: Woe) -> tuple[datetime, datetime] | None:
        """Return from when on and until when it must be told; None: it need not be."""
        limit = timedelta(seconds=self._limit_s(woe))
        if woe.what in {"line", "centre"}:
            limit += timedelta(seconds=60)
        at = woe.start
        while at < woe.end:
            school = woe.school or "s1"
            if required_at(school, at) and required_at(school, at + limit):
                settled = at + limit + _NEAR
                return (at, at + limit) if settled <= min(woe.end, self.truth.end) else None
            at, limit = _next_opening(at), _MORNING
        return None

    def _limit_s(self, woe: Woe) -> float:
        return {"camera": CAMERA_S, "camera at a gate": GATE_S, "covered": COVERED_S,
                "covered at a gate": COVERED_S, "picture": COVERED_S,
                "group": CAMERA_S}.get(self._class(woe), AGENT_S)  # fmt: skip

    def _class(self, woe: Woe) -> str:
        name = next(iter(woe.subjects)).rpartition(".")[2]
        one = woe.what in {"camera", "covered"} and name in {"1", "2"}
        return f"{woe.what} at a gate" if one else woe.what

    def _is_alone(self, woe: Woe, apart: timedelta) -> bool:
        """Tell whether nothing else befell its subjects, its school or the centre about then."""
        names = {*woe.subjects, "centre"}
        if woe.school is not None:
            names |= {s for s in self._of if s.startswith((f"{woe.school}.", f"{woe.school}-"))}
        return not any(
            other is not woe and other.start - apart < woe.end and woe.start < other.end + apart
            for name in names
            for other in self._of.get(name, ())
        )

    def _is_covered(
        self, woe: Woe, first: datetime, last: datetime, spoken: Mapping[str, list[Spell]]
    ) -> bool:
        """Tell whether its subjects were part of what had been told, or were in other trouble.

        Other trouble: of their own, of their gate PCs or of the centre, about when it was due.
        """
        spells = (spell for name in woe.subjects for spell in spoken.get(name, ()))
        if any(start <= last + _NEAR and end >= first for start, end in spells):
            return True
        parents = {"centre", *woe.subjects, f"{woe.school}-a", f"{woe.school}-b"}
        others = (other for name in parents for other in self._of.get(name, ()))
        near = [o for o in others if o.start <= last + _NEAR and o.end >= first - _NEAR]
        excused = any(other is not woe for other in near)
        self._tally.excused += excused
        return excused


def _spells(sent: Iterable[Sent]) -> Mapping[str, list[Spell]]:
    """Return in which spells each subject was part of something that was told."""
    found: defaultdict[str, list[Spell]] = defaultdict(list)
    for one in sent:
        incident = one.incident
        if incident is not None and one.occasion in _TELLING:
            end = incident.closed_at or one.at + timedelta(days=30)
            for member in incident.members:
                found[member.subject.id].append((incident.began_at, end))
    return found


def _next_opening(at: datetime) -> datetime:
    """Return the next half past six, local time."""
    openings = [
        local_moment((at + timedelta(hours=7)).date() + timedelta(days=n), 390) for n in (0, 1)
    ]
    return openings[bisect_left(openings, at + timedelta(seconds=1))]


def _words(woe: Woe) -> str:
    names = sorted(woe.subjects)
    start, end = (f"{m + timedelta(hours=7):%Y-%m-%d %H:%M:%S}" for m in (woe.start, woe.end))
    return f"{woe.what} of {names[0]} ({len(names)}) {start} to {end}"
