"""The network and the broker between agents and servers: QoS 1, and all that it does not promise.

A message may be late, lost, doubled and out of order, while its sender believes that it is
connected. The broker acknowledges on receipt (PUBACK), holds what waits for a subscriber in a
queue that silently drops past its bound, shares reports among the servers that listen, and forgets
everything when it is started anew.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from edge.uplink.link import Connected, Disconnected, LinkEvent, Received
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.story import Story
from wire.codec import VERSION, encode
from wire.messages import Status
from wire.topics import Leaf

_KEEP_ALIVE_S: Final = 30.0

UNREADABLE: Final = "unreadable"
"""A report with this word in it arrives as bytes that nobody can read."""


@dataclass(slots=True)
class Weather:
    """How the way between one agent and the broker is just now."""

    cut: bool = False
    loss: float = 0.0
    doubled: float = 0.0
    delay_s: float = 0.05
    spread: float = 0.0  # up to so many times the delay on top, so that messages overtake

    def late_by(self, rng: random.Random) -> float:
        """Return how long one message takes, s."""
        return self.delay_s * (1 + rng.random() * (0.2 + self.spread))


class Broker:
    """Mosquitto, as far as it matters: no disk, bounded queues."""

    def __init__(
        self, loop: VirtualLoop, world: Process, rng: random.Random, story: Story, *, bound: int
    ) -> None:
        self.up = True
        self.dropped = 0
        self.tap: Callable[[str, Leaf, bytes], None] = lambda _agent, _leaf, _payload: None
        self._loop, self._world, self._rng, self._story = loop, world, rng, story
        self._bound = bound
        self._agents: dict[str, list[AgentLink]] = {}
        self._servers: list[ServerSession] = []
        self._outside: list[ServerSession] = []
        self._turn = 0

    def later(self, delay_s: float, act: Callable[..., Any], *values: Any) -> None:
        """Do something that nobody's death prevents."""
        self._loop.call_at(self._loop.time() + delay_s, act, *values, context=self._world.context)

    def attach(self, link: "AgentLink") -> None:
        """Let an agent's connection in."""
        self._agents.setdefault(link.agent, []).append(link)

    def detach(self, link: "AgentLink") -> None:
        """Forget a connection."""
        if link in self._agents.get(link.agent, []):
            self._agents[link.agent].remove(link)

    def wait(self, session: "ServerSession") -> None:
        """Let a server in once the broker runs."""
        self._outside.append(session)

    def open(self) -> None:
        """Run again; who waited comes back within seconds."""
        self.up = True
        outside, self._outside = self._outside, []
        for session in outside:
            self.later(self._rng.random() * 5, session.connect)

    def listen(self, session: "ServerSession") -> None:
        """Subscribe a server."""
        self._servers.append(session)

    def leave(self, session: "ServerSession") -> None:
        """End a server's session: what waited for it goes to another one, or nowhere."""
        if session not in self._servers:
            return
        self._servers.remove(session)
        left = session.take_all()
        if self._rng.random() < 0.5:
            for message in left:
                self.deliver(*message)

    def restart(self) -> None:
        """Forget everything; whoever is connected notices sooner or later."""
        for session in list(self._servers):
            session.take_all()
            session.lost()
        for links in list(self._agents.values()):
            for link in list(links):
                link.lost(self._rng.random() < 0.3)
        self._servers.clear()
        self._agents.clear()

    def receive(self, agent: str, leaf: Leaf, payload: bytes) -> None:
        """Take a message of an agent."""
        if leaf is Leaf.STATUS:
            for session in self._servers:
                session.push(agent, leaf, payload)
        else:
            self.deliver(agent, leaf, payload)

    def deliver(self, agent: str, leaf: Leaf, payload: bytes) -> None:
        """Give a report to one of the servers."""
        if not self._servers:
            self.dropped += 1
            return
        self._turn += 1
        session = self._servers[self._turn % len(self._servers)]
        if not session.push(agent, leaf, payload, bound=self._bound):
            self.dropped += 1

    def acknowledge(self, agent: str, payload: bytes) -> None:
        """Send an ack on to whoever is connected under that name."""
        for link in list(self._agents.get(agent, [])):
            link.arriving(payload)


class ServerSession:
    """One server's subscription; its ``offer`` is called within its process."""

    def __init__(
        self,
        broker: Broker,
        process: Process,
        offer: Callable[[str, Leaf, bytes, Callable[[], None]], None],
        *,
        window: int,
    ) -> None:
        self.connected = False
        self.attends = True
        self.weather = Weather(delay_s=0.002)
        self._broker, self._process, self._offer = broker, process, offer
        self._window = window
        self._queue: deque[tuple[str, Leaf, bytes]] = deque()
        self._in_flight: dict[int, tuple[str, Leaf, bytes]] = {}
        self._mid = 0

    def connect(self) -> None:
        """Listen, now or as soon as the broker is there."""
        if not self._process.alive or self.connected or not self.attends:
            return
        if self._broker.up:
            self.connected = True
            self._broker.listen(self)
        else:
            self._broker.wait(self)

    def lost(self) -> None:
        """The connection is gone; come back."""
        self.connected = False
        self._broker.later(1 + self._broker._rng.random() * 5, self.connect)

    def leave(self) -> None:
        """Say goodbye."""
        self.connected = False
        self._broker.leave(self)

    def attend(self, *, on: bool) -> None:
        """Leave the shared subscription, or join it again."""
        self.attends = on
        if on:
            self.connect()
        elif self.connected:
            self.leave()

    def take_all(self) -> list[tuple[str, Leaf, bytes]]:
        """Empty the queue and what is in flight."""
        left = [*self._in_flight.values(), *self._queue]
        self._queue.clear()
        self._in_flight.clear()
        return left

    def push(self, agent: str, leaf: Leaf, payload: bytes, *, bound: int = 100_000) -> bool:
        """Queue a message; False: dropped, and nobody is told."""
        if len(self._queue) >= bound:
            return False
        self._queue.append((agent, leaf, payload))
        self._pump()
        return True

    def _pump(self) -> None:
        while self._queue and len(self._in_flight) < self._window:
            self._mid += 1
            message = self._in_flight[self._mid] = self._queue.popleft()
            late = self.weather.late_by(self._broker._rng)
            self._broker.later(late, self._arrive, self._mid, message)

    def _arrive(self, mid: int, message: tuple[str, Leaf, bytes]) -> None:
        if self.connected and mid in self._in_flight and self._process.alive:
            self._process.call(self._offer, *message, lambda: self._done(mid))

    def _done(self, mid: int) -> None:
        """Take the server's PUBACK."""
        if self._in_flight.pop(mid, None) is not None:
            self._pump()


