"""SQLite, the embedded home's database: one file with one writing transaction at a time.

Each commit is synced.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from archive.base.errors import Unavailable
from archive.catalog.errors import CatalogueUnusable

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


class Sqlite:
    """The SQLite database at `file`.

    It is opened for reading only where this process may not write it.
    """

    name = "sqlite"
    reading: Mapping[str, Any] = {"kho_write": False}
    writing: Mapping[str, Any] = {"kho_write": True}

    def __init__(self, file: Path) -> None:
        self._file, self._opened = file, set[tuple[int, int]]()
        self.read_only = is_read_only(file)
        url = _read_only_url(file) if self.read_only else URL.create("sqlite", database=str(file))
        # errors never show patient data
        self.engine: Engine = create_engine(url, hide_parameters=True)
        event.listen(self.engine, "connect", _only_read if self.read_only else _harden)
        event.listen(self.engine, "connect", self._note)
        event.listen(self.engine, "begin", _begin)

    @property
    def may_go_back(self) -> bool:
        """Whether another file has replaced the one that this process opened.

        This happens when a backup was restored.
        """
        return self._opened != {_identity(self._file)}

    def _note(self, _connection: Any, _record: Any) -> None:
        self._opened.add(_identity(self._file))

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a connection in a transaction that changes tables, alone.

        Foreign keys are off meanwhile: a table is recreated by dropping it while others still refer
        to it (sqlite.org/lang_altertable.html, 7).
        """
        with self.engine.connect().execution_options(**self.writing) as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.invalidate()  # the next one is hardened again

    def failure(self, error: DBAPIError) -> Unavailable:
        """Return what to raise for a failure of the database."""
        first = _first(error)
        # the primary one of sqlite.org/rescode.html
        code = getattr(first.orig, "sqlite_errorcode", 0) & 0xFF
        kind = CatalogueUnusable if code in _DAMAGE else Unavailable
        return kind(component=self.name, why=str(first.orig))


def _first(error: DBAPIError) -> DBAPIError:
    """Return the failure that began it.

    A full disk ends the transaction, and its savepoints are not there any longer.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DBAPIError):
            error = cause
        cause = cause.__cause__ if isinstance(cause.__cause__, DBAPIError) else cause.__context__
    return error


def _identity(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_dev, status.st_ino


def is_read_only(file: Path) -> bool:
    """Tell whether there is a catalogue at `file` that this process may not write.

    The disk is read-only, or the home is another user's.
    """
    return file.exists() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def _read_only_url(file: Path) -> URL:
    # Without a write-ahead log no process is writing. Then SQLite must not look for a log: it
    # cannot create one here. With a log, SQLite reads through it if its shared memory exists too
    # (sqlite.org/wal.html, "Read-Only Databases").
    log = file.with_name(f"{file.name}-wal")
    query = {"mode": "ro", "uri": "true", **({} if log.exists() else {"immutable": "1"})}
    return URL.create("sqlite", database=file.absolute().as_uri(), query=query)


def _harden(connection: Any, _record: Any) -> None:
    # Autocommit at the driver: SQLAlchemy's own BEGIN (below) opens each transaction, so that it
    # can be IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    # savepoints keep their journal in TMPDIR, which may be full
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.close()


def _only_read(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON").close()


def _begin(connection: Any) -> None:
    # A writer takes the write lock at once: upgrading a read transaction could fail in the middle.
    write = connection.get_execution_options().get("kho_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
