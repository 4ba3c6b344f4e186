"""An agent that comes back with a great backlog: the present first, and nothing lost."""

import asyncio
import itertools
import os
import signal
import time
import uuid
from pathlib import Path

import aiohttp
import pytest

from edge.spool import Spool
from sim.clips import ClipCache, ClipSpec
from sim.fleet import CameraSpec, Fleet
from tests.system.edge_sink import (
    AGENT,
    TOKEN,
    Agent,
    Broker,
    Sink,
    broker_and_sink,
    configure,
    until,
)
from wire.codec import encode
from wire.messages import BootStory, GateEvent, Segment
from wire.vocabulary import Cause, State

OLD = "0b2c3d4e-1111-4222-8333-444455556666"
ITEMS = 20_000
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


async def left_behind(folder: Path) -> None:
    """Leave what a camera that flapped through a long outage leaves, and a gate's events."""
    spool = Spool.open(folder, agent=AGENT, max_bytes=2**28)
    await spool.begin(BootStory(id=OLD, origin_utc_ms=1_790_000_000_000))
    for first in range(1, ITEMS - 999, 1_000):
        await spool.append([closed(number) for number in range(first, first + 1_000)])
    await asyncio.gather(*(spool.append_event(event()) for _ in range(1_000)))
    story = BootStory(id=OLD, origin_utc_ms=1_790_000_000_000)
    await spool.save_watermark(story, until_ms=10**9, held=())
    spool.close()


def closed(number: int) -> Segment:
    up = number % 2 == 0
    return Segment(
        boot=OLD,
        number=number,
        camera="c1",
        state=State.UP if up else State.DOWN,
        cause=None if up else Cause.STREAM_STALLED,
        start_ms=number * 10_000,
        end_ms=(number + 1) * 10_000,
    )


def event() -> GateEvent:
    return GateEvent(
        id=str(uuid.uuid4()), gate="g", kind="passage", occurred_utc_ms=1, accepted_utc_ms=1
    )


async def post(agent: Agent, count: int) -> set[str]:
    """Post so many gate events, a few at a time; return those that were acknowledged."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    waiting = iter(ids)

    async def reader(session: aiohttp.ClientSession) -> None:
        for one in waiting:
            body = {"gate": "g1", "kind": "passage", "id": one}
            async with session.post(agent.url, json=body) as response:
                assert response.status == 201

    async with aiohttp.ClientSession(headers=HEADERS) as session:
        await asyncio.gather(*(reader(session) for _ in range(8)))
    return set(ids)


def up_now(sink: Sink, since: float) -> float | None:
    """Return when the centre was told that the camera is up now, if it was."""
    for at, report in list(sink.heard):
        opened = [i.segment for i in report.items if i.segment and i.segment.end_ms is None]
        running = report.boots[-1].id
        if any(s.boot == running for s in opened) and report.watermarks and at > since:
            return at
    return None


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_returning_agent_tells_the_present_within_seconds_and_loses_nothing(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = ClipCache(tmp_path_factory.getbasetemp() / "clips")
    fleet = Fleet([CameraSpec(id="c1", clip=ClipSpec(width=320, height=180))], cache=cache)
    await fleet.start()
    await left_behind(tmp_path / "var")
    try:
        with broker_and_sink(tmp_path) as (broker, sink):
            broker.stop()
            config = configure(tmp_path, broker.port, [{"id": "c1", "url": fleet.url("c1")}])
            agent = await asyncio.to_thread(Agent, config)
            try:
                await comes_back(agent, broker, sink, capsys)
                assert await asyncio.to_thread(agent.stop) == 0
            finally:
                agent.kill()
    finally:
        await fleet.stop()


async def listening_first(agent: Agent, broker: Broker, sink: Sink) -> None:
    """Let the sink find the broker before the agent: what nobody hears comes again after 10 s."""
    os.kill(agent.process.pid, signal.SIGSTOP)
    try:
        broker.start()
        await asyncio.to_thread(until, lambda: sink.listens, "the sink has subscribed again")
    finally:
        os.kill(agent.process.pid, signal.SIGCONT)


async def comes_back(
    agent: Agent, broker: Broker, sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    posted = await post(agent, 300)
    await asyncio.to_thread(until, lambda: "camera c1: up" in agent.log, "the camera is watched")
    sink.listens = False
    began = time.monotonic()
    await listening_first(agent, broker, sink)
    await asyncio.to_thread(until, lambda: sink.heard, "the agent is back")
    first_at, first = sink.heard[0]
    present_at = await asyncio.to_thread(until, lambda: up_now(sink, 0), "the present is told")
    assert present_at - first_at < 5
    assert first.boots[-1].id == first.spool
    assert first.vitals is not None
    await asyncio.to_thread(
        until, lambda: "all earlier runs have reached the centre" in agent.log, "all is told"
    )
    done_at = time.monotonic()
    segments = {s.number for s in sink.segments("c1") if s.boot == OLD}
    assert segments == set(range(1, ITEMS - 999))
    assert posted <= set(sink.events)
    assert len(sink.events) == len(set(sink.events)) == 1_300
    assert OLD in {mark.boot for r in sink.history for mark in r.watermarks}
    assert max(len(encode(r)) for _, r in sink.heard) < 128 * 1024
    late = [at for at, r in sink.heard if r in sink.reports]
    assert max(b - a for a, b in itertools.pairwise(late)) < 5  # never in the way
    with capsys.disabled():
        print(
            f"\n{ITEMS} items: the present {present_at - first_at:.2f} s after the first word,"
            f" all after {done_at - first_at:.1f} s (broker up {first_at - began:.1f} s before)"
        )
