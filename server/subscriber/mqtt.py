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
from typing import Final

from server.subscriber.feed import Hear, Stand
from server.subscriber.line import Endpoint, Line, Window
from wire.topics import Leaf, every_agent

log = logging.getLogger(__name__)

_LIVE_WINDOW: Final = Window(messages=1024, size=32 * 1024 * 1024)
_HISTORY_WINDOW: Final = Window(messages=96, size=16 * 1024 * 1024)
_HUSH_S: Final = 2.0


class MqttFeed:
    """Hears agents through a broker anywhere. ``str`` gives its address."""

    def __init__(self, endpoint: Endpoint) -> None:
        group = _share(endpoint) if endpoint.shared else ""
        self._endpoint = endpoint
        self._stand: Stand = lambda _up: None
        self._ready = asyncio.Event()
        self._up: set[str] = set()
        plain = map(every_agent, (Leaf.STATUS, Leaf.REPLY))
        self._live = Line(
            endpoint,
            name="live",
            filters=[group + every_agent(Leaf.REPORT), *plain],
            window=_LIVE_WINDOW,
        )
        self._history = Line(
            endpoint,
            name="history",
            filters=[group + every_agent(Leaf.HISTORY)],
            window=_HISTORY_WINDOW,
        )

    def __str__(self) -> str:
        return str(self._endpoint)

    @property
    def is_shared(self) -> bool:
        """Whether reports are shared out among several servers."""
        return self._endpoint.shared

    def start(self, hear: Hear, stand: Stand) -> None:
        """Connect in the background; ``stand`` is told of the present's connection.

        Raises ``OSError`` for a certificate file that can't be read.
        """
        self._stand = stand
        self._live.start(hear, self._stand_live)
        self._history.start(hear, lambda up: self._note("history", up=up))

    async def ready(self) -> None:
        """Wait until both connections stand."""
        await self._ready.wait()

    def publish(self, topic: str, payload: bytes, *, qos: int = 0) -> None:
        """Send a message, if there is a connection; never waits."""
        self._live.publish(topic, payload, qos=qos)

    def attend(self, *, on: bool) -> bool:
        """Leave the shared subscriptions, or join them again; presence is heard all the time.

        What the broker has already sent or queued here stays unanswered meanwhile: its agents send
        it again, and then it goes to the others.
        """
        if not self.is_shared:
            return False
        self._live.share(on=on)
        self._history.share(on=on)
        return True

    async def hush(self) -> None:
        """Give the subscriptions up; what was delivered can still be answered."""
        await asyncio.gather(self._live.hush(_HUSH_S), self._history.hush(_HUSH_S))

    async def stop(self) -> None:
        """Send what is queued, disconnect and end the threads."""
        await asyncio.gather(self._live.stop(), self._history.stop())

    def _stand_live(self, up: bool) -> None:  # noqa: FBT001 (a line's callback)
        self._stand(up)
        self._note("live", up=up)

    def _note(self, line: str, *, up: bool) -> None:
        if not up:
            self._up.discard(line)
            return
        self._up.add(line)
        if len(self._up) == len((self._live, self._history)):
            log.info("connected to the MQTT broker at %s", self)
            self._ready.set()


def _share(endpoint: Endpoint) -> str:
    """Return the prefix of a shared subscription: the same for servers that sign in alike."""
    secret = (endpoint.password or "").encode()
    name = hashlib.blake2b(secret, digest_size=8, person=b"vonggac-share").hexdigest()
    return f"$share/vonggac-{name}/"
