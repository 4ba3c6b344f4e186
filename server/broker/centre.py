"""The centre's end of its own broker: agents' messages are handed over as they are read.

No socket, no second client and no copy lie between an agent's socket and whoever listens here. What
has been handed over and is not yet dealt with is bounded, for the present and the past apart; an
agent whose message finds no room is neither acknowledged nor read from until there is some.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from server.broker.lane import Lane
from wire.topics import Leaf, Topic, parse_topic

log = logging.getLogger(__name__)

Hear = Callable[[Topic, bytes, Callable[[], None]], None]
"""Takes a message and what is to be called, once, when it has been dealt with."""

Send = Callable[[str, bytes], None]
"""Sends a payload to whoever listens to a topic; never waits."""

_MIB: Final = 1024 * 1024
_PRESENT: Final = {"messages": 1024, "size": 32 * _MIB}
_PAST: Final = {"messages": 300, "size": 32 * _MIB}
"""Four reports of history of each of 67 agents that come back at once fit."""


class Centre:
    """Hears all agents and speaks to each, within the broker's process and its event loop.

    ``is_shared``: there are no other servers.
    """

    is_shared = False

    def __init__(self, send: Send) -> None:
        self._send = send
        self._hear: Hear = _nobody
        self._present = Lane(**_PRESENT)
        self._past = Lane(**_PAST)

    def start(self, hear: Hear, stand: Callable[[bool], None]) -> None:
        """Hear from now on; agents that came before have waited. ``stand`` is told so."""
        self._hear = hear
        stand(True)
        for lane in (self._present, self._past):
            lane.open()
        log.info("connected to the MQTT broker of this process")

    async def ready(self) -> None:
        """Return at once: what is heard needs no connection."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 0) -> None:
        """Send a message to whoever listens to its topic.

        ``qos`` is of no account: sessions are clean, so a connection's end loses it either way.
        """
        del qos
        self._send(topic, payload)

    def attend(self, *, on: bool) -> bool:  # noqa: ARG002 (there is nobody else)
        """Go on as before: this broker has one server, and holds agents back by itself."""
        return False

    async def hush(self) -> None:
        """Hear no more; agents wait unread, and can still be answered."""
        self._hear = _nobody
        for lane in (self._present, self._past):
            lane.shut()

    async def stop(self) -> None:
        """The broker ends by itself."""

    async def take(self, about: Topic, payload: bytes, done: Callable[[], None]) -> None:
        """Hand a message over, as soon as there is room; ``done`` when it has been dealt with."""
        lane = self._past if about.leaf is Leaf.HISTORY else self._present
        await lane.enter(len(payload))
        self._hear(about, payload, partial(_leave, lane, len(payload), done))

    def take_will(self, topic: str, payload: bytes) -> None:
        """Hand a last will over at once: what its agent says next must not overtake it."""
        about = parse_topic(topic)
        if about is not None:
            self._present.crowd(len(payload))
            self._hear(about, payload, partial(self._present.leave, len(payload)))


def _nobody(_about: Topic, _payload: bytes, done: Callable[[], None]) -> None:
    done()


def _leave(lane: Lane, size: int, done: Callable[[], None]) -> None:
    lane.leave(size)
    done()
