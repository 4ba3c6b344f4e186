"""Sessions over real sockets: TLS, IPv6, TEARDOWN, and servers that misbehave."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.look import LookLimits, look
from edge.picture.decoder import AvDecoder
from edge.rtsp.handshake import Limits
from edge.rtsp.replies import Trouble
from edge.rtsp.session import Pump, Stream
from edge.rtsp.url import CameraUrl
from tests.system.fixtures_rtsp import (
    GstServer,
    Video,
    encode_video,
    gst_server,
    has_gstreamer,
    write_units,
)
from tests.system.tls_files import make_certificate
from wire.vocabulary import Cause

QUICK = Limits(connect_s=1.0, reply_s=0.5, handshake_s=1.5)
needs_gstreamer = pytest.mark.skipif(not has_gstreamer(), reason="needs GStreamer's RTSP server")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A listening socket with what its clients sent."""

    host: str
    port: int
    received: bytearray = field(default_factory=bytearray)

    def url(self, scheme: str = "rtsp", path: str = "/a") -> CameraUrl:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return CameraUrl.parse(f"{scheme}://xem:x@{host}:{self.port}{path}")


@contextlib.asynccontextmanager
async def serving(
    handle: Handler, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    found = Server(host, 0)
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.append(writer)
        recorded = asyncio.StreamReader()

        async def record() -> None:
            while data := await reader.read(65536):
                found.received.extend(data)
                recorded.feed_data(data)
            recorded.feed_eof()

        recording = asyncio.create_task(record())
        try:
            await handle(recorded, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            recording.cancel()
            await asyncio.gather(recording, return_exceptions=True)
            writer.close()

    listening = await asyncio.start_server(connected, host, 0, ssl=tls)
    found.port = listening.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


def forward_to(port: int) -> Handler:
    """Pass everything on to another server and back."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()

        ways = [
            asyncio.create_task(copy(reader, there_writer)),
            asyncio.create_task(copy(there_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            there_writer.close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    return handle


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GstServer]:
    path = tmp_path_factory.mktemp("video") / "a"
    write_units(path, encode_video(Video()))
    with gst_server({"a": ("h264", path)}) as running:
        yield running


@pytest.fixture
async def pump() -> AsyncIterator[Pump]:
    made = Pump(SystemClock())
    pumping = asyncio.create_task(made.run())
    yield made
    pumping.cancel()
    await asyncio.gather(pumping, return_exceptions=True)


async def until(condition: Callable[[], bool], within_s: float = 5) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 (what is waited for happens outside)
            await asyncio.sleep(0.02)


async def plays(pump: Pump, url: CameraUrl, limits: Limits) -> None:
    stream = await pump.open(url, limits)
    assert isinstance(stream, Stream), stream
    stream.want_key_frame()
    await until(lambda: stream.counter.packets > 60)
    assert stream.take_key_frame() is not None
    assert (stream.counter.lost, stream.counter.malformed) == (0, 0)
    await stream.close()


@needs_gstreamer
async def test_tls_with_a_certificate_that_nobody_checks(
    camera: GstServer, pump: Pump, tmp_path: Path
) -> None:
    files = make_certificate(tmp_path, "127.0.0.1")
    async with serving(forward_to(camera.port), tls=files.server_context()) as server:
        await plays(pump, server.url("rtsps"), Limits())
        assert b"TEARDOWN" in server.received


@needs_gstreamer
async def test_tls_with_a_ca_file(camera: GstServer, pump: Pump, tmp_path: Path) -> None:
    files = make_certificate(tmp_path, "127.0.0.1")
    (tmp_path / "other").mkdir()
    other = make_certificate(tmp_path / "other", "127.0.0.1")
    async with serving(forward_to(camera.port), tls=files.server_context()) as server:
        await plays(pump, server.url("rtsps"), Limits(ca_file=files.certificate))
        refused = await pump.open(server.url("rtsps"), Limits(ca_file=other.certificate))
    assert isinstance(refused, Trouble)
    assert refused.cause is Cause.RTSP_PROTOCOL
    assert "does not verify" in refused.detail


@needs_gstreamer
@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
async def test_ipv6(camera: GstServer, pump: Pump) -> None:
    async with serving(forward_to(camera.port), host="::1") as server:
        await plays(pump, server.url(), Limits())


@needs_gstreamer
async def test_a_cancelled_look_sends_teardown(camera: GstServer) -> None:
    decoder = AvDecoder()
    async with serving(forward_to(camera.port)) as server:
        looking = asyncio.create_task(look(server.url(), clock=SystemClock(), decoder=decoder))
        await until(lambda: b"PLAY" in server.received)
        await asyncio.sleep(0.3)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await until(lambda: b"TEARDOWN" in server.received, 1)
    decoder.close()


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del writer
    await reader.read()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.close()


async def speak_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>")
    await writer.drain()


async def greet_like_ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n")
    await reader.read()


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    writer.write(b"RTSP/1.0 200 OK\r\nX: ")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    writer.write(b"RTSP/1.0 200 OK\r\nX: ")
    while True:
        writer.write(b"a" * 65536)
        await writer.drain()


async def flood_frames(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del reader
    while True:
        writer.write(b"$\x00\xff\xff" + bytes(65535))
        await writer.drain()


async def redirect_to_itself(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    port = writer.get_extra_info("sockname")[1]
    for status in (b"200 OK", b"302 Moved"):
        request = await reader.readuntil(b"\r\n\r\n")
        cseq = next(line for line in request.split(b"\r\n") if line.startswith(b"CSeq"))
        location = f"Location: rtsp://127.0.0.1:{port}/b\r\n".encode()
        writer.write(b"RTSP/1.0 " + status + b"\r\n" + cseq + b"\r\n" + location + b"\r\n")
        await writer.drain()
    await reader.read()


@pytest.mark.parametrize(
    ("handle", "cause", "told"),
    [
        (hang, Cause.NETWORK_TIMEOUT, "accepts the connection but does not answer RTSP"),
        (hang_up, Cause.RTSP_PROTOCOL, "instead of answering OPTIONS"),
        (speak_http, Cause.RTSP_PROTOCOL, "an HTTP server answers here"),
        (greet_like_ssh, Cause.RTSP_PROTOCOL, "an SSH server answers here"),
        (trickle, Cause.NETWORK_TIMEOUT, "does not answer RTSP"),
        (flood, Cause.RTSP_PROTOCOL, "over 16384 bytes"),
        (flood_frames, Cause.NETWORK_TIMEOUT, "does not answer RTSP"),
        (redirect_to_itself, Cause.RTSP_PROTOCOL, "redirected more than 3 times"),
    ],
)
async def test_a_server_that_misbehaves_is_told_apart_in_bounded_time(
    pump: Pump, handle: Handler, cause: Cause, told: str
) -> None:
    async with serving(handle) as server:
        began = time.monotonic()
        trouble = await pump.open(server.url(), QUICK)
        assert time.monotonic() - began < 2.5
    assert isinstance(trouble, Trouble)
    assert trouble.cause is cause
    assert told in trouble.detail
    assert pump.streams == ()


@pytest.mark.parametrize("away_s", [0.0, 2.2])
async def test_a_timeout_is_unsure_if_this_machine_had_no_time_for_us(
    pump: Pump, away_s: float
) -> None:
    async with serving(hang) as server:
        asking = asyncio.create_task(pump.open(server.url(), QUICK))
        await asyncio.sleep(0.3)
        time.sleep(away_s)  # noqa: ASYNC251 (nothing of us runs: that is the point)
        trouble = await asking
    assert isinstance(trouble, Trouble)
    assert (trouble.cause, trouble.unsure) == (Cause.NETWORK_TIMEOUT, away_s > 0)


async def test_a_name_that_does_not_resolve(pump: Pump) -> None:
    for host in ("no-such-camera.invalid", "a..b", "x" * 70 + ".example"):
        trouble = await pump.open(CameraUrl.parse(f"rtsp://{host}/"), QUICK)
        assert isinstance(trouble, Trouble)
        assert trouble.cause is Cause.NETWORK_UNREACHABLE, host


SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n"


async def play_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request well and send no packet."""
    while True:
        request = await reader.readuntil(b"\r\n\r\n")
        cseq = next(line for line in request.split(b"\r\n") if line.startswith(b"CSeq"))
        body = SDP if request.startswith(b"DESCRIBE") else b""
        lines = [b"RTSP/1.0 200 OK", cseq, b"Session: 1;timeout=4"]
        lines += [b"Content-Length: %d" % len(body), b"", body]
        writer.write(b"\r\n".join(lines))
        await writer.drain()


async def test_play_without_packets_is_a_stall() -> None:
    decoder = AvDecoder()
    async with serving(play_nothing) as server:
        found = await look(
            server.url(), clock=SystemClock(), decoder=decoder, limits=LookLimits(stall_s=0.5)
        )
        assert b"TEARDOWN" in server.received
    decoder.close()
    assert found.cause is Cause.STREAM_STALLED
    assert "RTSP still answers" in (found.verdict.detail or "")
    assert (found.codec, found.width, found.fps) == ("h264", None, None)


async def play_and_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer up to PLAY, then reset the connection, as a camera that has restarted does."""
    playing = asyncio.create_task(play_nothing(reader, writer))
    await asyncio.sleep(0.5)
    playing.cancel()
    found = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_connection_that_is_reset_while_it_plays_is_a_lost_stream(pump: Pump) -> None:
    async with serving(play_and_reset) as server:
        stream = await pump.open(server.url(), QUICK)
        assert isinstance(stream, Stream)
        await until(lambda: stream.trouble is not None)
        assert stream.trouble is not None
        assert stream.trouble.cause is Cause.STREAM_STALLED
        await stream.close()


async def test_keep_alives_come_at_half_the_time_out(pump: Pump) -> None:
    async with serving(play_nothing) as server:
        stream = await pump.open(server.url(), QUICK)
        assert isinstance(stream, Stream)
        before = server.received.count(b"OPTIONS")
        await until(lambda: server.received.count(b"OPTIONS") > before, 3)
        await stream.close()


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_camera_is_found_where_it_was_while_the_name_server_is_away(
    pump: Pump, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    real, released, is_away = socket.getaddrinfo, threading.Event(), threading.Event()

    def look_up(host: str, *args: object, **how: object) -> object:
        if host != "gate.example" or how.get("flags"):
            return real(host, *args, **how)  # type: ignore[arg-type]
        if is_away.is_set() and hangs:
            released.wait(20)
        if is_away.is_set():
            raise socket.gaierror(socket.EAI_AGAIN, "no name server")
        return real("127.0.0.1", *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    async with serving(play_nothing) as server:
        url = CameraUrl.parse(f"rtsp://xem:x@gate.example:{server.port}/a")
        for _ in range(2):
            stream = await pump.open(url, QUICK)
            assert isinstance(stream, Stream), stream
            await stream.close()
            is_away.set()
    released.set()


def test_a_name_server_that_hangs_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, released = socket.getaddrinfo, threading.Event()

    def hang_on_names(host: str, *args: object, **how: object) -> object:
        if host == "slow.example" and not how.get("flags"):
            released.wait(20)
        return real(host, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", hang_on_names)
    began = time.monotonic()
    opened = asyncio.run(Pump(SystemClock()).open(CameraUrl.parse("rtsp://slow.example/"), QUICK))
    assert time.monotonic() - began < 3
    assert isinstance(opened, Trouble)
    assert "was not resolved within 1 s" in opened.detail
    released.set()
