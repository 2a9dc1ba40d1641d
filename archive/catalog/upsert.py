"""Writing a row that may be there already, in one statement: two writers that meet both succeed, the last stands."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from archive.catalog.base import Base


def upsert(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`, each with all columns of `table`; where the primary key is there, replace the other columns.

    Asking first and inserting then would fail on PostgreSQL where another transaction does the same.
    """
    if not rows:
        return
    keys = [column.name for column in inspect(table).primary_key]
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])  # alike in every transaction: no deadlock
    on_postgresql = session.get_bind().dialect.name == postgresql.dialect.name
    statement = postgresql.insert(table) if on_postgresql else sqlite.insert(table)
    others = {name: statement.excluded[name] for name in ordered[0] if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), ordered)
