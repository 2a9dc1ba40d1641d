"""What lies below a folder is reached by handles: no name leads out, no link is followed, no depth
is too much.
"""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from archive.files.beneath import MOST_LEVELS, Entry, OpenFolder, walk


@pytest.fixture
def top(tmp_path: Path) -> Iterator[OpenFolder]:
    """A folder with a file, a folder, and links to both that lead inside and outside."""
    place = tmp_path / "top"
    (place / "inner").mkdir(parents=True)
    (place / "file").write_bytes(b"x")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_bytes(b"secret")
    (place / "link").symlink_to("inner")
    (place / "out").symlink_to(tmp_path / "outside")
    (place / "secret").symlink_to(tmp_path / "outside/secret")
    with OpenFolder.at(place) as opened:
        yield opened


@pytest.mark.parametrize("name", ["..", ".", "", "/etc", "a/b", "../outside"])
def test_a_name_that_leads_elsewhere_is_an_escape(top: OpenFolder, name: str) -> None:
    for tried in (
        top.inner,
        top.status,
        top.opened,
        top.make,
        top.unlink,
        lambda name: top.write_new(name, b""),
    ):
        with pytest.raises(OSError) as raised:  # noqa: PT011 - the number is looked at
            tried(name)
        assert raised.value.errno == errno.EXDEV


@pytest.mark.parametrize("place", ["link", "out", "link/x", "out/x", "file", "file/x"])
def test_no_link_is_entered(top: OpenFolder, place: str) -> None:
    with pytest.raises(NotADirectoryError):
        top.reach(PurePosixPath(place))


def test_a_link_is_neither_read_nor_written(top: OpenFolder, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="symbolic links"):
        top.opened("secret")
    (tmp_path / "top/new").symlink_to(tmp_path / "outside/new")
    for name in ("secret", "new"):
        with pytest.raises(FileExistsError):
            top.write_new(name, b"x")
    assert [entry.name for entry in (tmp_path / "outside").iterdir()] == ["secret"]


def test_a_handle_stays_its_folder(top: OpenFolder, tmp_path: Path) -> None:
    with top.inner("inner") as inner:
        (tmp_path / "top/inner").rename(tmp_path / "moved")
        (tmp_path / "top/inner").symlink_to(tmp_path / "outside")
        inner.write_new("a", b"x")
        assert inner.names() == ["a"]
    assert (tmp_path / "moved/a").read_bytes() == b"x"


def test_a_walk_meets_every_entry_in_order_and_enters_no_link(top: OpenFolder) -> None:
    top.make("z")
    with top.inner("z") as below:
        below.write_new("b", b"")
        below.write_new("a", b"")
    assert [str(entry.place) for entry in walk(top, lambda _: False)] == [
        "file",
        "link",
        "out",
        "secret",
        "z/a",
        "z/b",
    ]


def test_a_walk_holds_as_many_handles_in_depth_as_in_breadth(tmp_path: Path) -> None:
    with OpenFolder.at(tmp_path) as start:
        handle = os.dup(start.handle)
        for _ in range(1500):
            os.mkdir("d", dir_fd=handle)
            below = os.open("d", os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = below
        os.close(handle)
        before = len(list(Path("/proc/self/fd").iterdir()))
        entries = list[Entry]()
        for entry in walk(start, lambda _: False):
            assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
            entries.append(entry)
        (deep,) = entries
        assert deep.is_too_deep
        assert len(deep.place.parts) == MOST_LEVELS + 1
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # pytest removes recursively
