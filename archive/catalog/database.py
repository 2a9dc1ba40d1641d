"""Opening the catalogue: one engine, sessions that read, and sessions that write alone."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from archive.bilingual import Text
from archive.catalog import operations, tables
from archive.errors import Misconfigured, Unavailable

SCHEMA_REVISION = "0001"
_OWNERS = (tables, operations)  # importing them declares the tables


_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


class CatalogueUnusable(Unavailable):
    """The catalogue's file is damaged, or no database at all. What the acts say is not lost: they are in the vault."""

    code = "catalogue.unusable"
    what = Text("Không đọc được danh mục ({component}): {why}.", "The catalogue ({component}) cannot be read: {why}.")
    unchanged = Text("Kho đối tượng không bị ảnh hưởng.", "The object store is not affected.")
    remedy = Text("Chạy kho rebuild để lập lại danh mục.", "Run kho rebuild to make the catalogue anew.")


class Catalog:
    """The catalogue of one home. Close it when done."""

    def __init__(self, url: str | URL, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.engine: Engine = create_engine(url, hide_parameters=True)  # errors never show patient data
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _only_read_sqlite if read_only else _harden_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @classmethod
    def open(cls, file: Path) -> "Catalog":
        """Open the SQLite catalogue at `file`, made or migrated first where that is needed and the disk lets us.

        Raises Misconfigured for a catalogue of a newer Kho, CatalogueUnusable for a damaged one, Unavailable where the
        database cannot be opened.
        """
        read_only = is_read_only(file)
        url = _read_only_url(file) if read_only else URL.create("sqlite", database=str(file))
        catalog = cls(url, read_only=read_only)
        try:
            with _naming(catalog.engine):
                catalog.migrate()
        except BaseException:
            catalog.close()
            raise
        return catalog

    def migrate(self) -> None:
        """Bring the schema to this Kho's revision; Alembic is only loaded when there is something to do."""
        with self.engine.connect() as connection:
            present = _revision(connection)
        if present == SCHEMA_REVISION:
            return
        if present is not None and present > SCHEMA_REVISION:
            raise Misconfigured(
                why_vi=f"danh mục thuộc phiên bản Kho mới hơn ({present})",
                why_en=f"the catalogue belongs to a newer Kho ({present})",
            )
        if self.read_only:
            raise Unavailable(component=self.engine.dialect.name, why=f"read-only, revision {present}")
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["engine"] = self.engine
        command.upgrade(config, SCHEMA_REVISION)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and never writes. Raises Unavailable where the database fails."""
        with _naming(self.engine), Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in a transaction: committed when the block ends, rolled back whole when it raises.

        Raises Unavailable where the database fails: locked for long, full, broken.
        """
        writing = self.engine.execution_options(kho_write=True)
        with _naming(self.engine), Session(writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Release every connection."""
        self.engine.dispose()


@contextmanager
def _naming(engine: Engine) -> Iterator[None]:
    """Name the database as the component that failed; a broken constraint stays what it is, a fault of the code."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the primary one of sqlite.org/rescode.html
        kind = CatalogueUnusable if code in _DAMAGE else Unavailable
        raise kind(component=engine.dialect.name, why=str(error.orig)) from error


def is_read_only(file: Path) -> bool:
    """Tell whether there is a catalogue at `file` that this process may not write: a read-only disk, another's home."""
    return file.exists() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def _read_only_url(file: Path) -> URL:
    # Without a write-ahead log nobody is writing; then SQLite must not look for one, which it could not make here.
    # With one it reads through it, if its shared memory is there, too (sqlite.org/wal.html, "Read-Only Databases").
    log = file.with_name(f"{file.name}-wal")
    query = {"mode": "ro", "uri": "true", **({} if log.exists() else {"immutable": "1"})}
    return URL.create("sqlite", database=file.absolute().as_uri(), query=query)


def _revision(connection: Any) -> str | None:
    names = connection.dialect.get_table_names(connection)
    if "alembic_version" not in names:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()  # type: ignore[no-any-return]


def _harden_sqlite(connection: Any, _record: Any) -> None:
    # Autocommit at the driver: SQLAlchemy's own BEGIN (below) opens each transaction, so that it can be IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _only_read_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON").close()


def _begin_sqlite(connection: Any) -> None:
    # A writer takes the write lock at once: upgrading a read transaction could fail in the middle.
    write = connection.get_execution_options().get("kho_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
