"""A server's two connections: one for the present, one for the past.

Each has a receive window of its own, so that weeks of history, however many agents bring them, take
no place that the present needs. Reports are shared out among the servers by the broker; presence
and replies reach every server. Acks and commands leave on the connection of the present; a lost ack
is asked for again by the agent's next report.

The share's name follows from the servers' own password. Mosquitto lets any agent join any share,
delivers it nothing and counts its part as delivered: one that knew the name could swallow half of
all that the others send.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from server.clock import Clock
from server.ingest import Delivery
from server.subscriber.deafness import Deafness
from server.subscriber.line import Endpoint, Heard, Line, Window
from wire.codec import WireError, decode_status, encode
from wire.messages import Ack, Command
from wire.topics import Leaf, every_agent, topic

log = logging.getLogger(__name__)

_LIVE_WINDOW: Final = Window(messages=1024, size=32 * 1024 * 1024)
_HISTORY_WINDOW: Final = Window(messages=96, size=16 * 1024 * 1024)
_HUSH_S: Final = 2.0
_LOOK_EVERY_S: Final = 30.0

Offer = Callable[[Delivery], bool]
TakeReply = Callable[[str, bytes], None]
Publish = Callable[[str, bytes], None]
"""Sends a payload to a topic at QoS 0; never waits."""


class Subscriber:
    """Connects the broker with the event loop that ``start`` is called in.

    ``listening_since`` is when the present connection was made, None without one: a server that
    hears nobody has no right to call anybody silent. ``publish``: a shorter way for acks than this
    client's own, into a broker of the same process.
    """

    def __init__(self, endpoint: Endpoint, clock: Clock, *, publish: Publish | None = None) -> None:
        group = _share(endpoint) if endpoint.shared else ""
        self._endpoint = endpoint
        self._clock = clock
        self._deafness = Deafness()
        self._offer: Offer = lambda _delivery: False
        self._take_reply: TakeReply = lambda _agent, _payload: None
        self.listening_since: datetime | None = None
        self._ready = asyncio.Event()
        self._up: set[str] = set()
        self._live = Line(
            endpoint,
            name="live",
            filters=[
                group + every_agent(Leaf.REPORT),
                *map(every_agent, (Leaf.STATUS, Leaf.REPLY)),
            ],
            window=_LIVE_WINDOW,
            hear=self._hear,
            stand=self._stand_live,
        )
        self._history = Line(
            endpoint,
            name="history",
            filters=[group + every_agent(Leaf.HISTORY)],
            window=_HISTORY_WINDOW,
            hear=self._hear,
            stand=lambda up: self._note("history", up=up),
        )

        self._publish = publish or self._live.publish

    def start(self, offer: Offer, take_reply: TakeReply) -> None:
        """Connect in the background; both are called in this event loop.

        ``offer`` takes reports and presence, ``take_reply`` an agent's answer to a command.
        Raises ``OSError`` for a certificate file that can't be read.
        """
        self._offer, self._take_reply = offer, take_reply
        for line in (self._live, self._history):
            line.start()

    async def ready(self) -> None:
        """Wait until both connections stand."""
        await self._ready.wait()

    async def run(self) -> None:
        """Say so in the log, for each connection once, if it seems deaf."""
        while True:
            await self._clock.wait(_LOOK_EVERY_S)
            agents = self._deafness.unheard(self._clock.now())
            if agents:
                self._deafness.report()
                log.warning(
                    "%d agents are online and no report was heard for two minutes: does the MQTT"
                    " broker at %s know shared subscriptions (MQTT 5)? If not: mqtt.broker.shared:"
                    " false",
                    agents,
                    self._endpoint,
                )

    async def hush(self) -> None:
        """Take no more reports; those that were delivered can still be answered."""
        await asyncio.gather(self._live.hush(_HUSH_S), self._history.hush(_HUSH_S))

    async def stop(self) -> None:
        """Send what is queued, disconnect and end the threads."""
        await asyncio.gather(self._live.stop(), self._history.stop())

    def send_ack(self, agent: str, ack: Ack) -> None:
        """Publish an ack; lost ones are asked for again by the agent's next report."""
        self._publish(topic(agent, Leaf.ACK), encode(ack))

    def send_command(self, agent: str, command: Command) -> bool:
        """Publish a command; False without a connection, for it would come too late."""
        if self.listening_since is None:
            return False
        self._live.publish(topic(agent, Leaf.COMMAND), encode(command), qos=1)
        return True

    def _stand_live(self, up: bool) -> None:  # noqa: FBT001 (a line's callback)
        self.listening_since = self._clock.now() if up else None
        self._deafness.begin()
        self._note("live", up=up)

    def _note(self, line: str, *, up: bool) -> None:
        if not up:
            self._up.discard(line)
            return
        self._up.add(line)
        if len(self._up) == len((self._live, self._history)):
            log.info("connected to the MQTT broker at %s", self._endpoint)
            self._ready.set()

    def _hear(self, heard: Heard) -> None:
        agent, leaf = heard.about
        if leaf is Leaf.REPLY:
            self._take_reply(agent, heard.payload)
            heard.done()
            return
        if leaf is Leaf.REPORT:
            self._deafness.report()
        elif leaf is Leaf.STATUS:
            self._note_presence(agent, heard.payload)
        delivery = Delivery(agent=agent, leaf=leaf, payload=heard.payload, done=heard.done)
        if not self._offer(delivery):
            heard.done()

    def _note_presence(self, agent: str, payload: bytes) -> None:
        if not self._endpoint.shared:
            return
        try:
            online = decode_status(payload).online
        except WireError:
            return
        self._deafness.status(agent, self._clock.now(), online=online)


def _share(endpoint: Endpoint) -> str:
    """Return the prefix of a shared subscription: the same for servers that sign in alike."""
    secret = (endpoint.password or "").encode()
    name = hashlib.blake2b(secret, digest_size=8, person=b"vonggac-share").hexdigest()
    return f"$share/vonggac-{name}/"