@dataclass(slots=True)
class AgentLink:
    """The agent's side: ``edge.uplink.link.Link``, as paho does it.

    What got no PUBACK is sent again after a reconnect; a connection that died silently is noticed
    when keep-alive says so.
    """

    agent: str
    process: Process
    broker: Broker
    weather: Weather
    rng: random.Random
    _on_event: Callable[[LinkEvent], None] = field(default=lambda _: None)
    _session: int = 0  # rises with each connection; 0: none
    _sessions: int = 0
    _half_open: bool = False
    _unanswered: dict[int, tuple[Leaf, bytes]] = field(default_factory=dict)
    _mid: int = 0
    _trying: bool = False

    def start(self, on_event: Callable[[LinkEvent], None]) -> None:
        """Connect, and keep connecting."""
        self._on_event = on_event
        self._try_later(0.1)

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> None:  # noqa: ARG002
        """Hand a message over."""
        if not self.process.alive:
            return
        self.broker.tap(self.agent, leaf, payload)
        self._mid += 1
        self._unanswered[self._mid] = (leaf, payload)
        self._transmit(self._mid)

    async def close(self) -> None:
        """Say goodbye."""
        self._session = 0
        self.broker.detach(self)

    # ---------------------------------------------------------------- connecting

    def _try_later(self, delay_s: float) -> None:
        if not self._trying:
            self._trying = True
            self.broker.later(delay_s, self._try)

    def _try(self) -> None:
        self._trying = False
        if not self.process.alive or self._session:
            return
        if self.weather.cut or not self.broker.up:
            self.process.call(self._on_event, Disconnected("no connection"))
            return  # ``retry`` calls when there is a way again
        self._sessions += 1
        self._session, self._half_open = self._sessions, False
        self.broker.attach(self)
        self.broker.receive(self.agent, Leaf.STATUS, encode(Status(v=VERSION, online=True)))
        self.process.call(self._on_event, Connected())
        for mid in list(self._unanswered):
            self._transmit(mid)

    def retry(self) -> None:
        """There may be a way again: paho finds out within its pause."""
        if not self._session:
            self._try_later(1 + self.rng.random() * 15)

    def lost(self, silently: bool) -> None:
        """The connection dies; noticed at once, or only by keep-alive."""
        if not self._session:
            return
        self.broker.detach(self)
        if silently:
            self._half_open = True
            late = _KEEP_ALIVE_S * (0.5 + self.rng.random())
            self.broker.later(late, self._notice, self._session)
        else:
            self._notice(self._session)

    def _notice(self, session: int) -> None:
        if session == self._session and self.process.alive:
            self._session = 0
            self.process.call(self._on_event, Disconnected("the connection ended"))
            self._try_later(1 + self.rng.random() * 15)

    # ---------------------------------------------------------------- messages

    def _transmit(self, mid: int) -> None:
        if not self._session or self._half_open or mid not in self._unanswered:
            return
        leaf, payload = self._unanswered[mid]
        copies = 1 + (self.rng.random() < self.weather.doubled)
        for _ in range(copies):
            if self.rng.random() >= self.weather.loss:
                late = self.weather.late_by(self.rng)
                self.broker.later(late, self._at_broker, self._session, mid, leaf, payload)

    def _at_broker(self, session: int, mid: int, leaf: Leaf, payload: bytes) -> None:
        if self.weather.cut or not self.broker.up:
            return
        broken = UNREADABLE.encode() in payload
        self.broker.receive(self.agent, leaf, payload[1:] if broken else payload)
        if self.rng.random() >= self.weather.loss:
            self.broker.later(self.weather.late_by(self.rng), self._puback, session, mid)

    def _puback(self, session: int, mid: int) -> None:
        if session == self._session and not self._half_open and self.process.alive:
            self.process.call(self._take_puback, mid)

    def _take_puback(self, mid: int) -> None:
        self._unanswered.pop(mid, None)

    def arriving(self, payload: bytes) -> None:
        """Bring an ack."""
        if self.weather.cut or self.rng.random() < self.weather.loss:
            return
        copies = 1 + (self.rng.random() < self.weather.doubled)
        for _ in range(copies):
            late = self.weather.late_by(self.rng)
            self.broker.later(late, self._at_agent, self._session, payload)

    def _at_agent(self, session: int, payload: bytes) -> None:
        if session == self._session and not self._half_open and not self.weather.cut:
            self.process.call(self._on_event, Received(Leaf.ACK, payload))
