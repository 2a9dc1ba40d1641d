"""Leases make nothing before one is held, and say plainly where none can be."""

from pathlib import Path

import pytest

from archive.errors import Unavailable
from archive.leases import FileLeases, LeaseHeld


def test_nothing_is_made_before_a_lease_is_held(tmp_path: Path) -> None:
    leases = FileLeases(tmp_path / "leases")
    assert list(tmp_path.iterdir()) == []
    with leases.hold("a"):
        assert (tmp_path / "leases").stat().st_mode & 0o077 == 0


def test_a_lease_is_exclusive_while_it_is_held(tmp_path: Path) -> None:
    ours, theirs = FileLeases(tmp_path), FileLeases(tmp_path)
    with ours.hold("a"), theirs.hold("b"), pytest.raises(LeaseHeld), theirs.hold("a", timeout=0):
        pass
    with theirs.hold("a", timeout=0):
        pass


def test_a_disk_that_refuses_is_a_component_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="leases"), FileLeases(tmp_path / "file" / "leases").hold("a"):
        pass
