"""What people did to cameras, or saw of them: written down before it is done."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Row, select, update

from server.storage.database import Database, insert_id
from server.storage.folding import clean
from server.storage.people import audit
from server.storage.rows import Deed
from server.storage.times import moment_of, ms_of


class Audit(Database):
    """The store's part for the audit."""

    async def note_deed(
        self,
        *,
        person: str,
        action: str,
        camera: str,
        detail: str | None = None,
        now: datetime,
    ) -> int:
        """Write down what is about to be done; return its number."""
        row = {
            "at_ms": ms_of(now),
            "person": person,
            "action": action,
            "camera": camera,
            "detail": clean(detail),
        }
        async with self.writing() as connection:
            return await insert_id(connection, audit, row)

    async def note_outcome(self, deed: int, outcome: str) -> None:
        """Write down what came of it."""
        change = update(audit).where(audit.c.id == deed).values(outcome=outcome)
        async with self.writing() as connection:
            await connection.execute(change)

    async def deed(self, number: int) -> Deed | None:
        """Return one deed."""
        async with self.reading() as connection:
            row = (await connection.execute(select(audit).where(audit.c.id == number))).first()
        return None if row is None else _deed(row)

    async def deeds(self, camera: str, *, actions: Collection[str], limit: int = 50) -> list[Deed]:
        """Return what was done to one camera of certain kinds, the newest first."""
        query = (
            select(audit)
            .where(audit.c.camera == camera, audit.c.action.in_(actions))
            .order_by(audit.c.id.desc())
            .limit(limit)
        )
        async with self.reading() as connection:
            return [_deed(row) for row in await connection.execute(query)]


def _deed(row: Row[tuple[object, ...]]) -> Deed:
    return Deed(
        id=row.id,
        at=moment_of(row.at_ms),
        person=row.person,
        action=row.action,
        camera=row.camera,
        detail=row.detail,
        outcome=row.outcome,
    )
