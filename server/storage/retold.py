"""Alerts whose times late history may change. Nothing here posts a letter."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update

from server.storage.alerts import alert_of
from server.storage.database import Database, in_batches, many
from server.storage.rows import AlertRow
from server.storage.schema import alert
from server.storage.times import ms_of


class Retold(Database):
    """The store's part for amending what an alert says of the past."""

    async def camera_alerts(
        self, *, ended_after: datetime, cameras: Collection[str] | None = None, limit: int
    ) -> list[AlertRow]:
        """Return alerts about cameras that are open or ended after a moment, newest first."""
        query = (
            select(alert)
            .where(
                alert.c.camera.is_not(None),
                or_(alert.c.ended_ms.is_(None), alert.c.ended_ms > ms_of(ended_after)),
            )
            .order_by(alert.c.id.desc())
            .limit(limit)
        )
        found: list[AlertRow] = []
        async with self.reading() as connection:
            if cameras is None:
                return [alert_of(row) for row in await connection.execute(query)]
            for names in in_batches(sorted(cameras)):
                rows = await connection.execute(query.where(alert.c.camera.in_(names)))
                found += [alert_of(row) for row in rows]
        return found[:limit]

    async def retell_alerts(self, times: Sequence[tuple[int, datetime, datetime | None]]) -> None:
        """Set when alerts' troubles began and, of closed ones, ended: (number, began, ended)."""
        known = update(alert).where(alert.c.id == bindparam("b_id"))
        began = known.values(began_ms=bindparam("b_began"))
        over = known.where(alert.c.ended_ms.is_not(None)).values(ended_ms=bindparam("b_ended"))
        async with self.writing() as connection:
            await many(
                connection, began, [{"b_id": n, "b_began": ms_of(start)} for n, start, _ in times]
            )
            await many(
                connection,
                over,
                [{"b_id": n, "b_ended": ms_of(end)} for n, _, end in times if end is not None],
            )
