"""Many agents in one process: real messages, the real forwarding window, one event loop.

A ``Lane`` is one spool on its way to the centre: it sends what ``edge.forwarding.Window`` allows
and is done when the centre's acks say that everything is committed. Nothing here knows what the
centre does with it.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.forwarding import Ask, Limits, Window
from tests.bench.ingest_load import Life, agent_name
from tests.bench.ingest_mqtt import KEEP_ALIVE_S, Connection
from wire.codec import decode_ack
from wire.messages import Ack
from wire.topics import Leaf

_TICK_S: Final = 0.5
_CONNECTING_AT_ONCE: Final = 50


def now_ms() -> int:
    """Return milliseconds of the monotonic clock."""
    return time.monotonic_ns() // 1_000_000


def utc_ms() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Lane:
    """One spool's way. ``answers_ms``: how long each report waited for the ack that covers it."""

    life: Life
    leaf: Leaf
    limits: Limits
    window: Window = field(init=False)
    acked: int = 0
    refused: int = 0
    resent: int = 0
    answers_ms: list[int] = field(default_factory=list)
    _ready: dict[range, tuple[int, bytes]] = field(default_factory=dict)
    _waiting: dict[int, int] = field(default_factory=dict)  # last number of a report: when it went
    _token: int = 0

    def __post_init__(self) -> None:
        """Begin with an empty window."""
        self.window = Window.begin(self.limits)

    @property
    def done(self) -> bool:
        """Whether all is committed."""
        return self.acked >= self.life.count

    def prepare(self) -> None:
        """Encode every report now, so that sending costs next to nothing."""
        first = 1
        while first <= self.life.count:
            seqs = self.life.chunk(first, self.limits.batch)
            self._ready[seqs] = self._encoded(seqs)
            first = seqs[-1] + 1

    def send(self, publish: Callable[[Leaf, bytes], None]) -> None:
        """Send what the window allows now."""
        now = now_ms()
        if self.window.overdue(now):
            self.resent += 1
            self.window, _ = self.window.lost(now, random.random())
        while ask := self.window.next(now):
            seqs = self._wanted(ask)
            if not seqs:
                if ask.until is None:
                    return
                self.window = self.window.nothing_there(ask)
                continue
            token, payload = self._ready[seqs] if seqs in self._ready else self._encoded(seqs)
            publish(self.leaf, payload)
            self.window = self.window.sent(ask, seqs, token=token, now_ms=now)
            self._waiting[seqs[-1]] = now

    def _wanted(self, ask: Ask) -> range:
        last = self.life.count if ask.until is None else ask.until
        room = min(ask.limit, last - ask.after)
        return self.life.chunk(ask.after + 1, room) if room > 0 else range(0)

    def _encoded(self, seqs: range) -> tuple[int, bytes]:
        self._token = max(utc_ms(), self._token + 1)
        return self._token, self.life.report(seqs, self._token)

    def take(self, ack: Ack) -> None:
        """Note what is committed."""
        now = now_ms()
        self.window, done = self.window.acked(ack, now)
        self.acked = max(self.acked, done.through)
        self.refused += len(done.refused)
        for last in [seq for seq in self._waiting if seq <= self.acked]:
            self.answers_ms.append(now - self._waiting.pop(last))


class Agent:
    """One connection; ``on_ack`` hears the acks that no lane awaits."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.name = agent_name(index)
        self.lanes: dict[str, Lane] = {}
        self.on_ack: Callable[[Ack], None] = lambda _: None
        self.on_connected: Callable[[], None] = lambda: None
        self.connection: Connection | None = None

    async def connect(self, port: int, password: str) -> None:
        """Connect. Raises ``RefusedError`` or ``OSError``."""
        self.connection = await Connection.connect(port, self.name, password, self._take)
        self.on_connected()

    def add(self, lane: Lane) -> None:
        """Send a spool from now on."""
        self.lanes[lane.life.boot] = lane
        self.send()

    def send(self) -> None:
        """Send what each lane's window allows."""
        if self.connection is not None and not self.connection.lost:
            for lane in self.lanes.values():
                lane.send(self.connection.publish)

    def publish(self, payload: bytes) -> None:
        """Publish a live report that no lane keeps."""
        assert self.connection is not None
        self.connection.publish(Leaf.REPORT, payload)

    def _take(self, leaf: Leaf, payload: bytes) -> None:
        if leaf is not Leaf.ACK:
            return
        ack = decode_ack(payload)
        lane = self.lanes.get(ack.spool)
        if lane is None:
            self.on_ack(ack)
            return
        lane.take(ack)
        lane.send(self.connection.publish)  # type: ignore[union-attr] # it has just been heard


class Fleet:
    """All agents and the two timers that they share."""

    def __init__(self, agents: int) -> None:
        self.agents = [Agent(index) for index in range(agents)]
        self._timers: list[asyncio.Task[None]] = []

    async def connect(self, port: int, password: str, *, spread_s: float = 0.0) -> None:
        """Connect all, a few at a time, over ``spread_s``."""
        few = asyncio.Semaphore(_CONNECTING_AT_ONCE)

        async def one(agent: Agent) -> None:
            await asyncio.sleep(random.random() * spread_s)
            async with few:
                await agent.connect(port, password)

        async with asyncio.TaskGroup() as group:
            for agent in self.agents:
                group.create_task(one(agent))
        self._timers = [asyncio.create_task(self._tick()), asyncio.create_task(self._ping())]

    async def close(self) -> None:
        """End every connection."""
        for timer in self._timers:
            timer.cancel()
        await asyncio.gather(*self._timers, return_exceptions=True)
        for agent in self.agents:
            if agent.connection is not None:
                agent.connection.close()
        await asyncio.sleep(0)

    async def finish(self, lanes: Sequence[Lane], within_s: float) -> float:
        """Wait until all is committed; return the seconds. Raises ``TimeoutError``."""
        began = time.monotonic()
        async with asyncio.timeout(within_s):
            while not all(lane.done for lane in lanes):  # noqa: ASYNC110 (one look, many lanes)
                await asyncio.sleep(0.002)
        return time.monotonic() - began

    @property
    def lost(self) -> int:
        """How many connections have ended."""
        return sum(a.connection is None or a.connection.lost for a in self.agents)

    async def _tick(self) -> None:
        while True:
            for agent in self.agents:
                agent.send()
            await asyncio.sleep(_TICK_S)

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_S / 3)
            for agent in self.agents:
                if agent.connection is not None:
                    agent.connection.ping()


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which ``share`` of all lie; 0 without any."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
