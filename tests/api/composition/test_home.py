"""A home is opened for reading or for writing; each step is a call, and says what it needs."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api.composition.no_archive import NoArchive
from api.composition.read_only import ReadOnlyHome
from api.home import Home
from archive.catalog.entries import ChartEntry
from archive.catalog.listings import ChartFilter
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import CLERK, chart, take

Homes = Callable[[], Home]


def charts(home: Home) -> list[ChartEntry]:
    records = home.open_for_reading().records
    return list(records.charts(ChartFilter(), 10, None, CLERK, home.scope))


def test_an_empty_folder_stays_empty(tmp_path: Path) -> None:
    with Home.open(tmp_path) as home:
        for step in (home.open_for_reading, home.open_for_writing):
            with pytest.raises(NoArchive):
                step()
    assert list(tmp_path.iterdir()) == []


def test_reading_begins_with_what_the_vault_holds(fresh_home: Homes, tmp_path: Path) -> None:
    writer = fresh_home()
    behind = Path(shutil.copytree(writer.folder, tmp_path / "behind"))
    take(writer, chart(1))
    shutil.copytree(writer.folder / "vault", behind / "vault", dirs_exist_ok=True)
    with Home.open(behind) as home:
        assert [entry.facts.episode for entry in charts(home)] == ["LK000001"]


def test_a_home_without_keys_opens_for_reading_only(fresh_home: Homes) -> None:
    whole = fresh_home()
    take(whole, chart(1))
    whole.close()
    shutil.rmtree(whole.folder / "keys")
    with Home.open(whole.folder) as home:
        assert len(charts(home)) == 1
        with pytest.raises(ReadOnlyHome):
            home.open_for_writing()


def test_a_home_is_opened_once(fresh_home: Homes) -> None:
    home = fresh_home()
    reading, writing = home.open_for_reading(), home.open_for_writing()
    with counted_queries(home) as statements:
        assert home.open_for_reading() is reading
        assert home.open_for_writing() is writing
    assert statements == []
    assert writing.reading is reading
