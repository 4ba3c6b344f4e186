"""What the database gives back of any reports, in any order, is what a look at every second says.

The worlds and the oracle are those of the pure tests; here they go the way of real reports: told in
pieces, open and later closed, shuffled, repeated, in several batches, a watermark before what it
waits for. Only of one camera the changes are numbered in the order in which they began, as agents
promise: a segment that is over before the window is looked up where it may cut one that is not.
"""

import asyncio
import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.interval import Interval, whole_second
from server.domain.timeline import build
from server.domain.units import Source
from server.storage import Intake, Store
from tests.pure.server.oracle import LONG, Seg, Told, Word, World, words
from tests.pure.server.worlds import worlds
from wire.messages import BootStory, Hold, Item, Segment, Watermark
from wire.vocabulary import State

UP = State.UP
EYES = {"c1": ("a", "b"), "c2": ("a",)}


class Bench:
    """A store with a loop of its own, so that hypothesis can use it over and over."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.store = self.runner.run(Store.open(f"sqlite:///{folder / 'v.db'}"))
        self.turns = itertools.count(1)

    def close(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    found = Bench(tmp_path_factory.mktemp("stored"))
    yield found
    found.close()


def uuid(turn: int, boot: str) -> str:
    return f"{ord(boot[0]):08x}-0000-4000-8000-{turn * 10 + int(boot[1:]):012x}"


def tellings(told: Told, boot: str, rng: random.Random) -> list[Item]:
    """A segment is told when it begins and when it ends, or only then."""
    found: list[Segment] = []
    for s in told.segments:
        if s.end_ms is None or rng.random() < 0.5:
            found.append(segment(s, boot, None))
        if s.end_ms is not None:
            found.append(segment(s, boot, s.end_ms))
    return [Item(seq=seq, segment=s) for seq, s in enumerate(found, 1)]


def segment(s: Seg, boot: str, end_ms: int | None) -> Segment:
    return Segment(
        boot=boot,
        number=s.number,
        camera=s.camera,
        state=s.state,
        start_ms=s.start_ms,
        end_ms=end_ms,
        cause=s.cause,
    )


def reports(told: Told, turn: int, rng: random.Random) -> list[Intake]:
    """All that an agent says of one boot, cut into reports; the offset may be told at last."""
    boot = uuid(turn, told.boot)
    items = tellings(told, boot, rng)
    marks: list[Watermark] = []
    if told.until_ms is not None:
        held = tuple(Hold(camera=c, last_good_ms=ms) for c, ms in told.held.items())
        whole = Watermark(boot=boot, until_ms=told.until_ms, after_seq=len(items), held=held)
        earlier = Watermark(boot=boot, until_ms=told.until_ms // 2, after_seq=len(items))
        marks = [earlier, whole]
    cuts = sorted(rng.choices(range(len(items) + 1), k=2))
    parts = [items[: cuts[0]], items[cuts[0] : cuts[1]], items[cuts[1] :]]
    later = max(told.zero_ms, 0) + told.last_ms + 3_600_000
    found = []
    for number, part in enumerate(parts):
        offset = told.offset_ms if number == 2 or rng.random() < 0.5 else None
        found.append(
            Intake(
                agent=f"{told.agent}{turn}",
                spool=boot,
                sent_utc_ms=told.origin_ms + number,
                received_utc_ms=later if told.received_ms is None else told.received_ms,
                boots=(BootStory(id=boot, origin_utc_ms=told.origin_ms, offset_ms=offset),),
                items=tuple(part),
                watermarks=tuple(marks[number - 1 : number]) if number else (),
            )
        )
    return found


async def stored(
    store: Store, world: World, turn: int, rng: random.Random
) -> dict[str, list[Word]]:
    """Send a world to the store in any way, and read its timelines."""
    said = [r for told in world.boots for r in reports(told, turn, rng)]
    said += rng.choices(said, k=3) if said else []
    rng.shuffle(said)
    while said:
        some = rng.randint(1, len(said))
        await store.commit(said[:some])
        del said[:some]
    window = Interval(world.first, world.first + timedelta(seconds=LONG))
    found = {}
    for camera, agents in EYES.items():
        claims = await store.claims([Source(f"{a}{turn}", camera) for a in agents], window)
        timeline = build([c for own in claims.values() for c in own], window)
        found[camera] = [(s.state, s.cause) for s in timeline for _ in range(s.interval.seconds)]
    return found


@given(worlds(in_order=True), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_read_back_is_what_was_told_second_by_second(
    bench: Bench, world: World, rng: random.Random
) -> None:
    found = bench.runner.run(stored(bench.store, world, next(bench.turns), rng))
    assert found == {camera: words(world, camera, agents) for camera, agents in EYES.items()}


# ------------------------------------------------------------------ clocks, by name

HOUR_MS = 3_600_000
T0_MS = 1_795_392_000_000


def lived(
    agent: str, boot: str, start_ms: int, ran_ms: int, *, offset_ms: int | None, state: State
) -> Intake:
    """An agent ran for so long by its own clock, and saw one state all the time."""
    segment = Segment(boot=boot, number=1, camera="c1", state=state, start_ms=0)
    return Intake(
        agent=agent,
        spool=boot,
        sent_utc_ms=start_ms + ran_ms,
        received_utc_ms=T0_MS + 24 * HOUR_MS,
        boots=(BootStory(id=boot, origin_utc_ms=start_ms, offset_ms=offset_ms),),
        items=(Item(seq=1, segment=segment),),
        watermarks=(Watermark(boot=boot, until_ms=ran_ms, after_seq=1),),
    )


async def shown(store: Store, agent: str) -> list[tuple[str, int]]:
    window = Interval(whole_second(T0_MS), whole_second(T0_MS + 5 * HOUR_MS))
    claims = await store.claims([Source(agent, "c1")], window)
    timeline = build([c for own in claims.values() for c in own], window)
    return [(s.state.value, s.interval.seconds // 3600) for s in timeline]


def test_a_clock_that_was_never_measured_counts_once_it_is(bench: Bench) -> None:
    async def play() -> None:
        right = lived("k1", uuid(1, "a8"), T0_MS, 2 * HOUR_MS, offset_ms=0, state=State.DOWN)
        wrong = lived("k1", uuid(1, "a9"), T0_MS, 3 * HOUR_MS, offset_ms=None, state=State.UP)
        for order in ([right, wrong], [wrong, right]):
            await bench.store.commit(order)
        assert await shown(bench.store, "k1") == [("down", 2), ("unknown", 3)]
        assert (await bench.store.first_told())["k1"] == whole_second(T0_MS)
        known = BootStory(id=wrong.spool, origin_utc_ms=T0_MS, offset_ms=2 * HOUR_MS)
        await bench.store.commit([replace(wrong, boots=(known,), items=(), watermarks=())])
        assert await shown(bench.store, "k1") == [("down", 2), ("up", 3)]

    bench.runner.run(play())


def test_what_contradicts_a_clock_does_not_depend_on_the_window(bench: Bench) -> None:
    """The other boot is over long before the window; the clock is suspect all the same."""

    async def play() -> None:
        early = T0_MS - 9 * HOUR_MS
        right = lived("k2", uuid(2, "a8"), early, 2 * HOUR_MS, offset_ms=0, state=State.DOWN)
        wrong = lived("k2", uuid(2, "a9"), early, 12 * HOUR_MS, offset_ms=None, state=State.UP)
        await bench.store.commit([right, wrong])
        assert await shown(bench.store, "k2") == [("unknown", 5)]

    bench.runner.run(play())


def test_nobody_has_been_telling_since_the_year_2010(bench: Bench) -> None:
    async def play() -> None:
        ancient = lived("k3", uuid(3, "a7"), 1_262_304_000_000, HOUR_MS, offset_ms=None, state=UP)
        await bench.store.commit([ancient])
        assert "k3" not in await bench.store.first_told()
        assumed = lived("k3", uuid(3, "a8"), T0_MS, HOUR_MS, offset_ms=None, state=UP)
        await bench.store.commit([assumed])
        assert (await bench.store.first_told())["k3"] == whole_second(T0_MS)
        assert await shown(bench.store, "k3") == [("up", 1), ("unknown", 4)]
        window = Interval(whole_second(T0_MS), whole_second(T0_MS + 25 * HOUR_MS))
        assert len(await bench.store.boot_clocks(["k3"], window)) == 2

    bench.runner.run(play())


def test_what_tells_of_the_future_of_its_receipt_counts_for_nothing(bench: Bench) -> None:
    """Half a minute is forgiven, an hour is not."""

    async def play() -> None:
        for name, ahead_ms, wanted in (
            ("k4", 30_000, [("unknown", 4), ("up", 1)]),
            ("k5", HOUR_MS, [("unknown", 5)]),
        ):
            start = T0_MS + 4 * HOUR_MS
            boot = uuid(4, f"{'ab'[ahead_ms > 30_000]}8")
            told = lived(name, boot, start, HOUR_MS, offset_ms=None, state=UP)
            received = T0_MS + 5 * HOUR_MS - ahead_ms
            await bench.store.commit([replace(told, received_utc_ms=received)])
            assert await shown(bench.store, name) == wanted

    bench.runner.run(play())


def test_a_segment_that_is_over_before_the_window_cuts_one_that_is_not(bench: Bench) -> None:
    """No agent means it so, but what is read must not depend on where the window begins."""

    async def play() -> None:
        boot = uuid(6, "a1")
        spans = ((1, 0, 3 * HOUR_MS), (2, HOUR_MS // 2, HOUR_MS // 2 + 60_000))
        items = tuple(
            Item(
                seq=n,
                segment=Segment(
                    boot=boot, number=n, camera="c1", state=UP, start_ms=start, end_ms=end
                ),
            )
            for n, start, end in spans
        )
        told = lived("k6", boot, T0_MS - HOUR_MS, 0, offset_ms=0, state=UP)
        await bench.store.commit([replace(told, items=items, watermarks=())])
        assert await shown(bench.store, "k6") == [("unknown", 5)]

    bench.runner.run(play())
