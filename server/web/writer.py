"""Who writes into which book, and when: what pages, the API and commands hand to a deed."""

from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from server.changes import Changes
from server.domain.calendar import local_date
from server.standing import Standing
from server.storage import Put, Store
from server.web.asking import officer
from server.web.deps import DEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """An officer (``by``) at a moment; what they may not do, a deed refuses."""

    store: Store
    standing: Standing
    changes: Changes
    by: str
    now: datetime

    @property
    def today(self) -> date:
        """The local day."""
        return local_date(self.now)

    async def put(self, put: Put) -> None:
        """Write a record, and tell who listens. Raises ``ConflictError``, ``StoreError``."""
        await self.store.put_records([put], by=self.by, now=self.now)
        self.changes.publish(f"records:{put.kind}")


def writer(request: web.Request) -> Writer:
    """Return who asks. Raises HTTP 403 for somebody who may only look at pages."""
    user, deps = officer(request), request.app[DEPS]
    return Writer(
        store=deps.store,
        standing=deps.standing,
        changes=deps.changes,
        by=user.name,
        now=deps.clock.now(),
    )
