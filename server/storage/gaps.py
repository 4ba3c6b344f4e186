"""What agents had to drop for want of room, read back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select

from server.storage.database import Database, in_batches
from server.storage.schema import boot, gap
from server.storage.times import moment_of, ms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """Spool items that one agent dropped.

    ``start`` to ``end``: the time that they told of; None where the agent did not say. ``cameras``
    are the agent's names for them.
    """

    agent: str
    kind: str
    count: int
    reason: str
    received_at: datetime
    start: datetime | None = None
    end: datetime | None = None
    cameras: tuple[str, ...] = ()


class Gaps(Database):
    """The store's part for what was dropped."""

    async def gaps(self, agents: Collection[str], *, since: datetime) -> list[GapRow]:
        """Return what the agents have told of since a moment, by agent and time of receipt."""
        told_by = and_(boot.c.agent == gap.c.agent, boot.c.uuid == gap.c.boot)
        query = select(gap, gap.c.count.label("items"), boot.c.zero_ms).outerjoin(boot, told_by)
        query = query.where(gap.c.received_ms >= ms_of(since))
        found: list[GapRow] = []
        async with self.reading() as connection:
            for names in in_batches(sorted(agents)):
                ordered = query.order_by(gap.c.agent, gap.c.received_ms, gap.c.seq)
                rows = await connection.execute(ordered.where(gap.c.agent.in_(names)))
                found += [_gap(row) for row in rows]
        return found


def _gap(row: Row[Any]) -> GapRow:
    dated = row.zero_ms is not None and row.start_ms is not None and row.end_ms is not None
    return GapRow(
        agent=row.agent,
        kind=row.kind,
        count=row.items,
        reason=row.reason,
        received_at=moment_of(row.received_ms),
        start=moment_of(row.zero_ms + row.start_ms) if dated else None,
        end=moment_of(row.zero_ms + row.end_ms) if dated else None,
        cameras=tuple((row.cameras or "").split()),
    )
