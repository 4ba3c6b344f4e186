"""Whatever arrives, memory stays bounded, and those who behave are heard."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from server.clock import SystemClock
from server.config import load
from server.storage import Store
from tests.pure.server.reports import item, passage
from tests.system.agents import Peer, report, until
from tests.system.centre import AGENT, GATE, SECRET, Child, configure
from tests.system.fixtures_broker import plain_broker
from tests.system.fixtures_server import Cluster, folder_of, free_port
from wire.codec import encode
from wire.topics import Leaf, topic

LOUD = "c1-mnhs-cong"
SERVER_SECRET = "w" * 43


def resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no such process")


def field(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def connect_packet(user: str, password: str) -> bytes:
    body = field(b"MQTT") + b"\x04\xc2\x00\x3c"
    body += field(b"loud") + field(user.encode()) + field(password.encode())
    return b"\x10" + _length(len(body)) + body


def publish_packet(name: str, payload: bytes) -> bytes:
    body = field(name.encode()) + payload
    return b"\x30" + _length(len(body)) + body


def _length(n: int) -> bytes:
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (128 if n else 0))
        if not n:
            return bytes(out)


SECONDS = 3


async def flood(port: int, name: str, payload: bytes, per_s: int) -> int:
    """Send junk at QoS 0, which no window holds up, as fast as the broker takes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(connect_packet(LOUD, SECRET))
    assert (await reader.readexactly(4))[3] == 0
    burst = publish_packet(name, payload) * (per_s // 20)
    loop = asyncio.get_running_loop()
    begin, sent = loop.time(), 0
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(SECONDS):
            while True:
                writer.write(burst)
                sent += per_s // 20
                await writer.drain()
                await asyncio.sleep(begin + sent / per_s - loop.time())
    writer.transport.abort()
    return sent


@contextlib.contextmanager
def ended(child: Child) -> Iterator[None]:
    try:
        yield
    finally:
        child.process.kill()
        child.process.wait()


async def _agents(path: Path) -> Store:
    store = await Store.open(load(path).server.database.reveal())
    for agent in (AGENT, LOUD):
        await store.set_agent_secret(agent, SECRET, now=SystemClock().now())
    return store


@pytest.mark.parametrize(
    ("payload", "per_s"), [(b"junk", 10_000), (b"{" + b"x" * 60_000, 2000)], ids=["small", "large"]
)
async def test_junk_on_the_embedded_broker(tmp_path: Path, payload: bytes, per_s: int) -> None:
    port = free_port()
    path = configure(tmp_path, mqtt={"embedded": {"listen": f"127.0.0.1:{port}"}})
    (tmp_path / "var").mkdir()
    store = await _agents(path)
    child = Child(path)
    with ended(child):
        await child.ready()
        await _heard_through_noise(child, port, payload, per_s)
    await store.close()


async def test_junk_on_a_broker_of_its_own(tmp_path: Path) -> None:
    with plain_broker({"vonggac-server": SERVER_SECRET, AGENT: SECRET, LOUD: SECRET}) as port:
        mqtt = {"url": f"mqtt://127.0.0.1:{port}", "user": "vonggac-server"}
        child = Child(configure(tmp_path, mqtt={"broker": {**mqtt, "password": SERVER_SECRET}}))
        with ended(child):
            await child.ready()
            await _heard_through_noise(child, port, b"junk", 10_000)


async def _heard_through_noise(child: Child, port: int, payload: bytes, per_s: int) -> None:
    agent = Peer(AGENT, SECRET)
    assert await agent.connect(port) == "Success"
    await agent.subscribe(topic(AGENT, Leaf.ACK))
    agent.send(report(item(1, passage(1, gate=GATE))))
    await agent.acked(1)
    before = resident_mib(child.process.pid)
    most = before
    noise = asyncio.create_task(flood(port, topic(LOUD, Leaf.REPORT), payload, per_s))
    for n in range(2, 5):
        agent.send(report(item(n, passage(n, gate=GATE))))
        await until(lambda n=n: agent.acks[-1].through >= n, "an ack through the noise", 30)  # type: ignore[misc]
        most = max(most, resident_mib(child.process.pid))
    sent = await noise
    most = max(most, resident_mib(child.process.pid))
    agent.send(report(item(5, passage(5, gate=GATE))))
    await agent.acked(5)
    print(f"{sent} junk messages of {len(payload)} bytes: {before:.0f} to {most:.0f} MiB")
    assert most - before < 150
    await agent.close()


AGENTS, EACH, SIZE = 40, 50, 100_000


async def test_a_stalled_database_pushes_back_and_nothing_is_lost(tmp_path: Path) -> None:
    names = [f"a{n:02}" for n in range(AGENTS)]
    users = {"vonggac-server": SERVER_SECRET, **dict.fromkeys(names, SECRET)}
    with plain_broker(users) as port, folder_of("postgres") as folder:
        cluster = Cluster(folder)
        mqtt = {"url": f"mqtt://127.0.0.1:{port}", "user": "vonggac-server"}
        path = configure(
            tmp_path, database=cluster.url(), mqtt={"broker": {**mqtt, "password": SERVER_SECRET}}
        )
        with cluster.serve() as postgres:
            child = Child(path)
            with ended(child):
                await child.ready()
                await _stall(child, port, postgres, [Peer(name, SECRET) for name in names])
                store = await Store.open(cluster.url())
                assert len(await store.gate_events(limit=5000)) == AGENTS * EACH
                await store.close()


async def _stall(
    child: Child, port: int, postgres: subprocess.Popen[bytes], agents: list[Peer]
) -> None:
    for agent in agents:
        assert await agent.connect(port) == "Success"
        await agent.subscribe(topic(agent.user, Leaf.ACK))
        agent.send(report(item(1, passage(1, gate="new"))))
    for agent in agents:
        await agent.acked(1)
    before = resident_mib(child.process.pid)
    with stopped(postgres):
        for agent in agents:
            for n in range(2, EACH + 1):
                agent.publish(topic(agent.user, Leaf.REPORT), padded(n))
        waiting = [
            agent.client._out_messages for agent in agents
        ]  # what the broker must still take
        await until(lambda: not any(waiting), "the broker has them all", 60)
        await asyncio.sleep(2)
        assert {agent.acks[-1].through for agent in agents} == {1}
        grown = resident_mib(child.process.pid) - before
    through = {agent.user: agent for agent in agents}
    for agent in through.values():
        await until(lambda a=agent: a.acks[-1].through == EACH, "the last ack", 60)  # type: ignore[misc]
    most = resident_mib(child.process.pid) - before
    waited = AGENTS * EACH * SIZE / 1e6
    print(f"{waited:.0f} MB waited: the server grew by {grown:.0f} MiB, later by {most:.0f}")
    assert max(grown, most) < 120
    assert "no room" not in child.log
    for agent in agents:
        await agent.close()


def padded(n: int) -> bytes:
    """A report with one event and a long field that this version does not know."""
    raw = msgspec.json.decode(encode(report(item(n, passage(n, gate="new")))))
    return msgspec.json.encode({**raw, "of_tomorrow": "x" * SIZE})


@contextlib.contextmanager
def stopped(postgres: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop the database's processes: connections stay, and nobody answers."""
    listed = Path(f"/proc/{postgres.pid}/task/{postgres.pid}/children").read_text("utf-8")
    pids = [postgres.pid, *map(int, listed.split())]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
