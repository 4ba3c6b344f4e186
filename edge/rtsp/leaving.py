"""Leaving a camera: TEARDOWN, its answer, the end of the connection. A shell.

Cameras have few sessions, and some keep one for a minute after a connection that just broke off.
So every session that a camera has begun is torn down, also after a failed handshake, and its answer
is waited for a little: closing a socket with unread packets resets the connection, and then the
camera may never read the request.
"""

from typing import Final

from edge.clock import Clock
from edge.rtsp.client import RtspClient
from edge.rtsp.framing import FRAME_HEADER
from edge.rtsp.link import CHUNK, Link, TroubleError, explained

_WAIT_MS: Final = 500
_STEP_S: Final = 0.02
_LEFTOVER: Final = FRAME_HEADER + 0xFFFF


async def leave(client: RtspClient, link: Link, clock: Clock, leftover: bytes = b"") -> None:
    """Tear the session down where there is one, and close; half a second at most."""
    try:
        with explained(client.url, ""):
            client.stop()
            link.send(client.take_output())
            await _until_torn_down(client, link, clock, leftover)
    except TroubleError:
        pass  # it is gone already, which is what we want
    finally:
        link.close()


async def _until_torn_down(client: RtspClient, link: Link, clock: Clock, leftover: bytes) -> None:
    scratch = memoryview(bytearray(_LEFTOVER + CHUNK))
    held = len(leftover)
    scratch[:held] = leftover
    deadline_ms = clock.ms() + _WAIT_MS
    while client.tearing_down and clock.ms() < deadline_ms:
        size = link.read_into(scratch[held : held + CHUNK])
        if size == 0:
            return
        await clock.wait(0 if size else _STEP_S)  # one that floods us must not hold up the others
        if size is None:
            continue
        end = held + size
        done = client.feed(scratch, end, clock.ms())
        held = end - done
        scratch[:held] = bytes(scratch[done:end])
        link.send(client.take_output())  # some cameras want a new login for each request
