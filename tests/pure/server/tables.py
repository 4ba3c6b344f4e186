"""The centre's tables in memory, for tests that commit without a store."""

import sqlite3
from functools import cache

from sqlalchemy import create_engine

from server.storage import closed_schema, people
from server.storage.commit_sqlite import run_sqlite
from server.storage.schema import metadata
from server.storage.statements import Rows, Statement, Steps, T

assert closed_schema.late_day.metadata is metadata  # all files' tables are in it
assert people.session.metadata is metadata


def tables() -> sqlite3.Connection:
    """Return a new, empty database."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(_script())
    return connection


@cache
def _script() -> str:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        script = ";\n".join(row[0] for row in rows)
    engine.dispose()
    return script


def watched(connection: sqlite3.Connection, steps: Steps[T]) -> list[Statement]:
    """Run the steps and return what they asked of the database."""
    seen: list[Statement] = []

    def between() -> Steps[T]:
        rows: Rows = ()
        try:
            statement = next(steps)
            while True:
                seen.append(statement)
                rows = yield statement
                statement = steps.send(rows)
        except StopIteration as stop:
            result: T = stop.value
            return result

    run_sqlite(connection, between())
    return seen
