"""PostgreSQL 15 or newer, for several processes and hosts on one archive.

Its sessions are durable and never hang.

A transaction that reads sees one snapshot (REPEATABLE READ, READ ONLY). A transaction that writes
is READ COMMITTED: after it has waited for a lock, it must see what the other transaction committed.
A snapshot taken before the wait would not show that. A lease
(:mod:`archive.catalog.advisory_leases`) or a unique key guards what two writers may not do at once.

PgBouncer in front of it must not pool transactions or statements: leases and their settings belong
to a session.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from archive.base.errors import Misconfigured, Unavailable
from archive.catalog.errors import TransactionLost
from archive.catalog.postgresql_server import EXAMINE, Server, require_fit

CONNECT_SECONDS = 10
# for a row or table that another transaction holds; a lease has a timeout of its own
LOCK_SECONDS = 30
# the server ends a slow statement itself; after this margin Kho gives up on a server that does not
MARGIN_SECONDS = 2
_SCHEMES = ("postgresql://", "postgres://")
_MIGRATING = 0x6B686F  # "kho": the lock under which tables are changed
_KEPT_IDLE = 4  # connections; more are made while more threads ask, and closed after

# SQLSTATE: the classes whose messages describe only the server; others may quote the data to be
# written.
_PLAIN = ("08", "25", "28", "3D", "40", "42", "53", "54", "55", "57", "58")
_UNDONE = ("40001", "40P01")  # serialization_failure, deadlock_detected

log = structlog.get_logger(__name__)


class _Session(psycopg.Connection[Any]):
    """A session that waits at most `patience` seconds for an answer.

    It is closed then, because its server hangs.
    """

    patience: float = 60.0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server's answer; raises ConnectionTimeout, and the session is over."""
        allowed = self.patience if timeout is None else timeout
        deadline = time.monotonic() + allowed
        try:
            return super().wait(gen, interval, allowed)
        except psycopg.OperationalError as error:
            if time.monotonic() < deadline or error.sqlstate is not None:
                raise
            self.pgconn.finish()
            raise psycopg.errors.ConnectionTimeout(f"no answer within {allowed:g} s") from error


class Postgres:
    """The database at `url`, with the password apart.

    `url` is `postgresql://user@host:port/database`, libpq's form.

    `timeout` is how many seconds one statement may take. With `production` a server that does not
    sync is refused. Raises Misconfigured, which never repeats the URL.
    """

    name = "postgresql"
    reading: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    writing: Mapping[str, Any] = {"isolation_level": "READ COMMITTED", "postgresql_readonly": False}
    may_go_back = True  # a standby that took over may lack the last commits

    def __init__(
        self, url: str, password: str = "", *, timeout: int = 60, production: bool = False
    ) -> None:
        self._timeout, self._production = timeout, production
        self._parameters = _parsed(url)
        if password:
            self._parameters["password"] = password
        self._read_only: bool | None = None
        self.engine: Engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            hide_parameters=True,  # errors never show patient data
            # a server that was restarted is noticed before a transaction begins
            pool_pre_ping=True,
            pool_size=_KEPT_IDLE,
            # as many as there are threads; the holder of a lease must never wait for a connection
            max_overflow=-1,
            use_native_hstore=False,
        )

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written: a standby, or a role that may only read.

        Raises Unavailable.
        """
        if self._read_only is None:
            try:
                self.engine.connect().close()
            except DBAPIError as error:
                raise self.failure(error) from error
        return bool(self._read_only)

    @property
    def has_tables(self) -> bool:
        """Whether a catalogue is there; asking makes nothing. Raises Unavailable, Misconfigured."""
        try:
            with self.engine.connect() as connection:
                return bool(
                    connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
                )
        except DBAPIError as error:
            raise self.failure(error) from error

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a connection in a transaction that changes tables, alone.

        They are changed whole or not at all.
        """
        with self.engine.connect() as connection, patience(connection, 3600), connection.begin():
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            yield connection

    def failure(self, error: DBAPIError) -> Unavailable:
        """Return what to raise: TransactionLost where a session broke, else Unavailable."""
        lost = error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _UNDONE
        return (TransactionLost if lost else Unavailable)(component=self.name, why=_why(error.orig))

    def _connect(self) -> psycopg.Connection[Any]:
        session = _Session.connect(
            **{
                **self._parameters,
                "application_name": "kho",
                "client_encoding": "UTF8",
                "connect_timeout": min(CONNECT_SECONDS, self._timeout),
                "options": " ".join(
                    filter(None, (self._parameters.get("options"), *self._options()))
                ),
            }
        )
        try:
            session.patience = self._timeout + MARGIN_SECONDS
            session.autocommit = True
            row = session.execute(EXAMINE).fetchone()
            assert row is not None
            server = Server(*row)
            require_fit(server, production=self._production)
            session.autocommit = False
        except BaseException:
            session.close()
            raise
        if self._read_only is None and not server.syncs:
            log.warning(
                "catalogue.not_synced", fsync=server.fsync, full_page_writes=server.full_page_writes
            )
        self._read_only = server.read_only
        return session

    def _options(self) -> Iterator[str]:
        settings = {
            "synchronous_commit": "on",  # whatever the database's or the role's own setting says
            "timezone": "UTC",
            "statement_timeout": f"{self._timeout}s",
            "lock_timeout": f"{min(LOCK_SECONDS, self._timeout)}s",
            "idle_in_transaction_session_timeout": "6h",  # `kho check` reads the vault meanwhile
            "idle_session_timeout": "0",  # a lease may be held for long
            # A holder whose machine has died loses its leases after a minute, not after the
            # kernel's two hours.
            "tcp_keepalives_idle": "30",
            "tcp_keepalives_interval": "10",
            "tcp_keepalives_count": "3",
        }
        return (f"-c {name}={value}" for name, value in settings.items())


@contextmanager
def patience(connection: Connection, seconds: float) -> Iterator[None]:
    """Wait longer than usual for the answers to what the block asks."""
    session: Any = connection.connection.driver_connection
    usual, session.patience = session.patience, seconds
    try:
        yield
    finally:
        session.patience = usual


def _parsed(url: str) -> dict[str, Any]:
    """Return libpq's parameters.

    Its own message about a bad URL is never shown, for it may quote a password.
    """
    form = "catalog.url: postgresql://user@host:port/database"
    try:
        parameters = dict(conninfo_to_dict(url)) if url.startswith(_SCHEMES) else {}
    except psycopg.ProgrammingError:
        parameters = {}
    if not parameters:
        raise Misconfigured(why_vi=form, why_en=form)
    if parameters.get("password"):
        raise Misconfigured(
            why_vi="catalog.url chứa mật khẩu; đặt vào catalog.password",
            why_en="catalog.url holds a password; put it into catalog.password",
        )
    return parameters


def _why(error: BaseException | None) -> str:
    """Return the part of an error that may be shown: never the data that was to be written."""
    state = getattr(error, "sqlstate", None)
    if state is None or isinstance(error, psycopg.errors.ConnectionTimeout):
        # libpq's own words: where it tried, and what happened there
        if isinstance(error, psycopg.OperationalError):
            return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())[:400]
        return type(error).__name__
    sentence = (
        error.diag.message_primary
        if isinstance(error, psycopg.Error) and state.startswith(_PLAIN)
        else None
    )
    return f"{sentence or type(error).__name__} ({state})"
