"""Streams from cameras, and the pump that reads all of them.

A handshake is awaited in the ordinary way. Once a camera plays, nothing wakes up for its packets:
one ``Pump`` reads every socket each 200 ms, which costs a third of waking per packet (measured with
50 main streams: 0.05 against 0.15 % of a core per camera) and is immune to cameras that pace single
packets. The kernel's receive buffer holds what comes in between, so it is asked to be large enough
for a key frame's burst.

Whoever opens a stream closes it; ``close`` sends TEARDOWN at once, also when cancelled, and waits
for its answer half a second at most. Certificates are not checked unless there is a CA file:
cameras sign their own, and who can stand between can unplug the camera as well.
"""

import logging
from typing import Final

from edge.clock import Clock
from edge.rtsp.framing import FRAME_HEADER
from edge.rtsp.handshake import Limits, Playing, Timing, shake_hands
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.link import CHUNK, TroubleError, explained
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Codec
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

__all__ = ["PERIOD_S", "Limits", "Pump", "Stream", "Timing"]

_log: Final = logging.getLogger(__name__)

PERIOD_S: Final = 0.2
_MAX_CHUNKS: Final = 8  # per camera and turn: a flood must not starve the others
_FULL: Final = CHUNK // 2
_LEFTOVER: Final = FRAME_HEADER + 0xFFFF
_MAX_REDIRECTS: Final = 3
_STEP_S: Final = 0.02
_CLOSE_WAIT_MS: Final = 500


class Stream:
    """A camera that plays.

    Attributes:
        counter: What has come so far; its ``collector`` takes key frames out.
        trouble: Why the stream ended, or None while it runs.
        ended_ms: When it ended.
        codec: ``h264`` or ``h265``.
        described_fps: The frame rate that the camera announces, or None.
    """

    def __init__(self, playing: Playing, pump: "Pump") -> None:
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

    async def close(self) -> None:
        """End the session: TEARDOWN at once, then half a second at most for its answer."""
        self._pump.forget(self)
        clock, before = self._pump.clock, self._client.answers
        deadline_ms = clock.ms() + _CLOSE_WAIT_MS
        try:
            if self.trouble is None:
                self._client.stop()
                self._send()
            while self.trouble is None and self._client.answers == before:
                if clock.ms() >= deadline_ms:
                    break
                await clock.wait(_STEP_S)
                self.read(self._pump.scratch, clock.ms())
        finally:
            self._link.close()

    def read(self, scratch: memoryview, now_ms: int) -> None:
        """Take what has come since the last turn; note the end of the stream."""
        if self.trouble is not None:
            return
        try:
            with explained(self._client.url, "the connection timed out"):
                self._read_chunks(scratch, now_ms)
                self._link.send(self._client.take_output())
        except TroubleError as error:
            self.end(error.trouble, now_ms)

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
            self.end(error.trouble, self._pump.clock.ms())

    def end(self, trouble: Trouble, now_ms: int) -> None:
        """Note why and when the stream has ended."""
        self.trouble, self.ended_ms = trouble, now_ms

    def __repr__(self) -> str:
        return f"Stream({self._client.url.redacted!r})"


class Pump:
    """Opens streams, and reads all of them on one timer while ``run`` runs."""

    def __init__(self, clock: Clock, *, period_s: float = PERIOD_S) -> None:
        self.clock = clock
        self.scratch = memoryview(bytearray(_LEFTOVER + CHUNK))
        self._period_s = period_s
        self._streams: dict[Stream, None] = {}

    async def run(self) -> None:
        """Read every stream each period, for ever."""
        while True:
            self.turn()
            await self.clock.wait(self._period_s)

    def turn(self) -> None:
        """Read every stream once."""
        for stream in self.streams:
            now_ms = self.clock.ms()
            try:
                stream.read(self.scratch, now_ms)
                stream.keep_alive_if_due(now_ms)
            except Exception:  # noqa: BLE001 (the top of the reading loop)
                # One camera's surprise must not end the reading of all; its watcher tries again.
                _log.exception("reading %r failed", stream)
                stream.end(Trouble(Cause.RTSP_PROTOCOL, "what it sends can't be read"), now_ms)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams that are being read."""
        return tuple(self._streams)

    def forget(self, stream: Stream) -> None:
        """Read ``stream`` no more."""
        self._streams.pop(stream, None)

    async def open(
        self, url: CameraUrl, limits: Limits, timing: Timing | None = None
    ) -> Stream | Trouble:
        """Connect and begin to play; ``timing`` is filled in on the way.

        Returns the stream, which the caller closes, or why there is none.
        """
        timing = timing or Timing(began_ms=self.clock.ms())
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                opened = await self._open_once(url, limits, timing)
                if isinstance(opened, Stream):
                    return opened
                url = opened
        except TroubleError as error:
            return error.trouble
        return Trouble(Cause.RTSP_PROTOCOL, f"redirected more than {_MAX_REDIRECTS} times")

    async def _open_once(
        self, url: CameraUrl, limits: Limits, timing: Timing
    ) -> Stream | CameraUrl:
        connected = await shake_hands(url, limits, timing, clock=self.clock)
        if isinstance(connected, CameraUrl):
            return connected
        stream = Stream(connected, self)
        self._streams[stream] = None
        return stream
