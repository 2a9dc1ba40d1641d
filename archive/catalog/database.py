"""Opening the catalogue: sessions that read one state, and sessions that write whole or not at all.

The code that is specific to SQLite and PostgreSQL is in `sqlite.py` and `postgresql.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, Self

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from archive.base.errors import Misconfigured, Unavailable
from archive.base.leases import Lease
from archive.catalog import operations, tables
from archive.catalog.errors import TransactionLost
from archive.catalog.sqlite import Sqlite

SCHEMA_REVISION = "0022"
_OWNERS = (tables, operations)  # importing them declares the tables


class Database(Protocol):
    """One make of database: its engine, and what it does in its own way."""

    name: str  # as errors name the component
    engine: Engine
    # execution options of a transaction that only reads, and of one that writes
    reading: Mapping[str, Any]
    writing: Mapping[str, Any]

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written here."""
        ...

    @property
    def may_go_back(self) -> bool:
        """Whether facts that were committed may be gone while this process runs.

        This happens when a standby that lagged took over.
        """
        ...

    def migrating(self) -> AbstractContextManager[Connection]:
        """Give a connection in a transaction that changes tables, alone."""
        ...

    def failure(self, error: DBAPIError) -> Unavailable:
        """Return what to raise for a failure of the database.

        It holds no patient data and no secret.
        """
        ...


class Catalog:
    """The catalogue of one archive. Close it when done."""

    def __init__(self, database: Database, session: Connection | None = None) -> None:
        self._database = database
        self._session = session

    @classmethod
    def open(cls, database: Database | Path) -> Self:
        """Open the catalogue (a path: SQLite); make or migrate it where needed and allowed.

        Raises Misconfigured for a catalogue of a newer Kho, CatalogueUnusable for a damaged one,
        Unavailable where the database cannot be opened.
        """
        catalog = cls(Sqlite(database) if isinstance(database, Path) else database)
        try:
            catalog.migrate()
        except BaseException:
            catalog.close()
            raise
        return catalog

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, for tools that look at the tables themselves."""
        return self._database.engine

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written here."""
        return self._database.read_only

    @property
    def may_go_back(self) -> bool:
        """Whether facts that were committed may be gone while this process runs.

        This happens when a standby that lagged took over.
        """
        return self._database.may_go_back

    def migrate(self) -> None:
        """Bring the schema to this Kho's revision.

        Alembic is only loaded when there is something to do.
        """
        with self._naming():
            with self.engine.connect() as connection:
                if _is_current(connection):
                    return
            if self.read_only:
                raise Unavailable(
                    component=self._database.name,
                    why="read-only, and its tables are not this Kho's",
                )
            with self._database.migrating() as connection:
                if not _is_current(connection):  # another process may have been first
                    upgrade(connection, SCHEMA_REVISION)

    def under(self, lease: Lease) -> "Catalog":
        """Return this catalogue as the holder of `lease` must write it.

        A lease that was lost writes nothing.

        Its transactions run one after another, in the session that holds the lease, where there is
        one.
        """
        return self if lease.session is None else Catalog(self._database, lease.session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and never writes.

        Raises Unavailable where the database fails, TransactionLost where its session broke.
        """
        with (
            self._naming(),
            Session(
                self._bind(self._database.reading), autoflush=False, expire_on_commit=False
            ) as session,
        ):
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in a transaction: committed at the end of the block, rolled back on an error.

        On PostgreSQL others write at the same time, and what was read may be old when it is
        written: hold a lease, or let a unique key decide. Raises Unavailable where the database
        fails (locked for long, full, broken: nothing was written), TransactionLost where it is not
        known whether the transaction was committed.
        """
        bind = self._bind(self._database.writing)
        with self._naming(), Session(bind, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Release every connection."""
        self.engine.dispose()

    def _bind(self, options: Mapping[str, Any]) -> Engine | Connection:
        if self._session is None:
            return self.engine.execution_options(**options)
        if self._session.invalidated:  # SQLAlchemy would reconnect: a new session without the lease
            raise TransactionLost(
                component=self._database.name, why="the session that held the lease is over"
            )
        return self._session.execution_options(**options)

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Name the database as the component that failed.

        A broken constraint stays what it is, a fault of the code.
        """
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise self._database.failure(error) from error


def _is_current(connection: Connection) -> bool:
    present = revision(connection)
    if present is not None and present > SCHEMA_REVISION:
        raise Misconfigured(
            why_vi=f"danh mục thuộc phiên bản Kho mới hơn ({present})",
            why_en=f"the catalogue belongs to a newer version of Kho ({present})",
        )
    return present == SCHEMA_REVISION


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables that are there; None: there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection, to: str) -> None:
    """Change the tables to the revision `to`, in the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
