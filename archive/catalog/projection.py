"""The projection as a whole: what the acts say, row by row.

It can be dumped, compared, or emptied before a rebuild.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session

from archive.base.canonical import canonical
from archive.base.clock import iso
from archive.catalog.base import Base
from archive.catalog.tables import PROJECTED

PORTION = 1000  # rows that are held at a time


def rows(session: Session, table: type[Base]) -> Iterator[dict[str, Any]]:
    """Yield every row of a projected table as JSON values, in order of its key.

    Without `object_version`: no act states where a store keeps an object today.
    """
    columns = [column for column in inspect(table).columns if column.name != "object_version"]
    keys = [column for column in columns if column.primary_key]
    query = select(*columns).order_by(*keys).execution_options(yield_per=PORTION)
    for row in session.execute(query).mappings():
        yield {column.name: _plain(row[column]) for column in columns}


def lines(session: Session) -> Iterator[bytes]:
    """Yield what the acts say as canonical JSON lines, one a row, sorted within each table."""
    for table in sorted(PROJECTED, key=lambda t: t.__tablename__):
        for row in rows(session, table):
            yield canonical({"table": table.__tablename__, **row})


def empty(session: Session) -> None:
    """Delete every projected row, children first; the operational tables stay."""
    for table in reversed(PROJECTED):
        session.execute(delete(table))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.hex() if isinstance(value, bytes) else value
