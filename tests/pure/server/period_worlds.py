"""Any world for the oracle of periods: a small province over some days, drawn by hypothesis."""

from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

from hypothesis import strategies as st

from tests.pure.server.period_oracle import (
    DEGRADED,
    DOWN,
    UP,
    CameraTold,
    OffTold,
    PeriodWorld,
    PlanTold,
    SchoolTold,
    SegTold,
    WorkTold,
    midnight,
)

T = TypeVar("T")

EVER, OPEN = date.min, date.max
STARTS = [
    date(2026, 12, 30),  # over New Year
    date(2028, 2, 27),  # over the leap day
    date(2026, 11, 20),  # over a weekend
    date(2027, 5, 29),  # the school year ends
    date(2026, 9, 4),  # it begins
]
CAUSES: dict[str, list[str | None]] = {
    UP: [None],
    DEGRADED: ["stream.lossy", "picture.blurred", "picture.covered"],
    DOWN: ["network.timeout", None],
}
WINDOWS = [
    ((0, 1),),
    ((420, 421),),
    ((1439, 1440),),
    ((0, 1), (420, 421)),
    ((419, 420), (421, 422)),
]
ZONE_KINDS = {"gate": "cong_truong", "yard": "san_truong", "shed": "nha_xe"}


def days_in(first: date, last: date) -> st.SearchStrategy[date]:
    return st.integers(0, (last - first).days).map(lambda n: first + timedelta(days=n))


def spans(first: date, last: date) -> st.SearchStrategy[tuple[date, date]]:
    pairs = st.tuples(days_in(first, last), days_in(first, last))
    return pairs.map(lambda pair: (min(pair), max(pair)))


def cut(
    draw: st.DrawFn, first: date, last: date, values: st.SearchStrategy[T], most: int
) -> list[tuple[T, date, date]]:
    """A story from ever to open, told anew on a few days."""
    turns = sorted(draw(st.sets(days_in(first, last), max_size=most)))
    begins = [EVER, *turns]
    ends = [*(turn - timedelta(days=1) for turn in turns), OPEN]
    return [(draw(values), a, b) for a, b in zip(begins, ends, strict=True)]


@st.composite
def period_worlds(draw: st.DrawFn) -> PeriodWorld:
    first = draw(st.sampled_from(STARTS))
    last = first + timedelta(days=draw(st.integers(0, 4)))
    schools = tuple(draw(_schools(n, first, last)) for n in range(draw(st.integers(1, 2))))
    return PeriodWorld(
        first=first,
        last=last,
        parents={
            "p": ((None, EVER, OPEN),),
            "x": (("p", EVER, OPEN),),
            "y": (("p", EVER, OPEN),),
            "x1": tuple(cut(draw, first, last, st.sampled_from(["x", "y"]), 1)),
        },
        schools=schools,
        plans=tuple(draw(_plans(first, last))),
        off=tuple(draw(st.lists(_offs(first, last), max_size=2, unique_by=_weight))),
        works=tuple(draw(st.lists(_works(first, last), max_size=2))),
        segs=tuple(s for one in schools for s in draw(_segs(one, first, last))),
        began=draw(_beginnings(first, last)),
    )


def _weight(off: OffTold) -> object:
    """Two entries of one weight differ by details that another test looks at."""
    return (off.schools is None, (off.last - off.first), off.kind, off.windows is None)


@st.composite
def _schools(draw: st.DrawFn, number: int, first: date, last: date) -> SchoolTold:
    own = f"s{number}"
    units = st.sampled_from(["x", "y", "x1"])
    zones = [
        (
            name,
            kind,
            *draw(st.sampled_from([(EVER, OPEN), (EVER, OPEN), (last, OPEN), (EVER, first)])),
        )
        for name, kind in ZONE_KINDS.items()
    ]
    cameras = []
    for n in range(draw(st.integers(0, 3))):
        told = cut(draw, first, last, st.sampled_from([*ZONE_KINDS, *ZONE_KINDS, None]), 2)
        exists = {name: (a, b) for name, _, a, b in zones}
        there = tuple(
            (z, max(a, exists[z][0]), min(b, exists[z][1]))
            for z, a, b in told
            if z is not None and a <= exists[z][1] and exists[z][0] <= b
        )
        agents = draw(st.sampled_from([(f"{own}-pc",), (f"{own}-pc", "other-pc")]))
        cameras.append(CameraTold(f"{own}c{n}", agents, there))
    return SchoolTold(
        id=own,
        kind="thcs",
        agents=(f"{own}-pc",),
        units=tuple(cut(draw, first, last, units, 1)),
        zones=tuple(zones),
        cameras=tuple(c for c in cameras if c.stands),
    )


