"""The embedded broker when the centre has no room: who waits, who does not, and what is kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from server.broker import EmbeddedBroker
from tests.system.agents import Peer, until
from tests.system.fixtures_embedded import Listener, peer, serving

OF_ONE = 20
REPORT, HISTORY = "vg/1/a1/report", "vg/1/a1/history"


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    async with serving() as made:
        yield made


@asynccontextmanager
async def connected(broker: EmbeddedBroker, *names: str) -> AsyncIterator[list[Peer]]:
    agents = [peer(name) for name in names]
    for agent in agents:
        agent.client.max_inflight_messages_set(1000)
        assert await agent.connect(broker.port) == "Success"
    yield agents
    for agent in agents:
        agent.drop()


def unacknowledged(agent: Peer) -> int:
    return len(agent.client._out_messages)


async def stays(true: Callable[[], object], for_s: float = 0.3) -> None:
    """See that nothing changes, as far as one can."""
    for _ in range(int(for_s / 0.02)):
        assert true()
        await asyncio.sleep(0.02)


async def settled(centre: Listener, agents: list[Peer]) -> None:
    """Deal with everything: paho does not end while it has something to send."""

    def settle() -> bool:
        centre.settle()
        return not any(map(unacknowledged, agents))

    await until(settle, "all PUBACKs", 30)


async def test_before_anybody_listens_agents_wait_unacknowledged_and_lose_nothing(
    broker: EmbeddedBroker,
) -> None:
    async with connected(broker, "a1") as (agent,):
        for n in range(5):
            agent.publish(REPORT, b"%d" % n)
        await stays(lambda: unacknowledged(agent) == 5)
        centre = Listener(broker)
        assert centre.stood == [True]
        await until(lambda: unacknowledged(agent) == 0, "PUBACKs")
        assert centre.payloads(REPORT) == [b"0", b"1", b"2", b"3", b"4"]


async def test_one_agent_has_so_many_under_way_and_the_others_are_heard(
    broker: EmbeddedBroker,
) -> None:
    centre = Listener(broker)
    async with connected(broker, "a1", "a2") as (loud, other):
        for n in range(50):
            loud.publish(REPORT, b"%d" % n)
        await until(lambda: len(centre.heard) == OF_ONE, "its share")
        await stays(lambda: (len(centre.heard), unacknowledged(loud)) == (OF_ONE, 50 - OF_ONE))
        other.publish("vg/1/a2/report", b"here")
        await until(lambda: centre.payloads("vg/1/a2/report"), "the other")
        for share in (2, 3):
            centre.settle()
            await until(
                lambda share=share: len(centre.payloads(REPORT)) == min(share * OF_ONE, 50),  # type: ignore[misc]
                "the next share",
            )
        assert centre.payloads(REPORT) == [b"%d" % n for n in range(50)]
        await until(lambda: unacknowledged(loud) == 0, "all PUBACKs")


async def test_where_the_past_has_no_room_the_present_is_heard(broker: EmbeddedBroker) -> None:
    centre = Listener(broker)
    size = 250 * 1024
    names = [f"b{n}" for n in range(8)]
    async with connected(broker, "a1", *names) as (agent, *returning):
        for late in returning:
            for _ in range(OF_ONE):
                late.publish(f"vg/1/{late.user}/history", b"x" * size)
        fit = 32 * 1024 * 1024 // size + 1
        await until(lambda: len(centre.heard) == fit, "as many as have room", 30)
        await stays(lambda: len(centre.heard) == fit)
        agent.publish(REPORT, b"now")
        await until(lambda: centre.payloads(REPORT), "the present")
        await settled(centre, returning)
        assert len(centre.heard) == 8 * OF_ONE + 1


async def test_a_last_will_finds_room_where_there_is_none(broker: EmbeddedBroker) -> None:
    """Waiting, it might come after what its agent says when it is back."""
    centre = Listener(broker)
    size = 250 * 1024
    names = [f"b{n}" for n in range(8)]
    agent = peer(topic="vg/1/a1/status", payload=b"gone", qos=1, retain=True)
    await agent.connect(broker.port)
    async with connected(broker, *names) as crowd:
        for one in crowd:
            for _ in range(OF_ONE):
                one.publish(f"vg/1/{one.user}/report", b"x" * size)
        fit = 32 * 1024 * 1024 // size + 1
        await until(lambda: len(centre.heard) == fit, "as many as have room", 30)
        agent.drop()
        await until(lambda: centre.payloads("vg/1/a1/status") == [b"gone"], "the last will")
        await stays(lambda: len(centre.heard) == fit + 1)
        await settled(centre, crowd)


async def test_hushed_it_hears_nothing_confirms_nothing_and_still_answers(
    broker: EmbeddedBroker,
) -> None:
    centre = Listener(broker)
    async with connected(broker, "a1") as (agent,):
        await agent.subscribe("vg/1/a1/ack")
        agent.publish(REPORT, b"before")
        await until(lambda: centre.heard and not unacknowledged(agent), "the report")
        await broker.centre.hush()
        agent.publish(REPORT, b"after")
        await stays(lambda: unacknowledged(agent) == 1)
        centre.settle()
        centre.publish("vg/1/a1/ack", b"committed")
        await until(lambda: agent.heard, "the ack")
        assert centre.payloads(REPORT) == [b"before"]
        await asyncio.wait_for(broker.stop(), 5)


async def test_qos_2_ends_the_connection(broker: EmbeddedBroker) -> None:
    centre = Listener(broker)
    async with connected(broker, "a1") as (agent,):
        agent.client.publish(REPORT, b"twice is too often", qos=2)
        await until(lambda: agent.lost, "the end")
    assert centre.heard == []


async def test_what_an_agent_does_not_read_is_dropped(broker: EmbeddedBroker) -> None:
    centre = Listener(broker)
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port, limit=1024)
    fields = b"".join(len(f).to_bytes(2, "big") + f for f in (b"id", b"a1", b"password of a1"))
    body = b"\x00\x04MQTT\x04\xc2\x00\x3c" + fields
    name = b"vg/1/a1/ack"
    wanted = b"\x00\x01" + len(name).to_bytes(2, "big") + name + b"\x01"
    writer.write(b"\x10" + bytes([len(body)]) + body + b"\x82" + bytes([len(wanted)]) + wanted)
    assert await reader.readexactly(9) == b"\x20\x02\x00\x00\x90\x03\x00\x01\x01"
    for _ in range(200):
        centre.publish("vg/1/a1/ack", b"x" * 100_000)
        await asyncio.sleep(0.001)
    (connection,) = [handler for _, handler in broker._broker._sessions.values()]  # type: ignore[union-attr]
    waiting = connection.writer._writer.transport.get_write_buffer_size()
    assert 0 < waiting < 2 * 1024 * 1024
    writer.close()
