"""After a backup was put back: what an open segment may no longer claim.

An agent deletes what the database has committed. A database that is set back has forgotten some of
it, and cannot know what: a camera that was up then may have been down for hours since. The next
watermark would stretch each open segment over all that. So each is ended where the database last
knew it to hold; what came after is unknown, never up, until the agent begins anew.
"""

from typing import Any

from sqlalchemy import Row, and_, bindparam, select, update

from server.storage.database import Database, many
from server.storage.merging import Mark
from server.storage.schema import boot, segment, source


class Restoring(Database):
    """The store's part for a database that came out of a backup."""

    async def end_open_segments(self) -> int:
        """End each open segment at its last good moment; return how many. Again changes nothing."""
        async with self.reading() as connection:
            agents = list(await connection.scalars(select(source.c.agent).distinct()))
        return sum([await self._end_those_of(agent) for agent in sorted(agents)])

    async def _end_those_of(self, agent: str) -> int:
        told = (
            select(segment, source.c.camera, boot.c.until_ms, boot.c.until_seq, boot.c.held)
            .join(source, source.c.id == segment.c.source_id)
            .join(boot, boot.c.id == segment.c.boot_id)
            .where(source.c.agent == agent, segment.c.end_ms.is_(None))
        )
        ended = update(segment).where(
            and_(
                segment.c.source_id == bindparam("b_source"),
                segment.c.boot_id == bindparam("b_boot"),
                segment.c.number == bindparam("b_number"),
            )
        )
        async with self.writing() as connection:
            rows = [_ended(row) for row in await connection.execute(told)]
            await many(connection, ended, rows)
        return len(rows)


def _ended(row: Row[Any]) -> dict[str, int]:
    end_ms = row.start_ms
    if row.until_ms is not None:
        mark = Mark(row.until_ms, row.until_seq, row.held)
        end_ms = max(end_ms, mark.last_good_ms().get(row.camera, mark.until_ms))
    return {
        "b_source": row.source_id,
        "b_boot": row.boot_id,
        "b_number": row.number,
        "end_ms": end_ms,
    }
