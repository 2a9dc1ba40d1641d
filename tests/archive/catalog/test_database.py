"""The catalogue opens durable, migrated, and never a newer Kho's."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from archive.catalog.base import Base
from archive.catalog.database import Catalog, CatalogueUnusable, is_read_only
from archive.errors import Misconfigured, Unavailable


def test_the_revisions_make_exactly_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path / "catalog.db")
    with catalog.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    catalog.close()


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_sqlite_is_told_to_be_durable(tmp_path: Path, pragma: str, value: object) -> None:
    catalog = Catalog.open(tmp_path / "catalog.db")
    with catalog.engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value
    catalog.close()


def test_a_newer_catalogue_is_left_alone(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path / "catalog.db")
    with catalog.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    catalog.close()
    with pytest.raises(Misconfigured):
        Catalog.open(tmp_path / "catalog.db")


def test_what_is_no_catalogue_is_told_plainly(tmp_path: Path) -> None:
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


def test_a_write_that_raises_leaves_nothing(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path / "catalog.db")

    def write_and_fail() -> None:
        with catalog.write() as session:
            session.execute(text("INSERT INTO outbox (facility, topic, subject) VALUES ('99001', 'index', 'x')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with catalog.read() as session:
        assert session.execute(text("SELECT count(*) FROM outbox")).scalar() == 0
    catalog.close()
