"""An atomic file has its bytes before its name, and takes the place of a regular file and of
nothing else.
"""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from archive.base.errors import Misconfigured, Unavailable
from archive.files.atomic_file import AtomicFile


def test_a_file_that_was_not_published_is_not_there(tmp_path: Path) -> None:
    with AtomicFile(tmp_path / "a") as file:
        file.write(b"data")
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_published_file_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with AtomicFile(tmp_path / "a") as file:
        file.write(b"new")
        assert (tmp_path / "a").read_bytes() == b"old"
        file.publish()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"new")]


def test_a_file_system_without_unnamed_files_serves_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def without(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not supported")
        return real(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", without)
    with AtomicFile(tmp_path / "a") as file:
        file.write(b"new")
    assert list(tmp_path.iterdir()) == []
    with AtomicFile(tmp_path / "a") as file:
        file.write(b"new")
        file.publish()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"new")]


def test_a_link_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "a").symlink_to("precious")
    with (
        AtomicFile(tmp_path / "a") as file,
        pytest.raises(Misconfigured, match="not a regular file"),
    ):
        file.write(b"new")
    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "precious").read_bytes() == b"old"


def test_a_link_that_came_in_between_stays_too(tmp_path: Path) -> None:
    with AtomicFile(tmp_path / "a") as file:
        file.write(b"new")
        (tmp_path / "a").symlink_to("precious")
        with pytest.raises(Misconfigured):
            file.publish()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("named", [True, False])
def test_a_folder_that_becomes_a_link_in_between_gives_no_file_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    if named:
        monkeypatch.setattr("os.O_TMPFILE", os.O_DIRECTORY)  # open(2) answers EISDIR to writing
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    with AtomicFile(tmp_path / "out/a") as file:
        file.write(b"new")
        (tmp_path / "out").rename(tmp_path / "moved")
        (tmp_path / "out").symlink_to("elsewhere")
        file.publish()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "moved").iterdir()] == [
        ("a", b"new")
    ]


@pytest.mark.parametrize("device", ["/dev/stdout", "/dev/null"])
def test_a_device_is_no_place_for_a_file(device: str) -> None:
    with AtomicFile(Path(device)) as file, pytest.raises(Misconfigured):
        file.write(b"new")
    assert Path(device).exists()


@pytest.mark.parametrize("name", ["nowhere/a", "a" * 300])
def test_a_place_that_cannot_be_is_named_by_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unavailable) as refused, AtomicFile(tmp_path / name) as file:
        file.write(b"new")
    assert refused.value.facts["component"] == str((tmp_path / name).parent)
    assert list(tmp_path.iterdir()) == []
