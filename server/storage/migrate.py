"""Brings a database to this version's schema, from whatever version it has, in one transaction.

The steps are Alembic's, inside this package (they travel in the wheel). On PostgreSQL an advisory
lock lets only one of several starting servers migrate.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from server.storage.errors import UnusableError

_LOCK: Final = 0x766F6E67  # "vong": any number, the same in every server


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade to the newest schema. Raises ``UnusableError`` for one that a newer version made."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(immediate=True)
        async with connection.begin():
            if engine.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
            try:
                await connection.run_sync(_upgrade)
            except (CommandError, ResolutionError) as error:
                raise UnusableError(
                    f"the database's schema was made by a newer version of this program: {error}"
                ) from error


def alembic_config(connection: Connection) -> Config:
    """Return the configuration that points at the steps of this package."""
    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")
