"""What is known of the time of agents' boots, for ``domain.clocks`` to grade."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.clocks import BootClock, Grade, grades
from server.domain.interval import Interval
from server.storage.database import Database, in_batches
from server.storage.schema import boot
from server.storage.times import ms_of

_COLUMNS = (
    boot.c.agent,
    boot.c.uuid,
    boot.c.zero_ms,
    boot.c.last_ms,
    boot.c.offset_ms.is_not(None).label("measured"),
    boot.c.latest_zero_ms,
    boot.c.machine,
)


def _near() -> Select[Any]:
    start, end = (bindparam(name, type_=BigInteger) for name in ("from_ms", "to_ms"))
    reaching = and_(boot.c.zero_ms < end, boot.c.zero_ms + boot.c.last_ms >= start)
    wandered = and_(boot.c.offset_ms.is_(None), boot.c.latest_zero_ms + boot.c.last_ms >= start)
    return _ALL.where(or_(reaching, wandered))


_ALL: Final = select(*_COLUMNS).where(boot.c.agent.in_(bindparam("agents", expanding=True)))
_NEAR: Final = _near()


class Clocks(Database):
    """The store's part for the clocks of agents."""

    async def boot_clocks(self, agents: Collection[str], window: Interval) -> list[BootClock]:
        """Return the boots of the agents that reach into ``window``, or were heard of in it.

        Of an agent with one that was never measured all boots are given, whenever they ran: what
        contradicts it must not depend on the window.
        """
        async with self.reading() as connection:
            return await boots_near(connection, agents, window)


async def boots_near(
    connection: AsyncConnection, agents: Collection[str], window: Interval
) -> list[BootClock]:
    """See ``Clocks.boot_clocks``."""
    asked = {"from_ms": ms_of(window.start), "to_ms": ms_of(window.end)}
    found = await _boots(connection, _NEAR, agents, asked)
    unsure = {b.agent for b in found if not b.measured}
    return [b for b in found if b.agent not in unsure] + await _boots(connection, _ALL, unsure)


async def grades_near(
    connection: AsyncConnection, agents: Collection[str], window: Interval
) -> dict[tuple[str, str], Grade]:
    """Grade the clocks of all boots that reach into ``window``, by (agent, id)."""
    return grades(await boots_near(connection, agents, window))


async def first_zeros(connection: AsyncConnection) -> dict[str, int]:
    """Return the origin of each agent's first boot whose clock is not suspect, UTC milliseconds.

    Only an agent whose first boot was never measured is looked at more closely.
    """
    measured = boot.c.offset_ms.is_not(None).label("measured")
    query = select(boot.c.agent, measured, func.min(boot.c.zero_ms).label("zero_ms"))
    first: dict[str, int] = {}
    unsure: dict[str, int] = {}
    for row in await connection.execute(query.group_by(boot.c.agent, measured)):
        (first if row.measured else unsure)[row.agent] = row.zero_ms
    asked = {agent for agent, zero in unsure.items() if zero < first.get(agent, zero + 1)}
    boots = await _boots(connection, _ALL, asked)
    graded = grades(boots)
    for one in boots:
        if graded[one.agent, one.boot] is not Grade.SUSPECT:
            first[one.agent] = min(one.zero_ms, first.get(one.agent, one.zero_ms))
    return first


async def _boots(
    connection: AsyncConnection,
    query: Select[Any],
    agents: Iterable[str],
    window: Mapping[str, int] | None = None,
) -> list[BootClock]:
    found: list[BootClock] = []
    for names in in_batches(sorted(agents)):
        rows = await connection.execute(query, {"agents": names, **(window or {})})
        found += [_boot_clock(row) for row in rows]
    return found


def _boot_clock(row: Row[Any]) -> BootClock:
    return BootClock(
        agent=row.agent,
        boot=row.uuid,
        zero_ms=row.zero_ms,
        last_ms=row.last_ms,
        measured=bool(row.measured),
        latest_zero_ms=row.latest_zero_ms,
        machine=row.machine,
    )
