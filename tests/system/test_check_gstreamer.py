"""One look at a camera, and a watch over one, against an RTSP server that we did not write."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.config.values import CameraConfig, WatchConfig
from edge.look import Look, look
from edge.picture.decoder import AvDecoder
from edge.picture.judge import Judge
from edge.rtsp.handshake import Limits
from edge.rtsp.session import Pump, Stream
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting
from edge.watcher import watch
from tests.system.fixtures_rtsp import (
    GstServer,
    Video,
    encode_video,
    gst_server,
    has_gstreamer,
    write_units,
)
from wire.vocabulary import Cause, State

PASSWORD = "mật@khẩu/1:2?#%41"
BOUND_S = 12.5

pytestmark = pytest.mark.skipif(not has_gstreamer(), reason="needs GStreamer's RTSP server")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GstServer]:
    folder = tmp_path_factory.mktemp("video")
    videos = {
        "h264": Video(codec="h264"),
        "h265": Video(codec="h265", width=320, height=192),
        "black": Video(black=True),
    }
    mounts: dict[str, tuple[str, Path]] = {
        name: (video.codec, write_units(folder / name, encode_video(video)))
        for name, video in videos.items()
    }
    with gst_server(mounts, login=("xem", PASSWORD)) as running:
        yield running


@pytest.fixture
async def decoder() -> AsyncIterator[AvDecoder]:
    made = AvDecoder()
    yield made
    made.close()


@pytest.fixture
def hung_port() -> Iterator[int]:
    """A port whose connections are accepted by the kernel and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


async def seen(url: str, decoder: AvDecoder) -> Look:
    began = time.monotonic()
    found = await look(CameraUrl.parse(url), clock=SystemClock(), decoder=decoder)
    assert time.monotonic() - began < BOUND_S
    text = f"{found!r} {found.to_json()}"
    assert PASSWORD not in text
    assert "kh%E1%BA%A9u" not in text
    return found


async def test_h264(server: GstServer, decoder: AvDecoder) -> None:
    found = await seen(server.url("h264"), decoder)
    assert (found.state, found.cause) == (State.UP, None)
    assert (found.codec, found.width, found.height) == ("h264", 640, 360)
    assert found.fps == pytest.approx(25, rel=0.3)
    assert found.kbit_s is not None
    assert 100 < found.kbit_s < 3000
    assert found.loss == 0
    steps = (found.connect_ms, found.describe_ms, found.first_rtp_ms, found.first_key_frame_ms)
    assert all(step is not None for step in steps)
    assert list(steps) == sorted(step for step in steps if step is not None)


async def test_h265(server: GstServer, decoder: AvDecoder) -> None:
    found = await seen(server.url("h265"), decoder)
    assert (found.state, found.cause) == (State.UP, None)
    assert (found.codec, found.width, found.height) == ("h265", 320, 192)


async def test_a_black_picture_is_degraded(server: GstServer, decoder: AvDecoder) -> None:
    found = await seen(server.url("black"), decoder)
    assert (found.state, found.cause) == (State.DEGRADED, Cause.PICTURE_BLACK)


async def test_a_wrong_password(server: GstServer, decoder: AvDecoder) -> None:
    found = await seen(server.url("h264", password="sai"), decoder)
    assert (found.state, found.cause) == (State.DOWN, Cause.RTSP_AUTH)
    assert "mật khẩu" in found.to_json()["advice"]["vi"]


async def test_no_password(server: GstServer, decoder: AvDecoder) -> None:
    found = await seen(f"rtsp://127.0.0.1:{server.port}/h264", decoder)
    assert found.cause is Cause.RTSP_AUTH
    assert "asks for a user name" in (found.verdict.detail or "")


async def test_a_wrong_path(server: GstServer, decoder: AvDecoder) -> None:
    found = await seen(server.url("nothing-here"), decoder)
    assert (found.state, found.cause) == (State.DOWN, Cause.RTSP_NOT_FOUND)


async def test_a_refused_port(decoder: AvDecoder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    found = await seen(f"rtsp://127.0.0.1:{port}/x", decoder)
    assert (found.state, found.cause) == (State.DOWN, Cause.NETWORK_REFUSED)


async def test_a_hung_port(hung_port: int, decoder: AvDecoder) -> None:
    found = await seen(f"rtsp://127.0.0.1:{hung_port}/x", decoder)
    assert (found.state, found.cause) == (State.DOWN, Cause.NETWORK_TIMEOUT)
    assert found.verdict.detail == "it accepts the connection but does not answer RTSP"
    assert found.connect_ms is not None


async def test_tls_where_there_is_none(server: GstServer, decoder: AvDecoder) -> None:
    found = await seen(server.url("h264").replace("rtsp://", "rtsps://"), decoder)
    assert found.cause is Cause.RTSP_PROTOCOL
    assert "rtsps://" in (found.verdict.detail or "")


async def test_a_stream_is_held_and_answers_and_ends(server: GstServer) -> None:
    pump = Pump(SystemClock())
    pumping = asyncio.create_task(pump.run())
    stream = await pump.open(CameraUrl.parse(server.url("h264")), Limits())
    assert isinstance(stream, Stream)
    await _until(lambda: stream.counter.packets >= 50, 5)
    assert await stream.answers(2)
    await stream.close()
    assert stream.trouble is None
    assert (stream.counter.lost, stream.counter.malformed) == (0, 0)
    pumping.cancel()
    await asyncio.gather(pumping, return_exceptions=True)


async def test_a_watched_camera_is_up_and_then_refused(
    server: GstServer,
    decoder: AvDecoder,
    caplog: pytest.LogCaptureFixture,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    del server
    caplog.set_level(logging.DEBUG)
    path = write_units(tmp_path_factory.mktemp("v") / "u", encode_video(Video(seconds=1)))
    sightings: list[Sighting] = []
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(gst_server({"a": ("h264", path)}, login=("xem", PASSWORD)))
        clock = SystemClock()
        pump = Pump(clock)
        watching = asyncio.gather(
            pump.run(),
            watch(
                CameraConfig(
                    id="c1", name="c1", url=CameraUrl.parse(own.url("a")), watch=WatchConfig()
                ),
                clock=clock,
                opener=pump,
                decoder=decoder,
                judge=Judge(freeze_after_ms=60_000),
                on_sighting=sightings.append,
            ),
        )
        await _until(lambda: len(sightings) >= 3, 8)
        assert {one.verdict.cause for one in sightings} == {None}
        stack.close()
        killed_ms = clock.ms()
        await _until(lambda: sightings[-1].verdict.cause is Cause.NETWORK_REFUSED, 5)
        assert abs(sightings[-1].began_ms - killed_ms) < 1500
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert PASSWORD not in caplog.text + repr(sightings)


async def _until(condition: Callable[[], bool], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 (what is waited for happens outside)
            await asyncio.sleep(0.05)
