"""The camera's half of RTSP 1.0 over TCP: one ``Viewer`` per connection, on our own sans-I/O parts.

Speaks OPTIONS, DESCRIBE, SETUP (interleaved only: 461 for UDP), PLAY, PAUSE, GET_PARAMETER,
SET_PARAMETER and TEARDOWN; ``desk`` has the answers, here are the bytes.
"""

import asyncio
from typing import Final, Protocol

from edge.rtsp.framing import Framer, FramingError, Headers, Request, Response, encode
from sim.desk import Desk, Face
from sim.faults import Fault
from sim.packets import Burst, on_channel, sender_report

__all__ = ["Station", "Viewer"]

MAX_UNSENT: Final = 1 << 20
"""Bytes that may wait for a slow viewer; beyond them packets are left out, and it sees a gap."""
_OK: Final = 200
_PIECE_EVERY_S: Final = 0.01


class Station(Face, Protocol):
    """A camera as its viewers need it."""

    def joined(self, viewer: "Viewer") -> None:
        """Begin to send to ``viewer``."""
        ...

    def connected(self, viewer: "Viewer") -> None:
        """Take note of a connection that isn't playing."""
        ...

    def left(self, viewer: "Viewer") -> None:
        """Forget ``viewer``."""
        ...


class Viewer(asyncio.Protocol):
    """One connection to one camera.

    Attributes:
        playing: Whether packets are sent to it.
        ended_by_us: Whether the camera has hung up.
        heard_at: When it last asked something, by the camera's clock.
        dropped_packets: Packets left out because it was too slow.
    """

    def __init__(self, station: Station) -> None:
        self._station = station
        self._framer = Framer()
        self._desk = Desk(station)
        self._transport: asyncio.Transport | None = None
        self._pieces = b""
        self.playing = False
        self.ended_by_us = False
        self.heard_at = station.seconds()
        self.dropped_packets = 0

    @property
    def has_session(self) -> bool:
        """Whether it has a session that was not torn down."""
        return self._desk.session is not None and not self._desk.torn_down

    @property
    def was_abandoned(self) -> bool:
        """Whether the viewer left its session without TEARDOWN."""
        return self.has_session and not self.ended_by_us

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._station.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        del exc
        self._transport, self.playing = None, False
        self._station.left(self)

    def data_received(self, data: bytes) -> None:
        """Answer whatever whole requests have come."""
        if self._station.fault is Fault.HANG:
            return
        self.heard_at = self._station.seconds()
        self._framer.feed(data)
        try:
            while (event := self._framer.next_event()) is not None:
                if isinstance(event, Request):
                    self._answer(event)
        except FramingError:
            self.cut()

    def send(self, burst: Burst, data: bytes | bytearray) -> None:
        """Send stamped packets, unless the viewer is too slow."""
        if self._transport is None or self._pieces:
            return
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self.dropped_packets += len(burst.starts)
            return
        if (channel := self._station.manner.rtcp_channel) is not None:
            self._transport.write(sender_report(channel))
        if self._desk.channel == 0 or not isinstance(data, bytearray):
            self._transport.write(data)
        else:
            self._transport.write(on_channel(burst, data, self._desk.channel))

    def cut(self) -> None:
        """Break the connection off, as a power cut would."""
        self.playing, self.ended_by_us = False, True
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, request: Request) -> None:
        manner = self._station.manner
        if request.method in manner.silent_on or self._transport is None:
            return
        response = self._desk.answer(request)
        cseq = manner.cseq(request.headers.get("CSeq") or "0")
        headers = [("CSeq", cseq)] if cseq is not None else []
        headers += [("Server", "Vong Gac sim"), *response.headers]
        whole = Response(response.status, response.reason, Headers(headers), response.body)
        parts = [*map(encode, manner.before(request)), manner.spell(encode(whole))]
        parts += [encode(message) for message in manner.after(request)]
        self._write(b"".join(parts))
        self._follow(request.method, done=response.status == _OK)

    def _follow(self, method: str, *, done: bool) -> None:
        """Do what has been answered."""
        if method == "PLAY" and done:
            self.playing = True
            self._station.joined(self)
        elif method in {"PAUSE", "TEARDOWN"}:
            self.playing = False
            self._station.connected(self)
        if method in self._station.manner.hangs_up_after and (done or method == "TEARDOWN"):
            self._hang_up()

    def _hang_up(self) -> None:
        self.playing, self.ended_by_us = False, True
        if self._transport is not None:
            self._transport.close()

    def _write(self, octets: bytes) -> None:
        """Write at once, or in small pieces."""
        assert self._transport is not None
        piece = self._station.manner.piece
        if not piece:
            self._transport.write(octets)
            return
        begins = not self._pieces
        self._pieces += octets
        if begins:
            self._write_piece(piece)

    def _write_piece(self, size: int) -> None:
        if self._transport is None or not self._pieces:
            return
        self._transport.write(self._pieces[:size])
        self._pieces = self._pieces[size:]
        asyncio.get_running_loop().call_later(_PIECE_EVERY_S, self._write_piece, size)
