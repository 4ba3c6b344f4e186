"""What is heard of agents goes its way, and what they are told: acks and commands."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from server.clock import Clock
from server.ingest import Delivery
from server.subscriber.deafness import Deafness
from server.subscriber.feed import Feed
from wire.codec import WireError, decode_status, encode
from wire.messages import Ack, Command
from wire.topics import Leaf, Topic, topic

log = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 30.0

Offer = Callable[[Delivery], bool]
TakeReply = Callable[[str, bytes], None]


class Subscriber:
    """Connects agents with the event loop that ``start`` is called in.

    ``listening_since`` is since when they are heard, None while they are not: a server that hears
    nobody has no right to call anybody silent.
    """

    def __init__(self, feed: Feed, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._deafness = Deafness()
        self._offer: Offer = lambda _delivery: False
        self._take_reply: TakeReply = lambda _agent, _payload: None
        self._attends = True
        self.listening_since: datetime | None = None

    def start(self, offer: Offer, take_reply: TakeReply) -> None:
        """Hear from now on; both are called in this event loop.

        ``offer`` takes reports and presence, ``take_reply`` an agent's answer to a command.
        Raises ``OSError`` for a certificate file that can't be read.
        """
        self._offer, self._take_reply = offer, take_reply
        self._feed.start(self._hear, self._stand)

    async def ready(self) -> None:
        """Wait until everything is heard."""
        await self._feed.ready()

    async def run(self) -> None:
        """Say so in the log, for each connection once, if it seems deaf."""
        while True:
            await self._clock.wait(_LOOK_EVERY_S)
            agents = self._deafness.unheard(self._clock.now())
            if agents and self._attends:
                self._deafness.report()
                log.warning(
                    "%d agents are online and no report was heard for two minutes: does the MQTT"
                    " broker at %s know shared subscriptions (MQTT 5)? If not: mqtt.broker.shared:"
                    " false",
                    agents,
                    self._feed,
                )

    async def hush(self) -> None:
        """Take no more reports; those that were delivered can still be answered."""
        await self._feed.hush()

    async def stop(self) -> None:
        """Send what is queued and end."""
        await self._feed.stop()

    def send_ack(self, agent: str, ack: Ack) -> None:
        """Publish an ack; lost ones are asked for again by the agent's next report."""
        self._feed.publish(topic(agent, Leaf.ACK), encode(ack))

    def send_command(self, agent: str, command: Command) -> bool:
        """Publish a command; False where agents are not heard, for it would come too late."""
        if self.listening_since is None:
            return False
        self._feed.publish(topic(agent, Leaf.COMMAND), encode(command), qos=1)
        return True

    def attend(self, on: bool) -> None:  # noqa: FBT001 (a callback of ingest's)
        """Leave reports to the other servers while this one can't answer for them; or come back."""
        if self._feed.attend(on=on):
            self._attends = on
            self._stand(on)
            log.warning("reports are %s", "taken again" if on else "left to the other servers")

    def _stand(self, up: bool) -> None:  # noqa: FBT001 (a feed's callback)
        self.listening_since = self._clock.now() if up and self._attends else None
        self._deafness.begin()

    def _hear(self, about: Topic, payload: bytes, done: Callable[[], None]) -> None:
        agent, leaf = about
        if leaf is Leaf.REPLY:
            self._take_reply(agent, payload)
            done()
            return
        if leaf is Leaf.REPORT:
            self._deafness.report()
        elif leaf is Leaf.STATUS:
            self._note_presence(agent, payload)
        if not self._offer(Delivery(agent=agent, leaf=leaf, payload=payload, done=done)):
            done()

    def _note_presence(self, agent: str, payload: bytes) -> None:
        if not self._feed.is_shared:
            return
        try:
            online = decode_status(payload).online
        except WireError:
            return
        self._deafness.status(agent, self._clock.now(), online=online)
