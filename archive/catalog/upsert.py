"""Writing a row that may exist already, in one statement.

Two concurrent writers both succeed; the last one wins.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from archive.catalog.base import Base
from archive.catalog.rows import table_of


def upsert(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`, each with all columns of the table.

    Where the primary key exists, the other columns are replaced.

    A SELECT followed by an INSERT would fail on PostgreSQL where another transaction does the same.
    """
    if not rows:
        return
    keys = [column.name for column in table_of(model).primary_key]
    # alike in every transaction: no deadlock
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    connection = session.connection()
    connection.execute(_upsert(model, connection.dialect.name), ordered)


def insert_missing(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert those of `rows` whose primary key is not there; the others stay as they are.

    On PostgreSQL this waits for a transaction that inserts the same key.
    """
    if not rows:
        return
    keys = [column.name for column in table_of(model).primary_key]
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    connection = session.connection()
    connection.execute(_insert_missing(model, connection.dialect.name), ordered)


@cache
def _insert_missing(model: type[Base], dialect: str) -> Insert:
    table = table_of(model)
    if dialect == postgresql.dialect.name:
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def _upsert(model: type[Base], dialect: str) -> Insert:
    table = table_of(model)  # kept: SQLAlchemy knows again what it has compiled
    statement = (
        postgresql.insert(table) if dialect == postgresql.dialect.name else sqlite.insert(table)
    )
    others = {
        column.name: statement.excluded[column.name] for column in table.c if not column.primary_key
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
