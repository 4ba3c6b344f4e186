"""Rows about what stands at the address: strangers, networks, names, other hosts, TLS."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from edge.rtsp.url import CameraUrl
from sim.clips import ClipCache
from sim.fleet import CameraSpec, Fleet
from sim.manners import Manner, answering
from sim.strangers import STRANGERS
from tests.bench.rude_run import Row
from tests.bench.rude_serve import SMALL, running, treated
from tests.system.tls_files import make_certificate
from wire.vocabulary import Cause

_STRANGERS: Final = {
    "web": ("is a web server", Cause.RTSP_PROTOCOL, "an HTTP server answers here"),
    "ssh": ("is an SSH server", Cause.RTSP_PROTOCOL, "an SSH server answers here"),
    "maker": ("speaks a maker's own protocol", Cause.RTSP_PROTOCOL, "not RTSP"),
    "silent": ("takes the connection and is silent", Cause.NETWORK_TIMEOUT, "does not answer RTSP"),
    "closing": ("hangs up at once", Cause.RTSP_PROTOCOL, "instead of answering OPTIONS"),
    "trickle": (
        "sends an answer without an end, slowly",
        Cause.NETWORK_TIMEOUT,
        "does not answer RTSP",
    ),
    "flood": ("sends an answer without an end, fast", Cause.RTSP_PROTOCOL, "over 16384 bytes"),
}
_TLS_ROWS: Final = (
    ("tls-unchecked", "tls-good", "", "", "speaks TLS with a certificate of its own"),
    ("tls-checked", "tls-good", "good", "", "speaks TLS, and its certificate is known"),
    ("tls-unknown", "tls-good", "other", "does not verify", "has another certificate than known"),
    ("tls-expired", "tls-expired", "expired", "expired", "has a certificate that has expired"),
    ("tls-misnamed", "tls-misnamed", "misnamed", "mismatch", "has one for another address"),
    ("tls-for-plain", "for-plain", "", "rtsp:// rather", "is asked by rtsps://, but speaks none"),
    ("plain-for-tls", "for-tls", "", "TLS", "is asked by rtsp://, but speaks TLS"),
)


@contextlib.asynccontextmanager
async def strangers(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """Other servers at the port."""
    del cache, folder
    async with contextlib.AsyncExitStack() as stack:
        rows = []
        for name, (says, cause, told) in _STRANGERS.items():
            port = await stack.enter_async_context(_stranger(name))
            url = CameraUrl.parse(f"rtsp://xem:x@127.0.0.1:{port}/a")
            rows.append(Row(name=name, says=says, expect=cause, told=told, url=url))
        port = await stack.enter_async_context(_stranger("silent"))
        rows.append(
            Row(
                name="silent-tls",
                says="takes the connection and does not answer TLS",
                expect=Cause.NETWORK_TIMEOUT,
                told="does not answer TLS",
                url=CameraUrl.parse(f"rtsps://xem:x@127.0.0.1:{port}/a"),
            )
        )
        yield rows


@contextlib.asynccontextmanager
async def _stranger(name: str) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()
    serve = STRANGERS[name]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def networks(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """Names, routes and addresses."""
    del folder
    specs = [CameraSpec(id=name, clip=SMALL) for name in ("two-addresses", "dead-first")]
    async with contextlib.AsyncExitStack() as stack:
        fleet = await stack.enter_async_context(running(specs, cache))
        deaf = stack.enter_context(_deaf())
        names = {
            "two.example": [("::1", 9), ("127.0.0.1", _port(fleet, "two-addresses"))],
            "dead.example": [("127.0.0.1", deaf), ("127.0.0.1", _port(fleet, "dead-first"))],
        }
        stack.enter_context(_names(names))
        rows = [
            _nowhere("no-name", "camera.invalid", "has a name that does not resolve"),
            _nowhere("no-route", "255.255.255.255", "has an address without a way to it"),
            Row(
                name="deaf",
                says="has an address from which nothing comes back",
                expect=Cause.NETWORK_TIMEOUT,
                told="no connection within",
                url=CameraUrl.parse(f"rtsp://127.0.0.1:{deaf}/a"),
            ),
            _named(fleet, "two-addresses", "two.example", "has a name with a dead address first"),
            _named(fleet, "dead-first", "dead.example", "has a name with a deaf address first"),
        ]
        if socket.has_ipv6:
            six = await stack.enter_async_context(
                running([CameraSpec(id="ipv6", clip=SMALL)], cache, "::1")
            )
            url = CameraUrl.parse(six.url("ipv6"))
            rows.append(Row(name="ipv6", says="has an IPv6 address", expect=None, url=url))
        yield rows


def _nowhere(name: str, host: str, says: str) -> Row:
    url = CameraUrl.parse(f"rtsp://xem:x@{host}/a")
    return Row(name=name, says=says, expect=Cause.NETWORK_UNREACHABLE, url=url)


def _port(fleet: Fleet, camera: str) -> int:
    return CameraUrl.parse(fleet.url(camera)).port


def _named(fleet: Fleet, camera: str, host: str, says: str) -> Row:
    url = replace(CameraUrl.parse(fleet.url(camera)), host=host)
    return Row(name=camera, says=says, expect=None, url=url, also=treated(fleet, camera))


@contextlib.contextmanager
def _deaf() -> Iterator[int]:
    """Listen on a port whose queue is full: the kernel drops what asks for more."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        for _ in range(4):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", port))
        yield port


