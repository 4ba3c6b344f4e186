"""How a server hears its agents and speaks to them: over MQTT, or within a broker of its own.

``MqttFeed`` is the one, ``server.broker.Centre`` the other. Whichever it is, what has been heard
and not been dealt with is bounded, and the rest waits outside.
"""

from collections.abc import Callable
from typing import Protocol

from wire.topics import Topic

Hear = Callable[[Topic, bytes, Callable[[], None]], None]
"""Takes a message and what is to be called, once, when it has been dealt with."""

Stand = Callable[[bool], None]
"""Is told whether agents are heard now."""


class Feed(Protocol):
    """Agents' messages in, the server's out. Everything is called in one event loop.

    ``is_shared``: reports are shared out among several servers, by a broker that may grant this
    and then deliver nothing.
    """

    @property
    def is_shared(self) -> bool:
        """See above."""
        ...

    def start(self, hear: Hear, stand: Stand) -> None:
        """Begin to hear, in the background. Raises ``OSError`` for an unreadable certificate."""
        ...

    async def ready(self) -> None:
        """Wait until everything is heard."""
        ...

    def publish(self, topic: str, payload: bytes, *, qos: int = 0) -> None:
        """Send a message, if somebody is there to take it; never waits."""
        ...

    def attend(self, *, on: bool) -> bool:
        """Leave reports to the other servers, or take some again; never waits.

        Return False where there is nobody to leave them to: everything goes on as before.
        """
        ...

    async def hush(self) -> None:
        """Hear no more; what was heard can still be answered."""
        ...

    async def stop(self) -> None:
        """Send what is queued and end."""
        ...
