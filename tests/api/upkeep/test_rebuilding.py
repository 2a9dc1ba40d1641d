"""A damaged catalogue is set aside, and rebuilt from the vault alone."""

from pathlib import Path

import pytest

from api.composition.engines import CATALOGUE
from api.composition.no_archive import NoArchive
from api.home import Home
from api.upkeep.maintenance import checker
from api.upkeep.rebuilding import rebuild
from archive.catalog.errors import CatalogueUnusable
from tests.fixtures.home import chart, json_lines, kho, take

GARBAGE = b"no database at all" * 1000
PAGE = 4096  # bytes, SQLite's own choice


@pytest.fixture
def healthy(home_folder: Path) -> Path:
    """A home with one chart."""
    with Home.open(home_folder) as home:
        take(home, chart())
    return home_folder


@pytest.fixture
def damaged(healthy: Path) -> Path:
    """A home with one chart whose catalogue is garbage."""
    (healthy / CATALOGUE).write_bytes(GARBAGE)
    return healthy


def test_a_damaged_catalogue_names_the_way_out(damaged: Path) -> None:
    with Home.open(damaged) as home, pytest.raises(CatalogueUnusable, match="kho rebuild"):
        home.catch_up()
    assert (damaged / CATALOGUE).read_bytes() == GARBAGE


@pytest.mark.parametrize(
    "whole", [0, 100, PAGE], ids=["no database", "a header only", "one page only"]
)
def test_rebuild_sets_it_aside_and_makes_it_again(healthy: Path, whole: int) -> None:
    catalogue = healthy / CATALOGUE
    data = catalogue.read_bytes()
    catalogue.write_bytes(data[:whole] + bytes(byte ^ 0x5A for byte in data[whole:]))
    before = catalogue.read_bytes()
    with Home.open(healthy) as home:
        rebuilt, aside = rebuild(home)
    assert rebuilt.as_json() == {"acts": 2, "documents": 1, "indexed": 1}
    assert aside is not None
    assert (aside.parent, aside.read_bytes()) == (healthy, before)
    with Home.open(healthy) as home:
        assert checker(home).check().ok


def test_the_command_says_what_was_set_aside_and_what_is_lost(damaged: Path) -> None:
    done = kho(damaged, "rebuild", "--json", check=True)
    assert json_lines(done.stdout) == [{"acts": 2, "documents": 1, "indexed": 1}]
    (aside,) = damaged.glob(f"{CATALOGUE}.damaged-*Z")
    assert str(aside) in done.stderr
    assert "Tài khoản" in done.stderr


def test_nothing_is_set_aside_where_the_vault_could_not_replace_it(damaged: Path) -> None:
    (damaged / "vault").rename(damaged / "elsewhere")
    with Home.open(damaged) as home, pytest.raises(NoArchive):
        rebuild(home)
    assert (damaged / CATALOGUE).read_bytes() == GARBAGE


def test_a_sound_catalogue_stays_where_it_is(home_folder: Path) -> None:
    with Home.open(home_folder) as home:
        assert rebuild(home)[1] is None
