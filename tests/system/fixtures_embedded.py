"""The embedded broker by itself, and somebody who listens at the centre's end of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from server.broker import EmbeddedBroker
from tests.system.agents import Peer
from wire.topics import Topic, topic


async def fits(agent: str, secret: str) -> bool:
    return secret == f"password of {agent}"


@asynccontextmanager
async def serving() -> AsyncIterator[EmbeddedBroker]:
    """A broker on a free port."""
    broker = EmbeddedBroker("127.0.0.1", 0, secret_fits=fits)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def peer(name: str = "a1", **more: Any) -> Peer:
    """An agent that is let in."""
    return Peer(name, f"password of {name}", **more)


class Listener:
    """Hears every agent; nothing is dealt with until ``settle``."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.stood: list[bool] = []
        self.publish = broker.centre.publish
        self._unsettled: list[Callable[[], None]] = []
        broker.centre.start(self._hear, self.stood.append)

    def settle(self) -> None:
        settled, self._unsettled = self._unsettled, []
        for done in settled:
            done()

    def payloads(self, name: str) -> list[bytes]:
        return [payload for about, payload in self.heard if about == name]

    def _hear(self, about: Topic, payload: bytes, done: Callable[[], None]) -> None:
        self.heard.append((topic(*about), payload))
        self._unsettled.append(done)
