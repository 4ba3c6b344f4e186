"""A whole agent against simulated cameras and a real broker: what it says, and in what order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.clips import ClipCache, ClipSpec
from sim.faults import Fault
from sim.fleet import CameraSpec, Fleet
from tests.system.edge_sink import Agent, Sink, broker_and_sink, configure, until
from wire.codec import decode_status
from wire.messages import Segment
from wire.vocabulary import Cause, State

PASSWORD = "p@ss/w:o#rd-ễ"
SMALL = ClipSpec(width=320, height=180)


@pytest.fixture
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    cache = ClipCache(tmp_path_factory.getbasetemp() / "clips")
    cameras = [CameraSpec(id=f"c{n}", clip=SMALL, password=PASSWORD) for n in (1, 2, 3)]
    fleet = Fleet(cameras, cache=cache)
    await fleet.start()
    yield fleet
    await fleet.stop()


def newest(sink: Sink, camera: str) -> Segment | None:
    segments = sink.segments(camera)
    return segments[-1] if segments else None


def is_said(sink: Sink, camera: str, cause: Cause | None) -> bool:
    segment = newest(sink, camera)
    return segment is not None and segment.cause == cause and segment.end_ms is None


async def eventually(true: Any, what: str) -> None:
    await asyncio.to_thread(until, true, what)


@contextlib.asynccontextmanager
async def running(config: Path) -> AsyncIterator[Agent]:
    agent = await asyncio.to_thread(Agent, config)
    try:
        yield agent
    finally:
        agent.kill()


async def test_a_day_of_an_agent_in_short(tmp_path: Path, fleet: Fleet) -> None:
    refused = fleet.url("c3", with_password=False).replace("://", "://nobody:wrong-word@")
    cameras = [{"id": name, "url": fleet.url(name)} for name in ("c1", "c2")]
    cameras.append({"id": "c3", "url": refused})
    with broker_and_sink(tmp_path) as (broker, sink):
        config = configure(tmp_path, broker.port, cameras)
        async with running(config) as agent:
            await eventually(lambda: is_said(sink, "c1", None), "c1 is up")
            await eventually(lambda: is_said(sink, "c2", None), "c2 is up")
            await eventually(lambda: is_said(sink, "c3", Cause.RTSP_AUTH), "c3 refuses us")

            fleet.set_fault("c1", Fault.REFUSE)
            fleet.set_fault("c2", Fault.BLACK)
            await eventually(lambda: is_said(sink, "c1", Cause.NETWORK_REFUSED), "c1 refuses")
            await eventually(lambda: is_said(sink, "c2", Cause.PICTURE_BLACK), "c2 is black")
            fleet.set_fault("c1", None)
            fleet.set_fault("c2", None)
            await eventually(lambda: is_said(sink, "c1", None), "c1 is up again")
            await eventually(lambda: is_said(sink, "c2", None), "c2 is clear again")

            last = await asyncio.to_thread(until, lambda: sink.watermarks[-1:], "a watermark")
            told = [report.vitals for report in sink.reports if report.vitals]
            vitals = told[-1]
            facts = [facts for each in told for facts in each.cameras]
            assert {f.camera for f in facts if f.width} == {"c1", "c2"}
            assert {f.camera for f in facts if f.host} == {"c1", "c2", "c3"}  # also who refuses us
            assert any(not each.cameras for each in told)  # not each time what has not changed
            assert vitals.spool_items < 20
            assert vitals.spool_max_bytes > vitals.spool_bytes > 0
            assert 4_000 < (vitals.clock_offset_ms or 0) < 6_000
            assert await asyncio.to_thread(agent.stop) == 0
            assert PASSWORD not in agent.log
            assert "wrong-word" not in agent.log
            assert "secret-of-the-agent" not in agent.log
            assert "Traceback" not in agent.log
        assert sink.watermarks[-1].until_ms >= last[0].until_ms
        await eventually(
            lambda: sink.statuses and not decode_status(sink.statuses[-1]).online, "offline"
        )
        for camera in ("c1", "c2"):
            check_chain(sink.segments(camera))


def check_chain(segments: list[Segment]) -> None:
    final = {segment.number: segment for segment in segments}
    ordered = [final[number] for number in sorted(final)]
    assert ordered[0].state is State.UP
    for earlier, later in pairwise(ordered):
        assert earlier.end_ms == later.start_ms


async def test_a_killed_agents_last_watermark_is_told_by_its_successor(
    tmp_path: Path, fleet: Fleet
) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        config = configure(tmp_path, broker.port, [{"id": "c1", "url": fleet.url("c1")}])
        async with running(config) as agent:
            await eventually(lambda: is_said(sink, "c1", None), "c1 is up")
            boot = sink.watermarks[-1].boot
            agent.kill()
        async with running(config) as agent:
            await eventually(lambda: any(r.watermarks for r in sink.history), "it is told")
            report = next(r for r in sink.history if r.watermarks)
            assert {mark.boot for mark in report.watermarks} == {boot} == {report.spool}
            assert report.boots[0].id == boot
            assert report.boots[0].offset_ms is not None  # as its killed process had measured it
            told = len(sink.reports)
            await eventually(lambda: len(sink.reports) > told + 2, "some more minutes pass")
            assert sink.history.count(report) == len([r for r in sink.history if r.watermarks])
            assert await asyncio.to_thread(agent.stop) == 0
