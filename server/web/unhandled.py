"""How many incidents wait for somebody: the number in the frame of every page.

Counted when incidents change, never per page: a task listens to ``changes`` and counts again.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.changes import EVERYTHING, Changes
from server.storage import Store, StoreError
from server.storage.incident_rows import IncidentFilter
from server.web.pages.incidents import unhandled

log = logging.getLogger(__name__)

_MOST: Final = 1000
_TOPICS: Final = frozenset({"incidents", EVERYTHING})
_AGAIN_S: Final = 30.0


@dataclass(slots=True)
class Unhandled:
    """The newest count."""

    store: Store
    changes: Changes
    count: int = 0

    async def recount(self) -> None:
        """Count now. Raises ``StoreError``."""
        waiting = IncidentFilter(open=True, acknowledged=False)
        self.count = unhandled(await self.store.incidents(waiting, limit=_MOST))

    async def run(self) -> None:
        """Count at the start, then whenever incidents have changed."""
        async with self.changes.subscribe() as queue:
            while True:
                try:
                    await self.recount()
                except StoreError as failed:
                    log.warning("open incidents can't be counted: %s", failed)
                await _changed(queue)


async def _changed(queue: asyncio.Queue[str]) -> None:
    """Wait until incidents change, no longer than half a minute."""
    try:
        async with asyncio.timeout(_AGAIN_S):
            while await queue.get() not in _TOPICS:
                pass
    except TimeoutError:
        return


UNHANDLED: Final = web.AppKey("unhandled", Unhandled)
