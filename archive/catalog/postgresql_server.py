"""What Kho requires of a PostgreSQL server for a catalogue.

Every new session checks it with one query.
"""

from typing import NamedTuple

from archive.base.errors import Misconfigured

OLDEST = 150000  # server_version_num of PostgreSQL 15
EXAMINE = """
SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
       'B' < 'a' AND 'Z' < '_',
       current_setting('synchronous_commit'), current_setting('fsync'),
       current_setting('full_page_writes'),
       pg_is_in_recovery() OR current_setting('transaction_read_only')::bool
         OR coalesce(NOT has_table_privilege(to_regclass('act'), 'INSERT'), false)
"""


class Server(NamedTuple):
    """What EXAMINE answers, in its order."""

    version: int
    encoding: str
    sorts_bytes: bool
    synchronous_commit: str
    fsync: str
    full_page_writes: str
    read_only: bool  # a standby, a read-only default, or a role that may not insert

    @property
    def syncs(self) -> bool:
        """Whether what it acknowledged outlasts a power cut."""
        return (self.fsync, self.full_page_writes) == ("on", "on")


def require_fit(server: Server, *, production: bool) -> None:
    """Raise Misconfigured unless `server` can hold a catalogue.

    In production, a server that does not sync cannot.
    """
    if server.version < OLDEST:
        major = server.version // 10000
        _refuse(f"PostgreSQL {major} cũ hơn 15", f"PostgreSQL {major} is older than 15")
    if server.encoding != "UTF8":
        _refuse(
            f"cơ sở dữ liệu dùng mã {server.encoding}, cần UTF8",
            f"the database is in {server.encoding}, not UTF8",
        )
    if not server.sorts_bytes:
        # Acts, objects and rows are compared side by side in the order of their bytes, and SQLite
        # sorts so, too.
        _refuse(
            "cơ sở dữ liệu cần LC_COLLATE 'C'",
            "the database must sort bytes: make it with LC_COLLATE 'C'",
        )
    # though each session asks for it: something between swallowed that
    if server.synchronous_commit == "off":
        _refuse("synchronous_commit = off", "synchronous_commit is off")
    if production and not server.syncs:
        _refuse(
            "PostgreSQL chạy với fsync hoặc full_page_writes tắt",
            "fsync or full_page_writes is off",
        )


def _refuse(vi: str, en: str) -> None:
    raise Misconfigured(why_vi=f"{vi} (docs/postgresql.md)", why_en=f"{en} (docs/postgresql.md)")
