"""Opening the catalogue: one engine, sessions that read, and sessions that write alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from archive.catalog import operations, tables
from archive.errors import Misconfigured, Unavailable

SCHEMA_REVISION = "0001"
_OWNERS = (tables, operations)  # importing them declares the tables


class Catalog:
    """The catalogue of one home. Close it when done."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _harden_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @classmethod
    def open(cls, file: Path) -> "Catalog":
        """Open the SQLite catalogue at `file`, made or migrated first where that is needed.

        Raises Misconfigured for a catalogue of a newer Kho, Unavailable where the database cannot be opened.
        """
        catalog = cls(f"sqlite:///{file}")
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
        raise Unavailable(component=engine.dialect.name, why=str(error.orig)) from error


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


def _begin_sqlite(connection: Any) -> None:
    # A writer takes the write lock at once: upgrading a read transaction could fail in the middle.
    write = connection.get_execution_options().get("kho_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
