"""A whole agent is careful with a recorder: passwords shown, sessions open, over restarts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.clips import ClipCache, ClipSpec
from sim.fleet import CameraSpec, Fleet, Lockout
from tests.system.edge_sink import Agent, Sink, broker_and_sink, configure, until
from wire.messages import Segment
from wire.vocabulary import Cause

PASSWORD = "p@ss/w:o#rd-ễ"
CHANNELS = [f"c{n}" for n in range(8)]
SMALL = ClipSpec(width=320, height=180)


@pytest.fixture
async def recorder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A recorder of eight channels that locks as QCVN 135 has it."""
    cache = ClipCache(tmp_path_factory.getbasetemp() / "clips")
    channels = [
        CameraSpec(id=name, clip=SMALL, password=PASSWORD, recorder="nvr", lockout=Lockout())
        for name in CHANNELS
    ]
    fleet = Fleet(channels, cache=cache)
    await fleet.start()
    yield fleet
    await fleet.stop()


@contextlib.contextmanager
def running(config: Path) -> Iterator[Agent]:
    agent = Agent(config)
    try:
        yield agent
    finally:
        agent.kill()


def set_up(
    folder: Path, broker: int, cameras: list[dict[str, Any]], *, sessions: int | None = None
) -> Path:
    path = configure(folder, broker, cameras)
    content = yaml.safe_load(path.read_text("utf-8"))
    content["hosts"] = [{"address": "127.0.0.1", "sessions": sessions}]
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def open_in(sink: Sink, boot: str, camera: str) -> Segment | None:
    """Return a camera's open segment of one run of the agent."""
    found = [one for one in sink.segments(camera) if one.boot == boot]
    return found[-1] if found and found[-1].end_ms is None else None


def said(sink: Sink, boots: set[str], cause: Cause | None) -> str | None:
    """Return the run, none of ``boots``, in which every channel has the cause."""
    runs = {one.boot for one in sink.segments(CHANNELS[0])} - boots
    for run in runs:
        opened = [open_in(sink, run, camera) for camera in CHANNELS]
        if all(one is not None and one.cause == cause for one in opened):
            return run
    return None


def restarts(sink: Sink, config: Path, times: int) -> set[str]:
    """Start an agent again and again, as a service manager does one that is killed."""
    boots: set[str] = set()
    for _ in range(times):
        with running(config) as agent:
            boots.add(until(lambda: said(sink, boots, Cause.RTSP_AUTH), "eight are refused"))
            assert "wrong-word" not in agent.log
    return boots


def is_let_in(sink: Sink, config: Path, boots: set[str]) -> None:
    with running(config):
        until(lambda: said(sink, boots, None), "a changed password is tried at once", 15)


async def test_eight_channels_with_a_wrong_password_are_one_try_over_three_runs(
    tmp_path: Path, recorder: Fleet
) -> None:
    login = recorder.login(CHANNELS[0])
    right = [{"id": name, "url": recorder.url(name)} for name in CHANNELS]
    wrong = [
        {
            "id": name,
            "url": recorder.url(name, with_password=False).replace("//", "//viewer:wrong-word@"),
        }
        for name in CHANNELS
    ]
    with broker_and_sink(tmp_path) as (broker, sink):
        config = set_up(tmp_path, broker.port, wrong)
        boots = await asyncio.to_thread(restarts, sink, config, 3)
        assert login.password_tries == 1
        assert not recorder.locked(CHANNELS[0])
        kept = (tmp_path / "var" / "logins.json").read_text("utf-8")
        assert "wrong-word" not in kept

        config = set_up(tmp_path, broker.port, right)
        await asyncio.to_thread(is_let_in, sink, config, boots)
        assert login.password_tries == 1


async def most_viewers(recorder: Fleet, stop: asyncio.Event) -> int:
    most = 0
    while not stop.is_set():
        most = max(most, sum(recorder.viewers(name) for name in CHANNELS))
        await asyncio.sleep(0.005)
    return most


async def test_three_channels_take_turns_with_two_sessions(tmp_path: Path, recorder: Fleet) -> None:
    cameras = [{"id": name, "url": recorder.url(name)} for name in CHANNELS[:3]]
    stop = asyncio.Event()
    counting = asyncio.create_task(most_viewers(recorder, stop))
    with broker_and_sink(tmp_path) as (broker, sink):
        config = set_up(tmp_path, broker.port, cameras, sessions=2)

        def watch() -> int:
            with running(config) as agent:
                until(lambda: all(sink.segments(name) for name in CHANNELS[:3]), "three are seen")
                return agent.stop()

        assert await asyncio.to_thread(watch) == 0
        assert {one.cause for name in CHANNELS[:3] for one in sink.segments(name)} == {None}
        until(lambda: not sum(recorder.viewers(name) for name in CHANNELS), "all were closed", 0.1)
    stop.set()
    assert await counting == 2


async def come_and_go(recorder: Fleet) -> list[int]:
    """Return how many connections a camera had, over two visits."""
    seen = [recorder.viewers("c0")]
    async with asyncio.timeout(60):
        while recorder.login("c0").logins < 2 or seen[-1] > 0:
            await asyncio.sleep(0.01)
            seen.append(recorder.viewers("c0"))
    return seen


async def test_a_visited_camera_is_left_alone_between_visits_and_stays_up(
    tmp_path: Path, recorder: Fleet
) -> None:
    visits = {"mode": "visit", "visit_every_s": 5, "visit_s": 1}
    camera = {"id": "c0", "url": recorder.url("c0"), "watch": visits}
    with broker_and_sink(tmp_path) as (broker, sink):
        counting = asyncio.create_task(come_and_go(recorder))
        agent = await asyncio.to_thread(Agent, set_up(tmp_path, broker.port, [camera]))
        try:
            seen = await counting
            assert set(seen) == {0, 1}
            arrivals = sum(a < b for a, b in pairwise(seen))
            assert arrivals == recorder.login("c0").logins, "each visit ends"
            assert await asyncio.to_thread(agent.stop) == 0
        finally:
            agent.kill()
        (segment,) = {one.number: one for one in sink.segments("c0")}.values()
        assert (segment.cause, segment.end_ms) == (None, None)
        assert "c0" not in {hold.camera for hold in sink.watermarks[-1].held}
