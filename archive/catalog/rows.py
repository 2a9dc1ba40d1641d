"""Writing rows as such: the rows of an act are written a dozen statements at a time.

Mapped objects would double the work.
"""

from functools import cache
from typing import Any, cast

from sqlalchemy import Insert, Table, insert
from sqlalchemy.orm import Session

from archive.catalog.base import Base


def table_of(model: type[Base]) -> Table:
    """Return the table of a model.

    Statements on it pass the session's objects by: expire those that it changes.
    """
    return cast("Table", model.__table__)


def insert_rows(session: Session, model: type[Base], *rows: dict[str, Any]) -> None:
    """Insert `rows`, all with the same columns.

    Raises IntegrityError at once where one does not fit.
    """
    if rows:
        session.connection().execute(_insert(model), list(rows))


@cache
def _insert(model: type[Base]) -> Insert:
    return insert(table_of(model))  # kept: SQLAlchemy knows again what it has compiled
