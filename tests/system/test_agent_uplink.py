"""The uplink against a real broker: junk, refusals, TLS, an answer that never comes."""

import asyncio
import logging
import ssl
import subprocess
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.clock import SystemClock
from edge.config import CentreConfig
from edge.forwarding import LIVE, Measured
from edge.redact import Secret
from edge.spool import Spool
from edge.uplink import PahoLink, Uplink
from tests.system.edge_sink import AGENT, Broker, Sink, broker_and_sink, until
from wire.codec import VERSION, decode_reply, decode_status, encode
from wire.messages import (
    Ack,
    BootStory,
    CameraFacts,
    Command,
    GateEvent,
    Message,
    Refusal,
    Vitals,
    Watermark,
)
from wire.topics import Leaf, topic

BOOT = "0b2c3d4e-1111-4222-8333-444455556666"
OTHER = "0b2c3d4e-1111-4222-8333-444455557777"
CLOCK = SystemClock()


def utc_ms() -> int:
    return int(CLOCK.now().timestamp() * 1000)


class Still:
    """An agent that has nothing to say of itself."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.measured: Measured | None = None

    def story(self) -> BootStory:
        return BootStory(id=self._spool.running, origin_utc_ms=5)

    async def watermark(self, sent: int = 0) -> Watermark:
        return await self._spool.save_watermark(self.story(), until_ms=1, held=(), sent=sent)

    def say_again(self) -> None:
        """Nothing is open."""

    async def turn_over(self, measured: Measured | None) -> bool:
        self.measured = measured
        await self._spool.begin(BootStory(id=str(uuid.uuid4()), origin_utc_ms=5))
        return True

    def wall_zero_utc_ms(self) -> int:
        return utc_ms() - CLOCK.ms()

    async def tell_measured(self, measured: Measured) -> None:
        self.measured = measured

    def facts_heard(self, facts: tuple[CameraFacts, ...]) -> None:
        """None are told."""

    async def vitals(self, offset_ms: int | None) -> Vitals:
        return Vitals(
            version="t",
            uptime_s=0,
            cpu=0,
            memory=0,
            disk_free=0,
            spool_items=0,
            spool_bytes=0,
            clock_offset_ms=offset_ms,
        )


def event() -> GateEvent:
    return GateEvent(id=str(uuid.uuid4()), gate="g", kind="k", occurred_utc_ms=1, accepted_utc_ms=1)


@asynccontextmanager
async def uplink_to(spool: Spool, centre: CentreConfig, **limits: int) -> AsyncIterator[Uplink]:
    uplink = Uplink(
        link=PahoLink(AGENT, centre, version="t"),
        spool=spool,
        clock=CLOCK,
        source=Still(spool),
        watermark_every_s=1,
        limits=replace(LIVE, **limits),
    )
    task = asyncio.create_task(uplink.run())
    try:
        yield uplink
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await uplink.close()


def plain(broker: Broker, password: str | None = None) -> CentreConfig:
    secret = Secret(password) if password else None
    return CentreConfig(
        host="127.0.0.1", port=broker.port, tls=False, password=secret, ca_file=None
    )


async def eventually(true: Callable[[], Any], what: str) -> None:
    await asyncio.to_thread(until, true, what)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool.open(tmp_path / "spool", agent=AGENT, max_bytes=2**24)
    await spool.begin(BootStory(id=BOOT, origin_utc_ms=5))
    yield spool
    spool.close()


async def is_empty(spool: Spool) -> None:
    async with asyncio.timeout(60):
        while (await spool.stats()).items:  # noqa: ASYNC110 (the uplink tells nobody)
            await asyncio.sleep(0.02)


def send(sink: Sink, leaf: Leaf, payload: bytes | Message) -> None:
    content = payload if isinstance(payload, bytes) else encode(payload)
    sink._client.publish(topic(AGENT, leaf), content, qos=1)


async def test_what_waits_goes_in_order_and_is_deleted_as_it_is_acknowledged(
    tmp_path: Path, spool: Spool
) -> None:
    await asyncio.gather(*(spool.append_event(event()) for _ in range(180)))
    with broker_and_sink(tmp_path) as (broker, sink):
        async with uplink_to(spool, plain(broker)):
            await is_empty(spool)
        assert [i.seq for r in sink.reports for i in r.items] == list(range(1, 181))
        assert [r.after for r in sink.reports if r.items] == [0, 50, 100, 150]
        assert sink.history == []


async def test_much_that_waits_goes_beside_the_present_as_history(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    former = spool.running
    await asyncio.gather(*(spool.append_event(event()) for _ in range(1_234)))
    with broker_and_sink(tmp_path) as (broker, sink):
        async with uplink_to(spool, plain(broker)):
            await is_empty(spool)
            assert spool.running != former
            await eventually(lambda: "all earlier runs have reached" in caplog.text, "it is said")
        assert [i.seq for r in sink.history for i in r.items] == list(range(1, 1_235))
        assert {r.spool for r in sink.history} == {former}
        assert {r.spool for r in sink.reports} == {spool.running}
        assert sink.heard[0][1] is sink.reports[0]
        assert "1234 items of 1 earlier runs are being sent" in caplog.text


async def test_what_the_centre_cannot_read_is_set_aside_and_blocks_nothing(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        sink.never.add("poison")
        events = [event() for _ in range(120)]
        events[7] = msgspec.structs.replace(events[7], kind="poison")
        for each in events:
            await spool.append_event(each)
        async with uplink_to(spool, plain(broker), resend_after_ms=300):
            await eventually(lambda: len(sink.events) == 119, "all others arrive")
            await is_empty(spool)
        assert (await spool.stats()).refused == 1
        assert "items 8 are set aside" in caplog.text


async def test_a_centre_that_is_away_is_waited_for_and_gets_everything(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        sink.acks = False
        await asyncio.gather(*(spool.append_event(event()) for _ in range(700)))
        async with uplink_to(spool, plain(broker), resend_after_ms=200) as uplink:
            await eventually(lambda: "does not answer" in caplog.text, "it is said")
            await spool.append_event(event())
            uplink.poke()
            assert sink.history == []  # nobody is there to take the past
            sink.acks = True
            await is_empty(spool)
        assert len(sink.events) == 701


async def test_a_broker_that_begins_anew_gets_everything_once_more_at_once(
    tmp_path: Path, spool: Spool
) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        sink.acks = False
        await spool.append_event(event())
        async with uplink_to(spool, plain(broker), resend_after_ms=60_000):
            await eventually(lambda: any(r.items for r in sink.reports), "it is sent")
            broker.stop()
            sink.acks = True
            broker.start()
            await is_empty(spool)


async def test_junk_on_every_topic_to_us_stops_nothing(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "edge.uplink")
    with broker_and_sink(tmp_path) as (broker, sink):
        async with uplink_to(spool, plain(broker)) as uplink:
            await eventually(lambda: sink.reports, "connected")
            for junk in (b"", b"\xff\x00", b"[" * 50_000, b'{"v":"9.0"}', b'{"v":"1.0"}', b"null"):
                send(sink, Leaf.ACK, junk)
                send(sink, Leaf.COMMAND, junk)
            others = Ack(v=VERSION, spool=OTHER, through=99, server_utc_ms=1, sent_utc_ms=1)
            send(sink, Leaf.ACK, others)
            await spool.append_event(event())
            uplink.poke()
            await is_empty(spool)
        assert "an ack that can't be read" in caplog.text
        assert "a command that can't be read" in caplog.text
        assert "an ack for another spool" in caplog.text


async def test_an_ack_of_more_than_was_sent_deletes_nothing_more(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        async with uplink_to(spool, plain(broker)) as uplink:
            await eventually(lambda: sink.reports, "connected")
            sink.acks = False
            send(
                sink,
                Leaf.ACK,
                Ack(v=VERSION, spool=spool.running, through=99, server_utc_ms=1, sent_utc_ms=1),
            )
            send(sink, Leaf.ACK, b"what comes after it")
            await eventually(lambda: "an ack that can't be read" in caplog.text, "both came")
            await spool.append_event(event())
            uplink.poke()
            await eventually(lambda: any(r.items for r in sink.reports), "it is sent")
            assert (await spool.stats()).items == 1


async def test_what_the_centre_refuses_is_set_aside_and_said(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        sink.acks = False
        await spool.append_event(event())
        async with uplink_to(spool, plain(broker)):
            await eventually(lambda: any(r.items for r in sink.reports), "it is sent")
            refusal = Refusal(seq=1, reason="no such gate")
            send(
                sink,
                Leaf.ACK,
                Ack(
                    v=VERSION,
                    spool=spool.running,
                    through=0,
                    refused=(refusal,),
                    server_utc_ms=utc_ms(),
                    sent_utc_ms=utc_ms(),
                ),
            )
            await is_empty(spool)
        assert (await spool.stats()).refused == 1
        assert "refused item 1: no such gate" in caplog.text


async def test_an_unanswered_report_is_sent_again(tmp_path: Path, spool: Spool) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        sink.acks = False
        await spool.append_event(event())
        async with uplink_to(spool, plain(broker), resend_after_ms=300):
            await eventually(lambda: sum(len(r.items) for r in sink.reports) >= 2, "twice")
            sink.acks = True
            await is_empty(spool)


async def test_an_unknown_command_gets_an_answer(tmp_path: Path, spool: Spool) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        replies: list[bytes] = []
        where = topic(AGENT, Leaf.REPLY)
        sink._client.message_callback_add(where, lambda *a: replies.append(bytes(a[2].payload)))
        async with uplink_to(spool, plain(broker)):
            await eventually(lambda: sink.reports, "connected")
            sink._client.subscribe(where, 1)
            send(
                sink, Leaf.COMMAND, Command(v=VERSION, id=BOOT, verb="dance", expires_utc_ms=10**13)
            )
            await eventually(lambda: replies, "a reply")
        reply = decode_reply(replies[0])
        assert (reply.id, reply.ok) == (BOOT, False)


async def test_presence_is_retained_and_ends_with_us(tmp_path: Path, spool: Spool) -> None:
    with broker_and_sink(tmp_path) as (broker, sink):
        async with uplink_to(spool, plain(broker)):
            await eventually(lambda: sink.statuses, "online")
            assert decode_status(sink.statuses[-1]).online
        await eventually(lambda: not decode_status(sink.statuses[-1]).online, "offline")


async def test_a_wrong_password_is_said_once_and_kept_trying(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    passwords = tmp_path / "passwords"
    command = ["/usr/bin/mosquitto_passwd", "-b", "-c", str(passwords), AGENT, "right"]
    await asyncio.to_thread(subprocess.run, command, check=True)
    broker = Broker(tmp_path)
    broker.configure("allow_anonymous false", f"password_file {passwords}")
    broker.start()
    try:
        async with uplink_to(spool, plain(broker, "wrong-word")):
            await eventually(lambda: "the broker refused us" in caplog.text, "it is said")
        assert "wrong-word" not in caplog.text
        async with uplink_to(spool, plain(broker, "right")):
            await eventually(lambda: "connected to the centre" in caplog.text, "connected")
    finally:
        broker.stop()


def certificates(folder: Path) -> None:
    """A certificate for 127.0.0.1 that signs itself."""
    made = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    named = ["-subj", "/CN=centre", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made, *named]
    subprocess.run(command, check=True, capture_output=True)


# paho leaves the socket of a failed TLS handshake to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_is_checked_against_the_ca_file(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await asyncio.to_thread(certificates, tmp_path)
    broker = Broker(tmp_path)
    broker.configure(
        "allow_anonymous true", f"certfile {tmp_path}/cert.pem", f"keyfile {tmp_path}/key.pem"
    )
    broker.start()
    try:
        strict = CentreConfig(
            host="127.0.0.1", port=broker.port, tls=True, password=None, ca_file=None
        )
        async with uplink_to(spool, strict):
            await eventually(lambda: "no connection to 127.0.0.1" in caplog.text, "not trusted")
        ours = CentreConfig(
            host="127.0.0.1",
            port=broker.port,
            tls=True,
            password=None,
            ca_file=tmp_path / "cert.pem",
        )
        async with uplink_to(spool, ours):
            await eventually(lambda: "connected to the centre" in caplog.text, "connected")
    finally:
        broker.stop()


async def test_a_ca_file_that_is_none_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    centre = CentreConfig(
        host="127.0.0.1", port=1, tls=True, password=None, ca_file=tmp_path / "ca.pem"
    )
    with pytest.raises(ssl.SSLError):
        PahoLink(AGENT, centre, version="t")
