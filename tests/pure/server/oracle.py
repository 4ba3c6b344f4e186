"""What was true, second by second: the rules of docs/time.md read aloud, slow on purpose.

Nothing of the centre is used here but the vocabulary. A ``World`` is what agents have told, each
thing once; ``word_on`` says what is known of one camera in one second of UTC. Local time is UTC+7
by plain arithmetic.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

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


# ------------------------------------------------------------------ any world

EDGES = [
    datetime(2026, 11, 23, 0, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 17, 0, tzinfo=UTC),  # New Year in Viet Nam
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 28, 17, 0, tzinfo=UTC),  # the leap day begins in Viet Nam
    datetime(2028, 2, 29, 17, 0, tzinfo=UTC),
    datetime(2026, 11, 22, 17, 0, tzinfo=UTC),  # Sunday turns into Monday
    datetime(2019, 12, 31, 23, 58, 30, tzinfo=UTC),  # what is earlier is nobody's
]
CAMERAS = ("c1", "c2")
CAUSES = {State.UP: None, State.DEGRADED: "z.worse.by.name", State.DOWN: "a.better.by.name"}


@st.composite
def worlds(draw: st.DrawFn, *, in_order: bool = False) -> World:
    """Any world; ``in_order``: a later segment never began before an earlier one of its camera."""
    edge = draw(st.sampled_from(EDGES))
    first = edge - timedelta(seconds=draw(st.integers(0, LONG)))
    boots: list[Told] = []
    for agent in ("a", "b"):
        for turn in range(draw(st.integers(0, 3))):
            former = [b for b in boots if b.agent == agent]
            own: st.SearchStrategy[Told] = _boots(
                first, agent, f"{agent}{turn}", former, in_order=in_order
            )
            boots.append(draw(own))
    return World(first=first, boots=tuple(draw(st.permutations(boots))))


@st.composite
def _boots(
    draw: st.DrawFn,
    first: datetime,
    agent: str,
    name: str,
    former: list[Told],
    *,
    in_order: bool,
) -> Told:
    offset = draw(st.sampled_from([None, None, 0, -1500, 2000, 2001, -45_000]))
    zero = int(first.timestamp()) * 1000 + draw(st.integers(-60_000, LONG * 1000))
    if draw(st.booleans()) and former:  # goes on where the one before it ended, or just before
        back = draw(st.sampled_from([0, 0, 20_000, 50_000]))
        zero = former[-1].zero_ms + former[-1].last_ms - back
    corrected = offset if offset is not None and abs(offset) > 2000 else 0
    segments = [
        s for c in CAMERAS for s in draw(st.one_of(_honest(c), _wild(c, in_order=in_order)))
    ]
    order = draw(st.permutations(range(1, len(segments) + 1)))
    numbered = _numbered(segments, order)
    until = draw(st.none() | st.integers(0, LONG * 1000))
    held = draw(st.dictionaries(st.sampled_from(CAMERAS), st.integers(0, until or 0), max_size=2))
    told = Told(
        agent=agent,
        boot=name,
        origin_ms=zero - corrected,
        offset_ms=offset,
        segments=tuple(numbered),
        until_ms=until,
        held=held if until is not None else {},
    )
    late = draw(st.sampled_from([0, 500, 60_000, -59_000, -61_000, -200_000, 401 * 86_400_000]))
    return _received(told, told.zero_ms + told.last_ms + late) if draw(st.booleans()) else told


def _received(told: Told, received_ms: int) -> Told:
    return Told(**{**vars(told), "received_ms": max(0, received_ms)})


Piece = tuple[str, State, int, int | None]


@st.composite
def _honest(draw: st.DrawFn, camera: str) -> list[Piece]:
    """As a sound agent tells: one after another, without a hole, the last one open."""
    edges = sorted(draw(st.lists(st.integers(0, LONG * 1000), min_size=1, max_size=5)))
    ends: list[int | None] = [*edges[1:], None]
    if draw(st.booleans()):
        ends[-1] = edges[-1] + draw(st.integers(0, 90_000))
    return [
        (camera, draw(st.sampled_from(GOODNESS)), start, end)
        for start, end in zip(edges, ends, strict=True)
    ]


@st.composite
def _wild(draw: st.DrawFn, camera: str, *, in_order: bool) -> list[Piece]:
    """Anything: overlapping, empty, several open at once, starts out of order or not."""
    found: list[Piece] = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, LONG * 1000))
        end = draw(st.none() | st.integers(start, start + 120_000))
        found.append((camera, draw(st.sampled_from(GOODNESS)), start, end))
    return sorted(found, key=lambda piece: piece[2]) if in_order else found


def _numbered(pieces: list[Piece], order: Sequence[int]) -> Iterator[Seg]:
    """Number a boot's segments: of one camera they rise as they stand."""
    left = {c: sorted(n for n, p in zip(order, pieces, strict=True) if p[0] == c) for c in CAMERAS}
    for camera, state, start, end in pieces:
        yield Seg(
            number=left[camera].pop(0),
            camera=camera,
            state=state,
            start_ms=start,
            end_ms=end,
            cause=CAUSES[state],
        )


@st.composite
def counted_times(draw: st.DrawFn) -> Counted:
    edges = sorted(draw(st.sets(st.integers(0, 24 * 60), min_size=2, max_size=4)))
    edges = edges[: len(edges) // 2 * 2]
    if draw(st.booleans()):  # up to midnight and from it
        edges = [0, max(1, edges[0]), min(max(edges[-1], edges[0] + 1, 2), 1439), 1440]
    spans = tuple(zip(edges[::2], edges[1::2], strict=True))
    starts = draw(st.lists(st.tuples(st.integers(-30, LONG), st.integers(1, 90)), max_size=3))
    days = draw(st.none() | st.sets(st.integers(0, 6), min_size=1))
    return Counted(
        days=None if days is None else tuple(sorted(days)),
        minutes=spans,
        maintenance=tuple((start, start + length) for start, length in starts),
    )
