"""Leases as advisory locks of the catalogue's PostgreSQL.

Every process and host on one archive shares them.

A lease is a session-level lock (pg_advisory_lock) on a connection of its own. PostgreSQL releases
it when that session ends, however it ends: the process was killed, the connection broke, the server
was restarted.

A holder that does not know yet that it has lost its lease must not write. A check before the write
cannot ensure that, because the lease may be lost between the check and the write. So a holder
writes *in the session that holds the lock* (`Catalog.under`). When the session ends, its
transaction ends too, and PostgreSQL ends the transaction (committed or not) before it releases the
lock. The next holder therefore sees everything that the last holder wrote, and the last holder can
write no more. No fencing token and no second check are needed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from archive.base.leases import Lease, LeaseHeld
from archive.catalog.postgresql import MARGIN_SECONDS, Postgres, patience

_REFUSED = ("55P03", "57014")  # lock_not_available, query_canceled
log = structlog.get_logger(__name__)


class AdvisoryLeases:
    """Leases of all homes whose catalogue is `database`."""

    def __init__(self, database: Postgres) -> None:
        self._database = database

    @contextmanager
    def hold(self, name: str, *, timeout: float = 60.0) -> Iterator[Lease]:
        """Hold the lease `name`; `timeout` 0 tries once. A lease is not re-entrant.

        Raises LeaseHeld, Unavailable where the server is away, TransactionLost where its session
        breaks while we wait.
        """
        key = _key(name)
        try:
            connection = self._database.engine.connect()
        except DBAPIError as error:
            raise self._database.failure(error) from error
        with connection:
            try:
                self._take(connection, key, timeout)
            except DBAPIError as error:
                connection.invalidate()
                if getattr(error.orig, "sqlstate", None) in _REFUSED:
                    raise LeaseHeld from error
                raise self._database.failure(error) from error
            except LeaseHeld:
                raise  # asked and answered: the session is as good as before
            except BaseException:
                connection.invalidate()  # interrupted: it is unknown whether the lock is held
                raise
            try:
                yield Lease(connection)
            finally:
                self._let_go(connection, key)

    def _take(self, connection: Connection, key: int, timeout: float) -> None:
        if _alone(connection, "SELECT pg_try_advisory_lock(:key)", key):
            return
        if timeout <= 0:
            raise LeaseHeld
        connection.execution_options(**self._database.writing)
        with patience(connection, timeout + MARGIN_SECONDS), connection.begin():
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text(f"SET LOCAL lock_timeout = {max(1, int(timeout * 1000))}"))
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})

    def _let_go(self, connection: Connection, key: int) -> None:
        """Release the lease.

        Where its session is over, the lease went with it, and writes under it failed.
        """
        try:
            if connection.in_transaction():
                connection.rollback()
            held = not connection.invalidated and _alone(
                connection, "SELECT pg_advisory_unlock(:key)", key
            )
        except DBAPIError:
            held = False
        if not held:
            log.warning("lease.lost")
            connection.invalidate()


def _alone(connection: Connection, statement: str, key: int) -> bool:
    """Run one statement outside of any transaction, in one round trip.

    `begin` is only SQLAlchemy's book-keeping.
    """
    connection.execution_options(isolation_level="AUTOCOMMIT")
    with connection.begin():
        return bool(connection.scalar(text(statement), {"key": key}))


def _key(name: str) -> int:
    """Return the 64-bit key of a lease.

    The lease's name may hold an episode key, which must not be readable in pg_locks.
    """
    return int.from_bytes(
        hashlib.sha256(f"kho/lease/{name}".encode("utf-8", "surrogatepass")).digest()[:8],
        signed=True,
    )