@st.composite
def _plans(draw: st.DrawFn, first: date, last: date) -> list[PlanTold]:
    begins = sorted(draw(st.sets(days_in(first, last), max_size=2)))
    if draw(st.booleans()) or not begins:
        begins = [EVER, *begins]
    found = []
    for n, begin in enumerate(begins):
        ends = draw(st.sampled_from([OPEN, OPEN, OPEN, last - timedelta(days=1)]))
        found.append(draw(_plan(f"v{n}", begin, max(begin, ends), first, last)))
    return found


@st.composite
def _plan(
    draw: st.DrawFn, version: str, begin: date, end: date, first: date, last: date
) -> PlanTold:
    week = st.sampled_from([(0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4), (2,)])
    years = st.sampled_from([
        None,
        None,
        (),
        ((date(2026, 9, 5), date(2027, 5, 30)), (date(2027, 9, 5), date(2028, 5, 30))),
    ])  # fmt: skip
    hours = st.tuples(week, st.sampled_from(WINDOWS))
    need = st.sampled_from([1, 1, 1, 2, 2, None, False])
    return PlanTold(
        version=version,
        first=begin,
        last=end,
        needs={kind: draw(need) for kind in ZONE_KINDS.values() if draw(st.integers(0, 4))},
        hours=draw(st.one_of(st.none(), hours, hours, hours)),
        years=draw(years),
        holidays=frozenset(draw(st.sets(days_in(first, last), max_size=1))),
        off=tuple(draw(st.lists(_offs(first, last), max_size=1))),
        counts=draw(st.sampled_from([frozenset[str](), frozenset({"stream.lossy"})])),
        percent=draw(st.sampled_from([None, 50, 99.5, 100])),
        always=draw(st.sampled_from([False, False, True])),
    )


@st.composite
def _offs(draw: st.DrawFn, first: date, last: date) -> OffTold:
    begin, end = draw(spans(first, last))
    return OffTold(
        first=begin,
        last=end,
        kind=draw(st.sampled_from(["holiday", "local", "exception"])),
        schools=draw(st.sampled_from([None, ("s0",), ("s1", "s9")])),
        windows=draw(st.none() | st.sampled_from(WINDOWS)),
    )


def moments(first: date, last: date) -> st.SearchStrategy[int]:
    """Seconds near a window of some day, mostly."""
    near = st.sampled_from([0, 60, 419 * 60, 420 * 60, 421 * 60, 422 * 60, 1439 * 60, 12 * 3600])
    return st.tuples(days_in(first, last), near, st.integers(-40, 40)).map(
        lambda drawn: midnight(drawn[0]) + drawn[1] + drawn[2]
    )


@st.composite
def _works(draw: st.DrawFn, first: date, last: date) -> WorkTold:
    edges = sorted(draw(st.tuples(moments(first, last), moments(first, last))))
    return WorkTold(
        start=edges[0],
        end=edges[1] + 1,
        schools=draw(st.sampled_from([None, ("s0",), ("s1",)])),
        zones=draw(st.sampled_from([None, ("gate",), ("yard", "shed")])),
    )


@st.composite
def _segs(draw: st.DrawFn, school: SchoolTold, first: date, last: date) -> list[SegTold]:
    found = []
    for camera in school.cameras:
        for agent in camera.agents:
            edges = draw(st.lists(moments(first, last), max_size=7, unique=True))
            before = draw(st.sampled_from([0, -100_000]))
            edges = sorted({*edges, midnight(first) + before, midnight(last) + 90_000})
            for start, end in pairwise(edges):
                state = draw(st.sampled_from([UP, UP, UP, DEGRADED, DOWN, ""]))
                if state:
                    cause = draw(st.sampled_from(CAUSES[state]))
                    found.append(SegTold(camera.id, agent, start, end, state, cause))
    return found


def _beginnings(first: date, last: date) -> st.SearchStrategy[dict[str, int]]:
    long_ago = st.just(midnight(first) - 5 * 86_400)
    some = st.one_of(long_ago, long_ago, moments(first, last))
    return st.dictionaries(st.sampled_from(["s0-pc", "s1-pc", "other-pc"]), some, max_size=3)
