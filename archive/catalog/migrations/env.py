"""Alembic's entry: runs the revisions on the engine that the catalogue hands over."""

from alembic import context

from archive.catalog import operations, tables
from archive.catalog.base import Base

_OWNERS = (tables, operations)  # importing them declares the tables

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
