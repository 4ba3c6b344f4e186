"""What got its 201 reaches the centre once, whatever dies in between."""

import asyncio
import contextlib
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.system.edge_sink import TOKEN, Agent, Broker, Sink, broker_and_sink, configure, until

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[tuple[Broker, Sink]]:
    with broker_and_sink(tmp_path) as both:
        yield both


async def post_until_dead(agent: Agent, acknowledged: dict[str, int], kill_after: int) -> None:
    """Four readers post at once; after so many answers the agent is killed under them."""
    answered = 0

    async def reader(session: aiohttp.ClientSession) -> None:
        nonlocal answered
        while agent.process.poll() is None:
            event = str(uuid.uuid4())
            body = {"gate": "g1", "kind": "passage", "id": event}
            try:
                async with session.post(agent.url, json=body) as response:
                    saved = await response.json()
                    assert response.status == 201, saved
            except (aiohttp.ClientError, OSError):
                return
            acknowledged[event] = saved["seq"]
            answered += 1
            if answered == kill_after:
                agent.kill()

    async with aiohttp.ClientSession(headers=HEADERS) as session:
        await asyncio.gather(*(reader(session) for _ in range(4)))


async def test_an_agent_killed_under_posts_loses_and_doubles_nothing(
    tmp_path: Path, centre: tuple[Broker, Sink]
) -> None:
    broker, sink = centre
    config = configure(tmp_path, broker.port, [])
    acknowledged: dict[str, int] = {}
    for kill_after in (1, 7, 60, 150):
        agent = await asyncio.to_thread(Agent, config)
        await post_until_dead(agent, acknowledged, kill_after)
    agent = await asyncio.to_thread(Agent, config)
    await asyncio.to_thread(
        until, lambda: set(acknowledged) <= set(sink.events), "all events reach the centre"
    )
    assert len(acknowledged) >= 218
    assert len(sink.events) == len(set(sink.events))
    assert await asyncio.to_thread(agent.stop) == 0


async def test_events_outlast_a_broker_that_dies_and_an_agent_that_dies_after_it(
    tmp_path: Path, centre: tuple[Broker, Sink]
) -> None:
    broker, sink = centre
    broker.stop()
    config = configure(tmp_path, broker.port, [])
    acknowledged: dict[str, int] = {}
    agent = await asyncio.to_thread(Agent, config)
    await post_until_dead(agent, acknowledged, 120)
    agent = await asyncio.to_thread(Agent, config)
    broker.start()
    await asyncio.to_thread(
        until, lambda: set(acknowledged) <= set(sink.events), "all events reach the centre"
    )
    assert len(sink.events) == len(set(sink.events))
    assert await asyncio.to_thread(agent.stop, signal.SIGINT) == 0


async def test_nothing_is_deleted_that_the_centre_has_not_acknowledged(
    tmp_path: Path, centre: tuple[Broker, Sink]
) -> None:
    broker, sink = centre
    sink.acks = False
    config = configure(tmp_path, broker.port, [])
    acknowledged: dict[str, int] = {}
    agent = await asyncio.to_thread(Agent, config)
    await post_until_dead(agent, acknowledged, 30)
    assert sink.events == []
    agent = await asyncio.to_thread(Agent, config)
    await asyncio.to_thread(until, lambda: any(r.items for r in sink.reports), "reports came")
    agent.kill()
    sink.acks = True
    agent = await asyncio.to_thread(Agent, config)
    await asyncio.to_thread(
        until, lambda: set(acknowledged) <= set(sink.events), "all events reach the centre"
    )
    await asyncio.to_thread(agent.stop)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The agent's folder on a file system of 12 MiB; needs the right to mount."""
    folder = tmp_path / "var"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small file system can't be mounted here: {error}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_up(path: Path) -> None:
    """Take every byte that is left."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 100)


async def post(session: aiohttp.ClientSession, agent: Agent) -> tuple[str, int, dict[str, Any]]:
    body = {"gate": "g1", "kind": "passage", "id": str(uuid.uuid4()), "note": "n" * 400}
    async with session.post(agent.url, json=body) as response:
        return body["id"], response.status, await response.json()


async def test_on_a_full_disk_the_caller_gets_507_and_the_agent_goes_on_by_itself(
    tmp_path: Path, small_disk: Path, centre: tuple[Broker, Sink]
) -> None:
    broker, sink = centre
    broker.stop()
    others = small_disk / "files-of-others"
    others.write_bytes(b"x" * 3 * 2**20)
    agent = await asyncio.to_thread(Agent, configure(tmp_path, broker.port, []))
    acknowledged: list[str] = []
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        status, said = 201, dict[str, Any]()
        while status == 201:
            event, status, said = await post(session, agent)
            acknowledged += [event] * (status == 201)
        assert status == 507, said
        assert said["error"]["code"] == "spool_full"
        assert "chưa được lưu" in said["error"]["message"]
        assert "the disk is full" in said["error"]["message"]
        for _ in range(20):  # it stays up and stays clear
            event, status, said = await post(session, agent)
            assert status in {201, 507}, said
            acknowledged += [event] * (status == 201)
        fill_up(small_disk / "more-of-others")
        assert len(acknowledged) > 1_000
        broker.start()  # what was kept goes out although nothing new fits on the disk
        await asyncio.to_thread(
            until, lambda: set(acknowledged) <= set(sink.events), "all events reach the centre"
        )
        assert sink.watermarks
        event, status, said = await post(session, agent)  # into the pages that became free
        assert status == 201, said
        acknowledged.append(event)
        others.unlink()
        (small_disk / "more-of-others").unlink()
        for _ in range(20):
            event, status, said = await post(session, agent)
            assert status == 201, said
            acknowledged.append(event)
    await asyncio.to_thread(
        until, lambda: set(acknowledged) <= set(sink.events), "the new ones do, too"
    )
    assert len(sink.events) == len(set(sink.events)) == len(acknowledged)
    log_bytes = (small_disk / "spool.sqlite3-wal").stat().st_size
    assert log_bytes <= 5 * 2**20
    assert await asyncio.to_thread(agent.stop) == 0
