"""A few small values that must outlive this process and be one for all servers: keys, tokens.

Each has a version; whoever writes with an old one changes nothing and is told so. They are secrets:
never logged, never on a page.
"""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, select, update

from server.storage.database import Database
from server.storage.schema import metadata

keepsake = Table(
    "keepsake",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("value", LargeBinary, nullable=False),
)


class Keepsakes(Database):
    """The store's part for them."""

    async def keepsake(self, name: str) -> tuple[int, bytes] | None:
        """Return the version (from 1) and the value; None if there is none."""
        query = select(keepsake).where(keepsake.c.name == name)
        async with self.reading() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else (row.version, row.value)

    async def keep(self, name: str, value: bytes, *, expected: int) -> bool:
        """Write the version after ``expected`` (0: the first); False if another has been first."""
        row = {"name": name, "version": expected + 1, "value": value}
        mine = (keepsake.c.name == name) & (keepsake.c.version == expected)
        first = self.upsert(keepsake).values(row).on_conflict_do_nothing()
        statement = update(keepsake).where(mine).values(row) if expected else first
        async with self.writing() as connection:
            return (await connection.execute(statement)).rowcount > 0
