"""Rows with a server that we did not write: GStreamer's, where the machine has it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from edge.rtsp.url import CameraUrl
from sim.clips import ClipCache
from tests.bench.rude_run import Row
from tests.bench.rude_serve import SMALL
from tests.system.fixtures_rtsp import (
    GstServer,
    gst_server,
    has_gstreamer,
    write_units,
)
from tests.system.tls_files import TlsFiles, make_certificate
from wire.vocabulary import Cause


@contextlib.asynccontextmanager
async def gstreamer(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """GStreamer's server: both codecs, logins, TLS in front, and one that is stopped."""
    if not await asyncio.to_thread(has_gstreamer):
        yield []
        return
    (folder / "gst").mkdir()
    mounts = await asyncio.to_thread(_mounts, cache, folder / "gst")
    files = await asyncio.to_thread(make_certificate, folder / "gst", "127.0.0.1")
    async with contextlib.AsyncExitStack() as stack:
        served = stack.enter_context(
            gst_server(mounts, fps=SMALL.fps, login=("xem", "p@ss/w:o#rd"))
        )
        stopping = stack.enter_context(contextlib.ExitStack())
        stopped = stopping.enter_context(gst_server({"a": mounts["h264"]}, fps=SMALL.fps))
        port = await stack.enter_async_context(_secured(served.port, files))

        async def stop() -> None:
            await asyncio.to_thread(stopping.close)

        yield _rows(served, stopped.url("a"), port, stop)


def _mounts(cache: ClipCache, folder: Path) -> dict[str, tuple[str, Path]]:
    clips = {codec: cache.get(replace(SMALL, codec=codec)) for codec in ("h264", "h265")}
    return {
        codec: (codec, write_units(folder / codec, list(clip.units)))
        for codec, clip in clips.items()
    }


def _rows(
    served: GstServer, stopped: str, tls_port: int, stop: Callable[[], Awaitable[None]]
) -> list[Row]:
    h264 = CameraUrl.parse(served.url("h264"))
    told = "user name or password is wrong"
    rows: list[tuple[str, str, Cause | None, str, CameraUrl]] = [
        ("gst", "is GStreamer's server", None, "", h264),
        ("gst-h265", "is GStreamer's, with H.265", None, "", CameraUrl.parse(served.url("h265"))),
        ("gst-tls", "is GStreamer's, behind TLS", None, "", _by_tls(h264, tls_port)),
        (
            "gst-auth",
            "is GStreamer's, with another password",
            Cause.RTSP_AUTH,
            told,
            CameraUrl.parse(served.url("h264", password="other")),
        ),
        (
            "gst-404",
            "is GStreamer's, without this path",
            Cause.RTSP_NOT_FOUND,
            "no stream at this path",
            CameraUrl.parse(served.url("none")),
        ),
    ]
    found = [Row(name=n, says=s, expect=e, told=t, url=u) for n, s, e, t, u in rows]
    last = Row(
        name="gst-stopped",
        says="is GStreamer's, and is stopped while it plays",
        expect=Cause.NETWORK_REFUSED,
        url=CameraUrl.parse(stopped),
        then=stop,
    )
    return [*found, last]


def _by_tls(url: CameraUrl, port: int) -> CameraUrl:
    return replace(url, scheme="rtsps", port=port)


@contextlib.asynccontextmanager
async def _secured(port: int, files: TlsFiles) -> AsyncIterator[int]:
    """Put TLS before a port; give back the new port."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))
        for one in (there_writer, writer):
            one.transport.abort()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=files.server_context())
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()
