# ruff: noqa: INP001 (Alembic runs this file by its path; the folder is no package)
"""Alembic's entry: runs the steps on the connection that ``migrate`` hands over."""

from alembic import context

from server.storage import closed_schema, people, records_schema, schema

for tables in (closed_schema.late_day, people.session, records_schema.record):
    assert tables.metadata is schema.metadata  # every file's tables are in it

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.metadata
)
with context.begin_transaction():
    context.run_migrations()
