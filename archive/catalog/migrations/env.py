"""Alembic's entry: runs the revisions in the transaction that the catalogue hands over."""

from alembic import context

from archive.catalog import operations, tables
from archive.catalog.base import Base

_OWNERS = (tables, operations)  # importing them declares the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
