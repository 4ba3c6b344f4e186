"""Takes reports in: ``commit``'s steps, driven by the database's own driver.

SQLAlchemy writes everything that people do, but not these: per row it takes as long as the database
itself.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from server.storage.boots import SpoolKey
from server.storage.commit import Committed, commit_steps
from server.storage.commit_rows import SourceKey
from server.storage.database import Database
from server.storage.errors import UnavailableError
from server.storage.rows import Intake, Progress
from server.storage.times import ms_of


class Writing(Database):
    """The store's part that takes reports in."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._sources: dict[SourceKey, int] = {}  # numbers never change and rows are never deleted

    async def commit(
        self, intakes: Sequence[Intake], *, now: datetime | None = None
    ) -> dict[SpoolKey, Progress]:
        """Commit reports; return how far each (agent, spool) is committed now.

        ``now`` None: it is still the day on which they came.

        Raises ``PoisonError`` if the database will never take one of them (nothing was committed;
        find it by halves), ``UnavailableError`` to try again later (it may be committed or not,
        and committing again changes nothing).
        """
        if not intakes:
            return {}
        try:
            committed: Committed = await self.run(
                lambda: commit_steps(intakes, self._sources, now_ms=ms_of(now) if now else 0)
            )
        except UnavailableError:
            self._sources.clear()  # whatever comes back may have been restored from a backup
            raise
        self._sources.update(committed.sources)
        return committed.progress
