"""From an address to a camera that plays: connection, TLS, RTSP handshake, with time-outs. A shell.

Bounded as a whole, not only per answer: a camera that trickles one octet a second is not waited
for. Whatever goes wrong on the way, a session that the camera has begun gets its TEARDOWN, and the
connection is closed before another one is opened.
"""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.clock import Clock
from edge.rtsp.client import ENDED, Phase, RtspClient
from edge.rtsp.connect import connect
from edge.rtsp.habits import Habits
from edge.rtsp.leaving import leave
from edge.rtsp.link import Link, TroubleError, explained
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

_PATIENCE_S: Final = 1.0
"""After so long a silence an answer that is merely odd is taken as it is ..."""
_LITTLE_PATIENCE_S: Final = 0.2
"""... or after so long, once the camera is known for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait, and whom to trust.

    Attributes:
        connect_s: For the TCP connection with TLS.
        reply_s: For each answer of the handshake.
        handshake_s: For all of them together.
        ca_file: Certificates that sign the camera's, or None not to check.
    """

    connect_s: float = 4.0
    reply_s: float = 4.0
    handshake_s: float = 10.0
    ca_file: Path | None = None


@dataclass(slots=True, kw_only=True)
class Timing:
    """When the steps of a handshake ended, on ``Clock.ms``; None for one that was not reached.

    ``showed_password``: whether any request carried it; ``login_accepted``: whether the camera has
    taken it.
    """

    began_ms: int
    connected_ms: int | None = None
    described_ms: int | None = None
    showed_password: bool = False
    login_accepted: bool = False


@dataclass(frozen=True, slots=True)
class Playing:
    """A camera that plays; ``leftover`` is the beginning of a frame that is not complete yet."""

    client: RtspClient
    link: Link
    leftover: bytes


async def shake_hands(
    url: CameraUrl, limits: Limits, timing: Timing, *, clock: Clock, habits: Habits
) -> Playing | CameraUrl:
    """Connect and begin to play; return that, or where the camera redirects to.

    ``timing`` is filled in on the way. Raises ``TroubleError``.
    """
    link = await connect(url, within_s=limits.connect_s, ca_file=limits.ca_file, habits=habits)
    timing.connected_ms = timing.connected_ms or clock.ms()
    client = RtspClient(url, cnonce=lambda: secrets.token_hex(8), habits=habits)
    playing = False
    try:
        leftover = await _ask_until_it_plays(client, link, limits, timing, clock)
        if client.redirected_to is not None:
            return client.redirected_to
        playing = True
        return Playing(client, link, leftover)
    finally:
        if not playing:
            await leave(client, link, clock)


async def _ask_until_it_plays(
    client: RtspClient, link: Link, limits: Limits, timing: Timing, clock: Clock
) -> bytes:
    pending = bytearray()
    deadline_ms = clock.ms() + round(limits.handshake_s * 1000)
    client.start()
    while client.phase is not Phase.PLAYING and client.phase not in ENDED:
        timing.showed_password = timing.showed_password or client.showed_password
        link.send(client.take_output())
        within_s = min(limits.reply_s, max(deadline_ms - clock.ms(), 0) / 1000)
        if not within_s:
            why = f"the handshake was not done within {limits.handshake_s:g} s"
            raise TroubleError(Trouble(Cause.NETWORK_TIMEOUT, why))
        await _one_answer(client, link, pending, within_s, clock)
        timing.login_accepted = timing.login_accepted or client.proven
        if client.description is not None and timing.described_ms is None:
            timing.described_ms = clock.ms()
    if client.trouble is not None:
        raise TroubleError(client.trouble)
    return bytes(pending)


async def _one_answer(
    client: RtspClient, link: Link, pending: bytearray, within_s: float, clock: Clock
) -> None:
    """Read until the camera has answered once more, or the client has failed."""
    before = client.answers
    silence = (
        f"no answer to {client.phase.value} within {within_s:.2g} s"
        if before
        else "it accepts the connection but does not answer RTSP"
    )
    with explained(client.url, silence):
        async with asyncio.timeout(within_s):
            while client.answers == before and client.phase not in ENDED:
                data = await _read(client, link)
                if data is None:
                    continue
                pending += data
                del pending[: client.feed(pending, len(pending), clock.ms())]
                if not data:
                    client.settle()
                    client.ended_by_peer()


async def _read(client: RtspClient, link: Link) -> bytes | None:
    """Return what comes next; None once the client has made do with what came before a silence."""
    reading = asyncio.ensure_future(link.read())
    try:
        while True:
            patience_s = _LITTLE_PATIENCE_S if client.is_unfinished else _PATIENCE_S
            done, _ = await asyncio.wait({reading}, timeout=patience_s)
            if done:
                return reading.result()
            if client.settle():
                return None
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
