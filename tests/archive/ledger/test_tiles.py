"""Tiles and bundles have the names and bytes of C2SP tlog-tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.base.identifiers import sha256
from archive.ledger import merkle, tiles


@pytest.mark.parametrize(
    ("number", "path"),
    [(0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")],
)
def test_numbers_are_written_in_groups_of_three(number: int, path: str) -> None:
    assert tiles.path_number(number) == path


def test_an_entry_is_42_bytes_behind_its_length() -> None:
    entry = merkle.entry(sha256(b"act"))
    bundle = tiles.entry_bundle([entry, entry])
    assert bundle[:12] == b"\x00\x2akho-act/1\n"
    assert len(bundle) == 2 * 44
    assert tiles.parse_entry_bundle(bundle) == [entry, entry]


def test_a_cut_bundle_is_refused() -> None:
    with pytest.raises(ValueError, match="cut"):
        tiles.parse_entry_bundle(tiles.entry_bundle([b"x" * 42])[:-1])


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_each_tile_is_completed_once(first: int, more: int) -> None:
    size = first + more
    together = list(tiles.completed_tiles(0, size))
    assert sorted(
        [*tiles.completed_tiles(0, first), *tiles.completed_tiles(first, size)]
    ) == sorted(together)
    assert len([tile for tile in together if tile[0] == 0]) == size // 256
    assert len([tile for tile in together if tile[0] == 1]) == size // 65536
