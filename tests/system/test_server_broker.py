"""The embedded broker against real sockets: what it lets in, and what can't hurt it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from server.broker import BrokerError, EmbeddedBroker
from tests.system.agents import Peer, until
from tests.system.fixtures_embedded import Listener, fits, peer, serving

GRANTED = "Granted QoS 1"


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    async with serving() as made:
        yield made


@pytest.fixture
def centre(broker: EmbeddedBroker) -> Listener:
    return Listener(broker)


@pytest.mark.parametrize(
    ("user", "password"),
    [("a1", "password of a2"), ("a1", ""), ("", "x"), ("$centre", "guess"),
     ("A1", "password of A1"), ("+", "password of +"), ("a1/report", "password of a1/report")],
)  # fmt: skip
async def test_a_stranger_is_refused(broker: EmbeddedBroker, user: str, password: str) -> None:
    stranger = Peer(user, password)
    assert await stranger.connect(broker.port) == "Not authorized"
    await stranger.close()


async def test_an_agent_speaks_for_itself_alone(broker: EmbeddedBroker, centre: Listener) -> None:
    agent = peer()
    assert await agent.connect(broker.port) == "Success"
    for name in ("vg/1/a2/report", "vg/1/a2/history", "vg/1/a1/ack", "vg/1/a2/ack",
                 "vg/1/a1/report/x", "vg/2/a1/report", "other"):  # fmt: skip
        agent.publish(name, b"spoof")
    agent.publish("vg/1/a1/report", b"own")
    agent.publish("vg/1/a1/history", b"own")
    await until(lambda: len(centre.heard) > 1, "the agent's reports")
    assert centre.heard == [("vg/1/a1/report", b"own"), ("vg/1/a1/history", b"own")]
    await agent.close()


async def test_an_agent_hears_itself_alone(broker: EmbeddedBroker, centre: Listener) -> None:
    agent = peer()
    await agent.connect(broker.port)
    refused = ("#", "+/+/+/+", "vg/1/+/ack", "vg/1/a2/ack", "vg/1/a1/report", "vg/1/a1/#",
               "vg/1/a1/history", "vg/1/+/history", "$share/vonggac/vg/1/+/report")  # fmt: skip
    assert GRANTED not in await agent.subscribe(*refused)
    assert await agent.subscribe("vg/1/a1/ack") == [GRANTED]
    centre.publish("vg/1/a2/ack", b"not yours")
    centre.publish("vg/1/a1/ack", b"yours")
    await until(lambda: agent.heard, "the ack")
    assert agent.heard == [("vg/1/a1/ack", b"yours")]
    await agent.close()


async def test_a_last_will_is_heard_and_a_false_one_is_refused(
    broker: EmbeddedBroker, centre: Listener
) -> None:
    spoof = peer("a2", topic="vg/1/a1/status", payload=b"spoof", qos=1, retain=True)
    assert await spoof.connect(broker.port) == "Not authorized"
    agent = peer(topic="vg/1/a1/status", payload=b"gone", qos=1, retain=True)
    await agent.connect(broker.port)
    agent.drop()
    await until(lambda: centre.heard == [("vg/1/a1/status", b"gone")], "the last will")
    await spoof.close()


async def test_nobody_pushes_another_user_out_by_its_client_id(
    broker: EmbeddedBroker, centre: Listener
) -> None:
    first = peer(client_id="same")
    await first.connect(broker.port)
    await first.subscribe("vg/1/a1/ack")
    for thief in (peer("a2", client_id="same"), Peer("a1", "wrong", client_id="same"),
                  Peer("a1", "wrong", client_id="a1/same")):  # fmt: skip
        await thief.connect(broker.port)
        await thief.close()
    centre.publish("vg/1/a1/ack", b"still here")
    await until(lambda: first.heard, "what the first is owed")
    assert first.lost == []
    await first.close()


async def test_an_agent_takes_its_own_place_over_without_its_own_will(
    broker: EmbeddedBroker, centre: Listener
) -> None:
    will: dict[str, Any] = {"topic": "vg/1/a1/status", "payload": b"gone", "qos": 1, "retain": True}
    first = peer(client_id="a1", **will)
    await first.connect(broker.port)
    first.client.reconnect_delay_set(60, 60)
    second = peer(client_id="a1", **will)
    assert await second.connect(broker.port) == "Success"
    await until(lambda: first.lost, "the end of the first")
    second.publish("vg/1/a1/report", b"here")
    await until(lambda: centre.heard, "the second's report")
    assert centre.heard == [("vg/1/a1/report", b"here")]
    first.drop()
    await second.close()


def _field(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


async def test_the_last_will_of_a_silent_connection_comes_after_its_keep_alive(
    broker: EmbeddedBroker, centre: Listener
) -> None:
    """As after a power cut: the connection is open, and nobody is there any more."""
    fields = (b"id", b"vg/1/a1/status", b"gone", b"a1", b"password of a1")
    body = _field(b"MQTT") + b"\x04\xee\x00\x01" + b"".join(_field(f) for f in fields)
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    writer.write(b"\x10" + bytes([len(body)]) + body)
    assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
    await until(lambda: centre.heard == [("vg/1/a1/status", b"gone")], "the last will")
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


JUNK = [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x00" * 200,
    b"\xff" * 200,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS hello
    b"\x10\xff\xff\xff\x7f" + b"x" * 5000,  # a CONNECT of 256 MiB
    b"\x10\x0c\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01a",  # cut short
    b"\x10\x0c\x00\x04MQTT\x05\x02\x00\x3c\x00\x00",  # MQTT 5
    b"\x30\x05\x00\x03a/bx",  # a PUBLISH first
    b"\x10\x80\x80\x80\x80\x80\x01",  # a length that never ends
    b"\x10\x10\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02\xff\xfe\x00\x00",  # no UTF-8
]


async def test_junk_on_the_port_ends_itself_and_nothing_else(
    broker: EmbeddedBroker, centre: Listener
) -> None:
    agent = peer()
    await agent.connect(broker.port)
    for junk in JUNK:
        reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
        writer.write(junk)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 12)
        writer.close()
    agent.publish("vg/1/a1/report", b"alive")
    await until(lambda: centre.heard, "a report after all that")
    assert agent.lost == []
    await agent.close()


async def test_a_packet_over_the_limit_ends_its_connection(
    broker: EmbeddedBroker, centre: Listener
) -> None:
    agent = peer()
    await agent.connect(broker.port)
    agent.publish("vg/1/a1/report", b"x" * 270_000)
    await until(lambda: agent.lost, "the end of the connection")
    assert centre.heard == []
    agent.drop()


async def test_a_reports_largest_size_passes(broker: EmbeddedBroker, centre: Listener) -> None:
    agent = peer()
    await agent.connect(broker.port)
    agent.publish("vg/1/a1/report", b"x" * 256 * 1024)
    await until(lambda: centre.heard, "the report")
    assert len(centre.heard[0][1]) == 256 * 1024
    await agent.close()


async def test_silent_connections_do_not_hold_up_the_end() -> None:
    made = EmbeddedBroker("127.0.0.1", 0, secret_fits=fits)
    await made.start()
    _, writer = await asyncio.open_connection("127.0.0.1", made.port)
    agent = peer()
    await agent.connect(made.port)
    await asyncio.wait_for(made.stop(), 5)
    await until(lambda: agent.lost, "the agent's end")
    agent.drop()
    writer.close()


async def test_a_used_port_is_one_clear_error(broker: EmbeddedBroker) -> None:
    second = EmbeddedBroker("127.0.0.1", broker.port, secret_fits=fits)
    with pytest.raises(BrokerError, match=f"127.0.0.1:{broker.port}") as caught:
        await second.start()
    assert "\n" not in str(caught.value)
