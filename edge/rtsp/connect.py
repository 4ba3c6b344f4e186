"""A connection to a camera: its addresses raced, TLS on top where asked. A shell.

A name may have several addresses of which one is dead (mostly IPv6 where nobody routes it). They
are raced as RFC 8305 ("happy eyeballs") has it: the next one starts when the one before has failed
or has not answered for 0.3 s; the first that connects wins and the others are closed at once, so
that a camera sees one connection.
"""

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path
from typing import Final

from edge.rtsp.habits import Habits
from edge.rtsp.link import RECEIVE_BUFFER, Link, TroubleError, explained
from edge.rtsp.resolve import Address, resolve
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

_NEXT_AFTER_S: Final = 0.3
_MIN_TLS_S: Final = 0.5
_TELLING: Final = (Cause.NETWORK_REFUSED, Cause.NETWORK_TIMEOUT, Cause.NETWORK_UNREACHABLE)
"""Of several addresses' troubles the one is told that came farthest."""


async def connect(url: CameraUrl, *, within_s: float, ca_file: Path | None, habits: Habits) -> Link:
    """Return a link to the camera, or raise ``TroubleError``; ``habits`` keep where it is."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + within_s
    addresses = await resolve(url, within_s, known=habits.addresses)
    habits.addresses = tuple(addresses)
    with explained(url, f"no connection within {within_s:g} s"):
        async with asyncio.timeout_at(deadline_s):
            sock = await _race(url, addresses)
    link = Link(sock)
    if url.scheme == "rtsps":
        await _secure(link, url, ca_file, max(deadline_s - loop.time(), _MIN_TLS_S))
    return link


async def _race(url: CameraUrl, addresses: list[Address]) -> socket.socket:
    """Return the first socket that connects; raise the most telling trouble if none does."""
    tries: set[asyncio.Task[socket.socket]] = set()
    troubles: list[TroubleError] = []
    try:
        for address in addresses:
            tries.add(asyncio.create_task(_connect_one(url, address)))
            if (sock := await _first(tries, troubles, _NEXT_AFTER_S)) is not None:
                return sock
        while tries:
            if (sock := await _first(tries, troubles, None)) is not None:
                return sock
    finally:
        await _give_up(tries)
    raise min(troubles, key=lambda error: _rank(error.trouble.cause))


async def _first(
    tries: "set[asyncio.Task[socket.socket]]", troubles: list[TroubleError], within_s: float | None
) -> socket.socket | None:
    """Wait for the next try to end; return its socket, or None if it failed or none ended."""
    done, _ = await asyncio.wait(tries, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        tries.discard(task)
        try:
            return task.result()
        except TroubleError as error:
            troubles.append(error)
    return None


async def _give_up(tries: "set[asyncio.Task[socket.socket]]") -> None:
    for task in tries:
        task.cancel()
    for ended in await asyncio.gather(*tries, return_exceptions=True):
        if isinstance(ended, socket.socket):
            ended.close()


def _rank(cause: Cause) -> int:
    return _TELLING.index(cause) if cause in _TELLING else -1


async def _connect_one(url: CameraUrl, address: Address) -> socket.socket:
    family, where = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with explained(url, "no connection in time"):
            await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock


async def _secure(link: Link, url: CameraUrl, ca_file: Path | None, within_s: float) -> None:
    """Do the TLS handshake, or close the link and raise ``TroubleError``."""
    silence = f"{url.netloc} is open but does not answer TLS; is it rtsp:// rather than rtsps://?"
    try:
        with explained(url, silence):
            async with asyncio.timeout(within_s):
                await link.secure(_tls_context(ca_file), url.host.partition("%")[0])
    except BaseException:
        link.close()
        raise


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
        return context
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Old cameras speak old TLS with short keys, and unchecked certificates promise nothing anyway.
    with contextlib.suppress(ssl.SSLError):  # a system's policy may forbid it
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context
