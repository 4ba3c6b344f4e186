"""Brings news between the servers of one database: pages of every server are told of every change.

What this server did is gathered for a moment and told in one go; what the others did goes to this
server's own pages. News are hints, so what can't be told now is told as "everything" later.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final, Protocol

from server.changes import EVERYTHING, Changes
from server.clock import Clock
from server.storage import StoreError

log = logging.getLogger(__name__)

_GATHER_S: Final = 1.0
_AGAIN_S: Final = 5.0
_MOST: Final = 200
"""More topics than this are told as "everything"."""


class NewsStore(Protocol):
    """What the relay needs of a store: ``Store``, on PostgreSQL."""

    async def tell(self, topics: Collection[str]) -> None:
        """Tell the other servers."""

    async def hear(self, take: Callable[[str], None]) -> None:
        """Take what other servers tell, for ever."""


class Relay:
    """Tells and hears. One per process, where several may share a database."""

    def __init__(self, store: NewsStore, *, changes: Changes, clock: Clock) -> None:
        self._store = store
        self._changes = changes
        self._clock = clock

    async def run(self) -> None:
        """Tell and hear for ever."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._store.hear(self._changes.hear))
            both.create_task(self._tell())

    async def _tell(self) -> None:
        async with self._changes.subscribe(own=True) as queue:
            owed: set[str] = set()
            while True:
                if not owed:
                    owed.add(await queue.get())
                await self._clock.wait(_GATHER_S)
                while not queue.empty():
                    owed.add(queue.get_nowait())
                try:
                    await self._store.tell({EVERYTHING} if len(owed) > _MOST else owed)
                except StoreError as error:
                    log.info("could not tell the other servers: %s", error)
                    await self._clock.wait(_AGAIN_S)
                else:
                    owed.clear()
