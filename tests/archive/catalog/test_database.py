"""The catalogue opens durable, migrated, and never a newer Kho's; it is read in one state and
written whole.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from archive.base.errors import Misconfigured, Unavailable
from archive.catalog.base import Base
from archive.catalog.database import SCHEMA_REVISION, Catalog, upgrade
from archive.catalog.errors import CatalogueUnusable
from archive.catalog.operations import AccountRow, IntentRow, PendingActRow
from archive.catalog.postgresql import Postgres
from archive.catalog.sqlite import Sqlite, is_read_only
from tests.archive.conftest import Engine

OWE = text("INSERT INTO outbox (facility, topic, subject) VALUES ('99001', 'index', 'x')")
FIRST_PENDING = text(
    "INSERT INTO pending_act (facility, object_key, body, retain_until) "
    "VALUES ('99001', '99001/acts/000000000017-aa.json', :body, '2026-11-22 05:00:00')"
).bindparams(body=b"{}")
FIRST_INTENT = text(
    "INSERT INTO intent (submission_id, facility, fingerprint, chart_id, documents, claimed_at)"
    """ VALUES ('s', '99001', 'f', 'c', '{"a": "b"}', '2026-11-22 05:00:00')"""
)
FIRST_ACCOUNT = text(
    "INSERT INTO account (name, facility, role, password_hash)"
    " VALUES ('lan', '99001', 'clerk', '$argon2id$')"
)
DOCUMENT = text(
    "INSERT INTO document (id, object_key, original, facility, chart_id, form, form_version,"
    " form_definition, title_vi, title_en, key, content, sha256, size, origin, claimed_at,"
    " submission_id, act_index, position) VALUES (:id, :id, :original, '99001', 'c', 'KHAC', 1,"
    " '', '', '', '1', '', '', 1, 'scanned', '2026-11-22 05:00:00', 's', 1, 1)"
)
OWED = text("SELECT count(*) FROM outbox")


@pytest.fixture
def catalog(engine: Engine, tmp_path: Path) -> Catalog:
    """A fresh catalogue of each make."""
    return engine.catalogue(tmp_path)[0]


def test_the_revisions_make_exactly_the_tables_that_the_code_knows(catalog: Catalog) -> None:
    with catalog.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_write_that_raises_leaves_nothing(catalog: Catalog) -> None:
    def write_and_fail() -> None:
        with catalog.write() as session:
            session.execute(OWE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with catalog.read() as session:
        assert session.execute(OWED).scalar() == 0


def test_a_read_sees_one_state_whatever_is_written_meanwhile(catalog: Catalog) -> None:
    with catalog.read() as reading:
        assert reading.execute(OWED).scalar() == 0
        with catalog.write() as session:
            session.execute(OWE)
        assert reading.execute(OWED).scalar() == 0
    with catalog.read() as session:
        assert session.execute(OWED).scalar() == 1


def test_a_newer_catalogue_is_left_alone(catalog: Catalog) -> None:
    with catalog.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured):
        catalog.migrate()


@pytest.mark.parametrize("make", ["sqlite", "postgresql"])
def test_a_catalogue_of_the_first_schema_is_migrated_with_its_rows(
    make: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    on_sqlite = make == "sqlite"
    database = (
        Sqlite(tmp_path / "catalog.db")
        if on_sqlite
        else Postgres(request.getfixturevalue("postgres_url"))
    )
    with database.migrating() as connection:
        upgrade(connection, "0001")
        connection.execute(FIRST_INTENT)
        connection.execute(FIRST_PENDING)
        connection.execute(FIRST_ACCOUNT)
    catalog = Catalog.open(database)
    with catalog.read() as session:
        (intent,) = session.query(IntentRow)
        assert (intent.submission_id, intent.documents, intent.lease) == ("s", {"a": "b"}, None)
        (pending,) = session.query(PendingActRow)
        assert (pending.facility, pending.index, pending.body) == ("99001", 17, b"{}")
        assert pending.retain_until == datetime(2026, 11, 22, 5, tzinfo=UTC)
        (account,) = session.query(AccountRow)
        assert (account.name, account.role) == ("lan", "clerk")
        assert (account.disabled_at, account.must_change_password) == (None, False)
    with catalog.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    catalog.close()


@pytest.mark.parametrize("make", ["sqlite", "postgresql"])
def test_a_catalogue_of_before_learns_the_dates_of_finished_files(
    make: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    on_sqlite = make == "sqlite"
    database = (
        Sqlite(tmp_path / "catalog.db")
        if on_sqlite
        else Postgres(request.getfixturevalue("postgres_url"))
    )
    stated = {"dated": '{"dated": "2026-01-12"}', "none": '{"dated": null}', "data": "null"}
    with database.migrating() as connection:
        upgrade(connection, "0019")
        if not on_sqlite:  # SQLite checks no foreign keys here: the rows have no act and no chart
            for key in inspect(connection).get_foreign_keys("document"):
                connection.execute(text(f"ALTER TABLE document DROP CONSTRAINT {key['name']}"))
        for document, original in stated.items():
            connection.execute(DOCUMENT, {"id": document, "original": original})
        upgrade(connection, SCHEMA_REVISION)
        rows = connection.execute(text("SELECT id, dated, sheet FROM document ORDER BY id"))
        assert rows.all() == [
            ("data", None, None),
            ("dated", "2026-01-12", None),
            ("none", None, None),
        ]
    database.engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_sqlite_is_set_to_be_durable(tmp_path: Path, pragma: str, value: object) -> None:
    catalog = Catalog.open(tmp_path / "catalog.db")
    with catalog.engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value
    catalog.close()


def test_what_is_no_catalogue_is_named_plainly(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(CatalogueUnusable, match=r"sqlite.*kho rebuild"):
        Catalog.open(tmp_path / "catalog.db")


def test_a_failure_that_is_no_damage_does_not_ask_for_a_rebuild(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").mkdir()
    with pytest.raises(Unavailable) as refused:
        Catalog.open(tmp_path / "catalog.db")
    assert refused.type is Unavailable


@pytest.mark.parametrize("name", ["catalog.db", "50% ?#lạ.db"])
def test_a_catalogue_is_what_its_file_is_called(tmp_path: Path, name: str) -> None:
    Catalog.open(tmp_path / name).close()
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert not is_read_only(tmp_path / name)
    assert not is_read_only(tmp_path / "nothing")
