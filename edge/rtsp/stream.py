"""A camera that plays, as the pump reads it. A shell."""

from dataclasses import replace
from typing import Final, Protocol

from edge.clock import Clock
from edge.rtsp.framing import FRAME_HEADER
from edge.rtsp.handshake import Playing
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.leaving import leave
from edge.rtsp.link import CHUNK, TroubleError, explained
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Codec
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

SCRATCH: Final = FRAME_HEADER + 0xFFFF + CHUNK
"""Octets of the pump's scratch: the beginning of a frame, and one chunk."""
_MAX_CHUNKS: Final = 8  # per camera and turn: a flood must not starve the others
_FULL: Final = CHUNK // 2
_STEP_S: Final = 0.02
_SERVED_MS: Final = 5_000


class Reader(Protocol):
    """Who reads a stream; ``session.Pump`` is the real one."""

    clock: Clock
    scratch: memoryview

    def forget(self, stream: "Stream") -> None:
        """Read ``stream`` no more."""
        ...


class Stream:
    """A camera that plays.

    Attributes:
        counter: What has come so far; its ``collector`` takes key frames out.
        trouble: Why the stream ended, or None while it runs.
        ended_ms: When it ended.
        codec: ``h264`` or ``h265``.
        described_fps: The frame rate that the camera announces, or None.
    """

    def __init__(self, playing: Playing, pump: Reader) -> None:
        client = playing.client
        assert client.counter is not None
        assert client.description is not None
        self.counter: StreamCounter = client.counter
        self.codec: Codec = client.description.video.codec
        self.described_fps = client.description.video.fps
        self.trouble: Trouble | None = None
        self.ended_ms: int | None = None
        self._client, self._link, self._pump = client, playing.link, pump
        self._leftover = playing.leftover
        self._keep_alive_ms: int | None = None

    def want_key_frame(self) -> None:
        """Ask for the next whole key frame."""
        self.counter.collector.want()

    def take_key_frame(self) -> KeyFrame | None:
        """Return the key frame that was asked for, once it is whole."""
        return self.counter.collector.take()

    async def answers(self, within_s: float) -> bool:
        """Ask the camera something over RTSP; tell whether it answered."""
        before, deadline_ms = self._client.answers, self._pump.clock.ms() + round(within_s * 1000)
        self._client.keep_alive()
        self._send()
        while self.trouble is None and self._client.answers == before:
            if self._pump.clock.ms() >= deadline_ms:
                return False
            await self._pump.clock.wait(_STEP_S)
            self.read(self._pump.scratch, self._pump.clock.ms())
        return self._client.answers != before

    def serves(self, url: CameraUrl, now_ms: int) -> bool:
        """Tell whether this same camera sends to us now after the same login."""
        ours, last_ms = self._client.url, self.counter.last_packet_ms
        same = (ours.host.lower(), ours.port) == (url.host.lower(), url.port)
        sends = self.trouble is None and last_ms is not None and now_ms - last_ms < _SERVED_MS
        return same and sends and self._client.proven and ours.credentials == url.credentials

    async def close(self) -> None:
        """End the session: TEARDOWN at once, then half a second at most for its answer."""
        self._pump.forget(self)
        await leave(self._client, self._link, self._pump.clock, self._leftover)

    def read(self, scratch: memoryview, now_ms: int) -> None:
        """Take what has come since the last turn; note the end of the stream."""
        if self.trouble is not None:
            return
        try:
            with explained(self._client.url, "the connection timed out"):
                self._read_chunks(scratch, now_ms)
                self._link.send(self._client.take_output())
        except TroubleError as error:
            self._lost(error.trouble, now_ms)

    def keep_alive_if_due(self, now_ms: int) -> None:
        """Tell the camera at half its time-out that we are still here."""
        if self._keep_alive_ms is None:
            self._keep_alive_ms = now_ms + self._period_ms()
        elif now_ms >= self._keep_alive_ms and self.trouble is None:
            self._keep_alive_ms = now_ms + self._period_ms()
            self._client.keep_alive()
            self._send()

    def _period_ms(self) -> int:
        return round(self._client.keep_alive_s * 1000)

    def _read_chunks(self, scratch: memoryview, now_ms: int) -> None:
        held = len(self._leftover)
        scratch[:held] = self._leftover
        for _ in range(_MAX_CHUNKS):
            size = self._link.read_into(scratch[held : held + CHUNK])
            if size == 0:
                self._client.ended_by_peer()
            if not size:
                break
            end = held + size
            done = self._client.feed(scratch, end, now_ms)
            held = end - done
            scratch[:held] = bytes(scratch[done:end])
            if size < _FULL:  # there is no more now; asking again costs a call and an exception
                break
        self._leftover = bytes(scratch[:held])
        if self._client.trouble is not None:
            self.end(self._client.trouble, now_ms)

    def _send(self) -> None:
        try:
            with explained(self._client.url, "the connection timed out"):
                self._link.send(self._client.take_output())
        except TroubleError as error:
            self._lost(error.trouble, self._pump.clock.ms())

    def _lost(self, trouble: Trouble, now_ms: int) -> None:
        """The connection broke. It played, so what broke is the stream: the next try tells why."""
        self._client.ended_by_peer()
        if trouble.cause is Cause.RTSP_PROTOCOL:
            trouble = replace(trouble, cause=Cause.STREAM_STALLED)
        self.end(trouble, now_ms)

    def end(self, trouble: Trouble, now_ms: int) -> None:
        """Note why and when the stream has ended."""
        self.trouble, self.ended_ms = trouble, now_ms

    def __repr__(self) -> str:
        return f"Stream({self._client.url.redacted!r})"
