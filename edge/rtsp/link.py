"""A TCP connection to a camera, with TLS on top where asked, and what its errors mean.

While a handshake runs, reading waits; later ``read_into`` takes what the kernel holds and never
waits. TLS goes through memory buffers, so that both ways of reading serve both kinds of connection.
"""

import asyncio
import contextlib
import errno
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

CHUNK: Final = 256 * 1024
_RECEIVE_BUFFER: Final = 1024 * 1024
_MAX_ADDRESSES: Final = 4
_MIN_SHARE_S: Final = 0.5
_UNREACHABLE: Final = frozenset(
    {
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EHOSTDOWN,
        errno.ENETDOWN,
        errno.EADDRNOTAVAIL,
        # Windows keeps its own numbers: WSAEADDRNOTAVAIL, WSAENETUNREACH, WSAEHOSTUNREACH and what
        # its proactor says for the last two.
        10049,
        10051,
        10065,
        1231,
        1232,
    }
)


class TroubleError(Exception):
    """Carries a ``Trouble`` out of nested waits; ``session`` catches it."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(detail)
        self.trouble = Trouble(cause, detail)


class Link:
    """A connected, non-blocking socket; ``connect`` makes them."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._unsent = bytearray()

    async def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Do the TLS handshake; from here on everything is encrypted."""
        loop = asyncio.get_running_loop()
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        done = False
        while not done:
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                done = True
            await loop.sock_sendall(self._sock, self._outgoing.read())
            if not done:
                self._incoming.write(await self._receive_some())
        self._tls = tls

    async def read(self) -> bytes:
        """Wait for bytes and return them; empty at the end of the stream."""
        while True:
            if (clear := self._decrypted(CHUNK)) is not None:
                return clear
            data = await asyncio.get_running_loop().sock_recv(self._sock, CHUNK)
            if self._tls is None or not data:
                return data
            self._incoming.write(data)

    def read_into(self, view: memoryview) -> int | None:
        """Read what is there: its size, 0 at the end of the stream, None if there is nothing."""
        try:
            if self._tls is None:
                return self._sock.recv_into(view)
            clear = self._decrypted(len(view))
            if clear is None:
                data = self._sock.recv(CHUNK)
                if not data:
                    return 0
                self._incoming.write(data)
                clear = self._decrypted(len(view))
        except (BlockingIOError, InterruptedError):
            return None
        if clear is None:
            return None
        view[: len(clear)] = clear
        return len(clear)

    def send(self, data: bytes) -> None:
        """Send as much as the socket takes now; ``flush`` sends the rest."""
        if self._tls is None:
            self._unsent += data
        elif data:
            self._tls.write(data)
        self.flush()

    def flush(self) -> None:
        """Send what is waiting, as far as the socket takes it."""
        if self._tls is not None:
            self._unsent += self._outgoing.read()
        with contextlib.suppress(BlockingIOError, InterruptedError):
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    async def _receive_some(self) -> bytes:
        data = await asyncio.get_running_loop().sock_recv(self._sock, CHUNK)
        if not data:
            raise ConnectionResetError("closed during the TLS handshake")
        return data

    def _decrypted(self, size: int) -> bytes | None:
        """Return up to ``size`` bytes that TLS holds: empty at its end, None if it holds none."""
        if self._tls is None:
            return None
        parts: list[bytes] = []
        try:
            while size > 0 and (part := self._tls.read(size)):
                parts.append(part)
                size -= len(part)
        except ssl.SSLWantReadError:
            return b"".join(parts) or None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass  # the parts are the last ones; the next call comes here again
        return b"".join(parts)


async def connect(url: CameraUrl, *, within_s: float, ca_file: Path | None) -> Link:
    """Return a link to the camera, or raise ``TroubleError``.

    Each of a name's addresses gets its share of the time, so that a dead one leaves some for the
    next; the last one's trouble is told.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + within_s
    addresses = await _resolve(url, within_s)
    share_s = max(deadline_s - loop.time(), _MIN_SHARE_S) / len(addresses)
    for number, (family, address) in enumerate(addresses, start=1):
        try:
            with explained(url, f"no connection within {share_s:.1f} s"):
                async with asyncio.timeout(share_s):
                    return await _connect_one(url, family, address, ca_file)
        except TroubleError:
            if number == len(addresses):
                raise
    raise AssertionError("a name that resolves has an address")


@contextlib.contextmanager
def explained(url: CameraUrl, on_timeout: str) -> Iterator[None]:
    """Turn what the operating system or TLS raises inside into ``TroubleError``."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        why = f"the certificate of {url.netloc} does not verify: {error.verify_message}"
        raise TroubleError(Cause.RTSP_PROTOCOL, why) from error
    except ssl.SSLError as error:
        why = (
            f"TLS failed ({error.reason or 'no reason given'}); is it rtsp:// rather than rtsps://?"
        )
        raise TroubleError(Cause.RTSP_PROTOCOL, why) from error
    except TimeoutError as error:
        raise TroubleError(Cause.NETWORK_TIMEOUT, on_timeout) from error
    except ConnectionRefusedError as error:
        why = f"{url.netloc} refuses the connection: nothing listens there"
        raise TroubleError(Cause.NETWORK_REFUSED, why) from error
    except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError) as error:
        why = "the camera broke the connection off"
        raise TroubleError(Cause.RTSP_PROTOCOL, why) from error
    except OSError as error:
        cause = Cause.NETWORK_UNREACHABLE if is_unreachable(error) else Cause.NETWORK_TIMEOUT
        why = f"{url.netloc} can't be reached: {error.strerror or type(error).__name__}"
        raise TroubleError(cause, why) from error


def is_unreachable(error: OSError) -> bool:
    """Tell whether the network said that there is no way to the camera."""
    return error.errno in _UNREACHABLE or getattr(error, "winerror", None) in _UNREACHABLE


async def _resolve(url: CameraUrl, within_s: float) -> list[tuple[int, tuple[Any, ...]]]:
    try:
        async with asyncio.timeout(within_s):
            found = await _addresses(url.host, url.port)
    except TimeoutError as error:
        why = f"the name {url.host} was not resolved within {within_s:g} s"
        raise TroubleError(Cause.NETWORK_UNREACHABLE, why) from error
    except (OSError, UnicodeError) as error:
        why = f"the name {url.host} does not resolve to an address"
        raise TroubleError(Cause.NETWORK_UNREACHABLE, why) from error
    return [(int(family), address) for family, _, _, _, address in found[:_MAX_ADDRESSES]]


async def _addresses(host: str, port: int) -> list[Any]:
    """Resolve in a daemon thread: a name server that hangs must not hold up the program's end.

    The loop's own ``getaddrinfo`` uses its executor, whose threads are waited for at the end.
    """
    with contextlib.suppress(socket.gaierror):  # an address needs no name server and no thread
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def settle(found: list[Any] | None, error: Exception | None) -> None:
        if answer.done():
            return  # nobody waits any more
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found or [])

    def work() -> None:
        found, trouble = None, None
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            trouble = error
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, found, trouble)

    threading.Thread(target=work, name="resolver", daemon=True).start()
    return await answer


async def _connect_one(url: CameraUrl, family: int, address: Any, ca_file: Path | None) -> Link:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, address)
        link = Link(sock)
        if url.scheme == "rtsps":
            await link.secure(_tls_context(ca_file), url.host)
    except BaseException:
        sock.close()
        raise
    return link


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
        return context
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Old cameras speak old TLS with short keys, and unchecked certificates promise nothing anyway.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context
