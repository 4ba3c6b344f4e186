# ruff: noqa: INP001 (Alembic runs this file by its path; the folder is no package)
"""Alembic's entry: runs the steps on the connection that ``migrate`` hands over."""

from alembic import context

from server.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
