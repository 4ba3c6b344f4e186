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
from dataclasses import replace
from typing import Final

from edge.clock import Clock
from edge.rtsp.attention import Attention
from edge.rtsp.habits import HabitBook
from edge.rtsp.handshake import Limits, Timing, shake_hands
from edge.rtsp.link import TroubleError
from edge.rtsp.refusals import with_earlier_login, with_open_sessions
from edge.rtsp.replies import Trouble
from edge.rtsp.stream import SCRATCH, Stream
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

__all__ = ["PERIOD_S", "Limits", "Pump", "Stream", "Timing"]

_log: Final = logging.getLogger(__name__)

PERIOD_S: Final = 0.2
_MAX_REDIRECTS: Final = 3


class Pump:
    """Opens streams, and reads all of them on one timer while ``run`` runs."""

    def __init__(self, clock: Clock, *, period_s: float = PERIOD_S) -> None:
        self.clock = clock
        self.scratch = memoryview(bytearray(SCRATCH))
        self._period_s = period_s
        self._streams: dict[Stream, None] = {}
        self._habits = HabitBook()
        self._attention = Attention(round(period_s * 1000))

    async def run(self) -> None:
        """Read every stream each period, for ever."""
        while True:
            self.turn()
            await self.clock.wait(self._period_s)

    def turn(self) -> None:
        """Read every stream once."""
        self._attention.turned(self.clock.ms())
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
        there = url
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                opened = await self._open_once(there, limits, timing)
                if isinstance(opened, Stream):
                    return opened
                there = opened
        except TroubleError as error:
            return self._told(self._weighed(error.trouble, timing), url, there)
        return Trouble(Cause.RTSP_PROTOCOL, f"redirected more than {_MAX_REDIRECTS} times")

    async def _open_once(
        self, url: CameraUrl, limits: Limits, timing: Timing
    ) -> Stream | CameraUrl:
        habits = self._habits.of(url)
        connected = await shake_hands(url, limits, timing, clock=self.clock, habits=habits)
        if isinstance(connected, CameraUrl):
            return connected
        if connected.client.proven and url.credentials is not None:
            habits.accepted = (url.credentials, self.clock.ms())
        stream = Stream(connected, self)
        self._streams[stream] = None
        return stream

    def _weighed(self, trouble: Trouble, timing: Timing) -> Trouble:
        """Return the trouble, unsure if it is a timeout that may be our own."""
        if trouble.cause is not Cause.NETWORK_TIMEOUT:
            return trouble
        unsure = self._attention.was_lost_since(timing.began_ms, self.clock.ms())
        return replace(trouble, unsure=unsure)

    def _told(self, trouble: Trouble, asked: CameraUrl, there: CameraUrl) -> Trouble:
        """Return the trouble with what we know beyond this one session."""
        now_ms = self.clock.ms()
        ago_ms = self._habits.of(there).accepted_ago_ms(there.credentials, now_ms)
        served = sum(stream.serves(there, now_ms) for stream in self.streams)
        trouble = with_earlier_login(with_open_sessions(trouble, served), ago_ms)
        if there == asked:
            return trouble
        kept = asked.credentials is not None and there.credentials is None
        untold = " (which is not told our password)" if kept else ""
        return replace(trouble, detail=f"redirected to {there.netloc}{untold}: {trouble.detail}")
