"""What was true, second by second: the rules of docs/time.md read aloud, slow on purpose.

Nothing of the centre is used here but the vocabulary. A ``World`` is what agents have told, each
thing once; ``word_on`` says what is known of one camera in one second of UTC. Local time is UTC+7
by plain arithmetic.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wire.vocabulary import State

GOODNESS = [State.UP, State.DEGRADED, State.DOWN]
LONG = 180
"""Worlds are that many seconds long, and boots reach beyond their edges."""

Word = tuple[State, str | None]
NOBODY: Word = (State.UNKNOWN, None)


@dataclass(frozen=True, kw_only=True)
class Seg:
    number: int
    camera: str
    state: State
    start_ms: int
    end_ms: int | None
    cause: str | None


@dataclass(frozen=True, kw_only=True)
class Told:
    """One boot, all told: its clock, its segments, and how far it vouches."""

    agent: str
    boot: str
    origin_ms: int
    offset_ms: int | None
    segments: tuple[Seg, ...]
    until_ms: int | None
    held: dict[str, int] = field(default_factory=dict)
    received_ms: int | None = None

    @property
    def zero_ms(self) -> int:
        small = self.offset_ms is None or abs(self.offset_ms) <= 2000
        return self.origin_ms if small else self.origin_ms + self.offset_ms  # type: ignore[operator] # small says

    @property
    def last_ms(self) -> int:
        ends = [s.start_ms if s.end_ms is None else s.end_ms for s in self.segments]
        return max([0, *ends, self.until_ms or 0])

    def end_of(self, segment: Seg) -> int:
        """Where a segment ends as far as is known, on the boot's axis."""
        if segment.end_ms is not None:
            return segment.end_ms
        if self.until_ms is None:
            return segment.start_ms
        return self.held.get(segment.camera, self.until_ms)

    def second_of(self, ms: int) -> int:
        return (self.zero_ms + ms) // 1000


@dataclass(frozen=True, kw_only=True)
class World:
    first: datetime
    boots: tuple[Told, ...]

    @property
    def start_s(self) -> int:
        return int(self.first.timestamp())


def contradicts(one: Told, other: Told) -> bool:
    """They share over a minute, and over what a clock drifts in the time that they ran."""
    start = max(one.zero_ms, other.zero_ms)
    return one.agent == other.agent and all(
        b.zero_ms + b.last_ms - 60_000 - b.last_ms // 10_000 > start for b in (one, other)
    )


def is_wrong_alone(boot: Told) -> bool:
    if boot.offset_ms is not None:
        return False
    ancient = boot.zero_ms < datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000
    if ancient or boot.received_ms is None:
        return ancient
    late_ms = boot.received_ms - (boot.zero_ms + boot.last_ms)
    return not -60_000 <= late_ms <= 400 * 86_400_000


def suspects(world: World) -> set[str]:
    alone = {b.boot for b in world.boots if is_wrong_alone(b)}
    rest = [b for b in world.boots if b.boot not in alone]
    return alone | {
        b.boot
        for b in rest
        if b.offset_ms is None and any(o is not b and contradicts(b, o) for o in rest)
    }


@dataclass(frozen=True)
class Line:
    """A segment in whole seconds of UTC, rounded down."""

    number: int
    start: int
    end: int
    word: Word


def lines_of(boot: Told, camera: str) -> list[Line]:
    return [
        Line(
            s.number,
            boot.second_of(s.start_ms),
            boot.second_of(boot.end_of(s)),
            (s.state, s.cause),
        )
        for s in boot.segments
        if s.camera == camera
    ]


def word_of_boot(lines: Sequence[Line], second: int) -> Word | None:
    """The word of the segment that covers the second, unless a later one has begun by then."""
    begun = max((x.number for x in lines if x.start <= second), default=0)
    for x in lines:
        if x.start <= second < x.end and x.number >= begun:
            return x.word
    return None


def better(words: Sequence[Word]) -> Word | None:
    return min(words, key=lambda w: (GOODNESS.index(w[0]), w[1] or ""), default=None)


def word_of_agent(boots: Sequence[tuple[bool, list[Line]]], second: int) -> Word | None:
    """Its measured boots know better than the others; of equals the better state counts."""
    for wanted in (True, False):
        spoken = (word_of_boot(lines, second) for measured, lines in boots if measured is wanted)
        word = better([w for w in spoken if w is not None])
        if word is not None:
            return word
    return None


def words(world: World, camera: str, agents: Sequence[str]) -> list[Word]:
    """What is known of each second of the world; ``agents`` are the camera's eyes."""
    wrong = suspects(world)
    eyes = [
        [
            (b.offset_ms is not None, lines_of(b, camera))
            for b in world.boots
            if b.agent == agent and b.boot not in wrong
        ]
        for agent in agents
    ]
    found = []
    for second in range(world.start_s, world.start_s + LONG):
        spoken = [w for own in eyes if (w := word_of_agent(own, second)) is not None]
        found.append(better(spoken) or NOBODY)
    return found


# ------------------------------------------------------------------ which seconds count


@dataclass(frozen=True, kw_only=True)
class Counted:
    """School hours (None: always) as weekdays and minutes of the day, and maintenance."""

    days: tuple[int, ...] | None
    minutes: tuple[tuple[int, int], ...]
    maintenance: tuple[tuple[int, int], ...]
    """Pairs of seconds from the world's start, the second one excluded."""

    def counts(self, world: World, second: int) -> bool:
        local = local_of(world.start_s + second)
        minute = local.hour * 60 + local.minute
        open_now = self.days is None or (
            local.weekday() in self.days and any(a <= minute < b for a, b in self.minutes)
        )
        return open_now and not any(a <= second < b for a, b in self.maintenance)


def local_of(second: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=second, hours=7)  # noqa: DTZ001 (plain arithmetic)


def sums(world: World, known: Sequence[Word], counted: Counted) -> dict[str, Counter[str]]:
    """Seconds by local day (as ISO text) and by state or ``excluded``."""
    days: dict[str, Counter[str]] = {}
    for second, (state, _) in enumerate(known):
        day = days.setdefault(local_of(world.start_s + second).date().isoformat(), Counter())
        day[state.value if counted.counts(world, second) else "excluded"] += 1
    return days


def met(need: int, known: Sequence[Sequence[Word]], second: int) -> str:
    """Whether a place with these cameras had the number that it needs."""
    states = [camera[second][0] for camera in known]
    if states.count(State.UP) >= need:
        return "met"
    at_best = states.count(State.UP) + states.count(State.UNKNOWN)
    return "cannot_tell" if at_best >= need else "not_met"
