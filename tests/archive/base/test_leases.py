"""Leases are exclusive, end with their holder, and say plainly where none can be had."""

import threading
import time
from pathlib import Path

import pytest

from archive.base.errors import Unavailable
from archive.base.leases import FileLeases, LeaseHeld
from tests.archive.conftest import Ground
from tests.waiting import PATIENCE


def test_a_lease_is_exclusive_while_it_is_held(ground: Ground) -> None:
    with ground.leases.hold("a"), ground.leases.hold("b"):
        with pytest.raises(LeaseHeld), ground.leases.hold("a", timeout=0):
            pass
        with pytest.raises(LeaseHeld), ground.leases.hold("a", timeout=0.1):
            pass
    with ground.leases.hold("a", timeout=0):
        pass


def test_a_lease_is_let_go_when_its_block_raises(ground: Ground) -> None:
    with pytest.raises(RuntimeError), ground.leases.hold("a"):
        raise RuntimeError
    with ground.leases.hold("a", timeout=0):
        pass


def test_a_caller_that_waits_gets_it_next(ground: Ground) -> None:
    got: list[str] = []

    def wait() -> None:
        with ground.leases.hold("a", timeout=PATIENCE):
            got.append("next")

    waiting = threading.Thread(target=wait)
    with ground.leases.hold("a"):
        waiting.start()
        time.sleep(0.1)
        got.append("first")
    waiting.join()
    assert got == ["first", "next"]


def test_nothing_is_made_before_a_lease_is_held(tmp_path: Path) -> None:
    leases = FileLeases(tmp_path / "leases")
    assert list(tmp_path.iterdir()) == []
    with leases.hold("a"):
        assert (tmp_path / "leases").stat().st_mode & 0o077 == 0


def test_a_disk_that_refuses_is_a_component_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable) as away, FileLeases(tmp_path / "file" / "locks").hold("a"):
        pass
    assert away.value.facts["component"] == "leases"
    assert str(tmp_path) not in str(away.value)
