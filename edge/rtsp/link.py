"""A TCP connection to a camera, with TLS on top where asked, and what its errors mean.

While a handshake runs, reading waits; later ``read_into`` takes what the kernel holds and never
waits. TLS goes through memory buffers, so that both ways of reading serve both kinds of connection.
"""

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

CHUNK: Final = 256 * 1024
RECEIVE_BUFFER: Final = 1024 * 1024
_MAX_UNSENT: Final = 64 * 1024
"""A handshake's requests are a tenth of this; a camera may ask us things and never read."""
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


_NO_TLS: Final = (
    "the camera closed the connection during the TLS handshake; is it rtsp:// rather than rtsps://?"
)


class TroubleError(Exception):
    """Carries a ``Trouble`` out of nested waits; ``session`` catches it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


class Link:
    """A connected, non-blocking socket; ``connect.connect`` makes them."""

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
        """Send what is waiting, as far as the socket takes it.

        Raises ``TroubleError`` where too much waits: the camera does not read.
        """
        if self._tls is not None:
            self._unsent += self._outgoing.read()
        with contextlib.suppress(BlockingIOError, InterruptedError):
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]
        if len(self._unsent) > _MAX_UNSENT:
            why = "the camera asks and asks, but reads no answer"
            raise TroubleError(Trouble(Cause.RTSP_PROTOCOL, why))

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    async def _receive_some(self) -> bytes:
        data = await asyncio.get_running_loop().sock_recv(self._sock, CHUNK)
        if not data:
            raise TroubleError(Trouble(Cause.RTSP_PROTOCOL, _NO_TLS))
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


@contextlib.contextmanager
def explained(url: CameraUrl, on_timeout: str) -> Iterator[None]:
    """Turn what the operating system or TLS raises inside into ``TroubleError``."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        why = f"the certificate of {url.netloc} does not verify: {error.verify_message}"
        raise TroubleError(Trouble(Cause.RTSP_PROTOCOL, why)) from error
    except ssl.SSLError as error:
        why = (
            f"TLS failed ({error.reason or 'no reason given'}); is it rtsp:// rather than rtsps://?"
        )
        raise TroubleError(Trouble(Cause.RTSP_PROTOCOL, why)) from error
    except TimeoutError as error:
        raise TroubleError(Trouble(Cause.NETWORK_TIMEOUT, on_timeout)) from error
    except ConnectionRefusedError as error:
        why = f"{url.netloc} refuses the connection: nothing listens there"
        raise TroubleError(Trouble(Cause.NETWORK_REFUSED, why)) from error
    except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError) as error:
        why = "the camera broke the connection off"
        raise TroubleError(Trouble(Cause.RTSP_PROTOCOL, why)) from error
    except OSError as error:
        cause = Cause.NETWORK_UNREACHABLE if is_unreachable(error) else Cause.NETWORK_TIMEOUT
        why = f"{url.netloc} can't be reached: {error.strerror or type(error).__name__}"
        raise TroubleError(Trouble(cause, why)) from error


def is_unreachable(error: OSError) -> bool:
    """Tell whether the network said that there is no way to the camera."""
    return error.errno in _UNREACHABLE or getattr(error, "winerror", None) in _UNREACHABLE
