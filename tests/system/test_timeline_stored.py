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
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.interval import Interval
from server.domain.timeline import build
from server.domain.units import Source
from server.storage import Intake, Store
from tests.pure.server.oracle import LONG, Seg, Told, Word, World, words, worlds
from wire.messages import BootStory, Hold, Item, Segment, Watermark

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
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_read_back_is_what_was_told_second_by_second(
    bench: Bench, world: World, rng: random.Random
) -> None:
    found = bench.runner.run(stored(bench.store, world, next(bench.turns), rng))
    assert found == {camera: words(world, camera, agents) for camera, agents in EYES.items()}