@contextlib.contextmanager
def _names(known: dict[str, list[tuple[str, int]]]) -> Iterator[None]:
    """Let names resolve to several addresses, as a name server would."""
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **how: Any) -> Any:
        if host not in known or how.get("flags"):
            return real(host, port, *args, **how)
        return [found for where in known[host] for found in real(*where, *args, **how)]

    socket.getaddrinfo = resolve
    try:
        yield
    finally:
        socket.getaddrinfo = real


@contextlib.asynccontextmanager
async def redirected(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """Redirects to another host."""
    del folder
    async with contextlib.AsyncExitStack() as stack:
        there = await stack.enter_async_context(
            running([CameraSpec(id="there", clip=SMALL)], cache, "127.0.0.2")
        )
        away = there.url("there", with_password=False)
        sending = Manner(reword=answering(302, "DESCRIBE", Location=away))
        here = await stack.enter_async_context(
            running([CameraSpec(id="sent-away", clip=SMALL, manner=sending)], cache)
        )
        yield [
            Row(
                name="sent-away",
                says="redirects to another host, which wants the password",
                expect=Cause.RTSP_AUTH,
                told="which is not told our password",
                url=CameraUrl.parse(here.url("sent-away")),
                also=treated(there, "there", tries=0),
            )
        ]


@contextlib.asynccontextmanager
async def secured(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """RTSP over TLS."""
    if shutil.which("openssl") is None:
        yield []
        return
    made = {}
    for name, address, days in (
        ("good", "127.0.0.1", 1),
        ("other", "127.0.0.1", 1),
        ("expired", "127.0.0.1", 0),
        ("misnamed", "10.9.9.9", 1),
    ):
        (folder / name).mkdir()
        made[name] = await asyncio.to_thread(make_certificate, folder / name, address, days=days)
    specs = [
        CameraSpec(id=f"tls-{name}", clip=SMALL, tls=files.server_context())
        for name, files in made.items()
    ] + [CameraSpec(id="plain", clip=SMALL)]
    async with running(specs, cache) as fleet:
        at = {spec.id: CameraUrl.parse(fleet.url(spec.id)) for spec in specs}
        at["for-plain"] = replace(at["plain"], scheme="rtsps")
        at["for-tls"] = replace(at["tls-good"], scheme="rtsp")
        yield [
            Row(
                name=name,
                says=says,
                expect=Cause.RTSP_PROTOCOL if told else None,
                told=told,
                url=at[camera],
                ca_file=made[ca].certificate if ca else None,
            )
            for name, camera, ca, told, says in _TLS_ROWS
        ]
