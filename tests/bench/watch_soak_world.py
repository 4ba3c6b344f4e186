"""The world of ``watch_soak``: time that rushes, films for cameras, the acks of a centre."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, cast

from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Codec, Track
from edge.rtsp.url import CameraUrl
from edge.uplink.link import Connected, LinkEvent, Received
from sim.stream import Stream as Film
from wire.codec import VERSION, decode_report, encode
from wire.messages import Ack
from wire.topics import Leaf
from wire.vocabulary import Cause

BEGINS = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
HOUR_S = 3600
TURN_S = 0.5
BLACK, STALLED, AWAY = range(600, 780), range(1500, 1560), range(2400, 2520)  # seconds of an hour


class RushingClock:
    """Time that is over as soon as everybody waits for it; ``busy`` holds it still."""

    def __init__(self) -> None:
        self.busy = 0
        self._ms = 1_000_000
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def ms(self) -> int:
        return self._ms

    def now(self) -> datetime:
        return BEGINS + timedelta(milliseconds=self._ms - 1_000_000)

    @property
    def elapsed_s(self) -> float:
        return (self._ms - 1_000_000) / 1000

    async def wait(self, seconds: float) -> None:
        until_ms = self._ms + max(round(seconds * 1000), 1)
        due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (until_ms, next(self._order), due))
        await due

    async def rush(self, until_s: float) -> None:
        """Let time pass."""
        while self.elapsed_s < until_s:
            for _ in range(4):  # whoever was woken acts, and those that this wakes
                await asyncio.sleep(0)
            while self.busy or not self._waiting:  # noqa: ASYNC110 (threads and a process end it)
                await asyncio.sleep(0.0005)
            until_ms, _, due = heapq.heappop(self._waiting)
            self._ms = max(self._ms, until_ms)
            if not due.done():
                due.set_result(None)
            while self._waiting and self._waiting[0][0] <= self._ms:
                _, _, due = heapq.heappop(self._waiting)
                if not due.done():
                    due.set_result(None)


CLOCK = RushingClock()
UNPLUGGED = Trouble(Cause.NETWORK_TIMEOUT, "nothing answers")


class FilmFeed:
    """A camera that plays: a film's packets through the real counter and collector."""

    described_fps: float | None = 12.0

    def __init__(self, film: Film, pump: "FilmPump", port: int) -> None:
        self.port = port
        self.codec = cast("Codec", film.film.codec)
        self.counter = StreamCounter(Track(codec=self.codec, parameter_sets=film.film.sets))
        self.trouble: Trouble | None = None
        self.ended_ms: int | None = None
        self._film, self._pump = film, pump
        film.skip_to(CLOCK.elapsed_s)

    def want_key_frame(self) -> None:
        self.counter.collector.want()

    def take_key_frame(self) -> KeyFrame | None:
        return self.counter.collector.take()

    async def answers(self, within_s: float) -> bool:
        await CLOCK.wait(within_s / 10)
        return True

    async def close(self) -> None:
        self._pump.feeds.discard(self)

    def turn(self) -> None:
        for _, data in self._film.due(CLOCK.elapsed_s):
            self.counter.feed(data, 0, len(data), CLOCK.ms())


class FilmPump:
    """In the place of ``edge.rtsp.session.Pump``."""

    cameras: ClassVar[dict[int, Film]] = {}

    def __init__(self, clock: RushingClock) -> None:
        self.clock = clock
        self.feeds: set[FilmFeed] = set()

    async def run(self) -> None:
        while True:
            away = int(CLOCK.elapsed_s) % HOUR_S in AWAY
            for feed in tuple(self.feeds):
                if away and feed.port == 1 and feed.trouble is None:
                    feed.trouble, feed.ended_ms = UNPLUGGED, CLOCK.ms()
                elif feed.trouble is None:
                    feed.turn()
            await self.clock.wait(TURN_S)

    async def open(
        self, url: CameraUrl, limits: Limits, timing: Timing | None = None
    ) -> FilmFeed | Trouble:
        del limits
        await self.clock.wait(0.05)
        second = int(CLOCK.elapsed_s) % HOUR_S
        if second in AWAY and url.port == 1:
            return UNPLUGGED
        if timing is not None:
            timing.connected_ms = timing.described_ms = CLOCK.ms()
            timing.showed_password = True
        feed = FilmFeed(self.cameras[url.port], self, url.port)
        self.feeds.add(feed)
        return feed


class AckingLink:
    """In the place of the broker: everything is acknowledged, as if it were committed."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.reports = 0
        self._on_event: Callable[[LinkEvent], None] = lambda _: None
        self._through = 0

    def start(self, on_event: Callable[[LinkEvent], None]) -> None:
        self._on_event = on_event
        on_event(Connected())

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> None:
        del retain
        if leaf is not Leaf.REPORT:
            return
        report = decode_report(payload)
        self._through = max([self._through, *(item.seq for item in report.items)])
        ack = Ack(
            v=VERSION,
            spool=report.spool,
            through=self._through,
            server_utc_ms=report.sent_utc_ms,
            sent_utc_ms=report.sent_utc_ms,
        )
        self._on_event(Received(Leaf.ACK, encode(ack)))

    async def close(self) -> None:
        """Nothing to end."""
