"""A folder that a hostile program filled is removed, whatever it holds,
and nothing outside of it.
"""

import os
from pathlib import Path

import pytest

from archive.files.tree_removal import remove_tree


def nest(folder: Path, levels: int) -> None:
    """Make a folder in a folder, `levels` deep; no path is as long."""
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d" * 100, dir_fd=handle)
        inner = os.open("d" * 100, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=handle))
    os.close(handle)


def test_depth_does_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    nest(folder, 5000)
    remove_tree(folder)
    assert list(tmp_path.iterdir()) == []


def test_all_kinds_go_and_no_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "kept").mkdir(parents=True)
    (outside / "file").write_bytes(b"kept")
    folder = tmp_path / "job"
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "link").symlink_to(outside)
    (folder / "link").symlink_to(outside / "file")
    (folder / "nowhere").symlink_to(folder / "gone")
    os.mkfifo(folder / "a" / "pipe")
    (folder / "a" / "b").chmod(0)
    (folder / "none").mkdir(0)
    mode = outside.stat().st_mode
    remove_tree(folder)
    assert [file.name for file in tmp_path.iterdir()] == ["outside"]
    assert (outside / "file").read_bytes() == b"kept"
    assert (outside / "kept").is_dir()
    assert outside.stat().st_mode == mode


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "job").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match=r"."):
        remove_tree(tmp_path / "job")
    assert (tmp_path / "outside").is_dir()
