"""Any worlds, drawn by hypothesis for the oracle: what agents tell around a window."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.pure.server.oracle import GOODNESS, LONG, Counted, Seg, Told, World
from wire.vocabulary import State

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
