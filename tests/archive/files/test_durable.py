"""A file that must survive: whatever happens between two steps, the old file is there or the new
one, never half.
"""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.files.durable import (
    Content,
    append_line,
    create_file,
    move_file,
    replace_file,
    write_synced,
)
from archive.files.folders import FolderMaker, make_folder
from tests.archive.files.system_calls import recorded

REPOSITORY = Path(__file__).parents[3]
WRITERS = [replace_file, create_file]
STEPS = 10  # more than any of the functions has


@pytest.fixture(params=["unnamed files", "hidden parts"])
def file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for a file, on a file system with and without unnamed files."""
    if request.param == "hidden parts":
        monkeypatch.setattr("os.O_TMPFILE", os.O_DIRECTORY)  # open(2) answers EISDIR to writing
    return tmp_path / "file"


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def content_of(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("content", ["bệnh", "bệnh".encode(), (b"b", "ệnh".encode())])
def test_a_file_holds_all_of_its_content_for_its_owner_only(
    file: Path, write: Callable[[Path, Content], None], content: Content
) -> None:
    write(file, content)
    assert content_of(file.parent) == {"file": "bệnh".encode()}
    assert mode_of(file) == 0o600


def test_a_mode_is_what_was_asked_whatever_the_umask_says(file: Path) -> None:
    before = os.umask(0o077)
    try:
        replace_file(file, "x", mode=0o644)
    finally:
        os.umask(before)
    assert mode_of(file) == 0o644


def test_a_missing_folder_is_made_for_its_owner_only(file: Path) -> None:
    replace_file(file / "keys" / "key", "x")
    assert mode_of(file / "keys") == 0o700


def test_a_file_replaces_another_and_a_link_but_not_what_the_link_names(file: Path) -> None:
    replace_file(file, "old")
    replace_file(file, "new")
    assert file.read_text() == "new"
    link = file.with_name("link")
    link.symlink_to(file)
    replace_file(link, "other")
    assert (link.is_symlink(), link.read_text(), file.read_text()) == (False, "other", "new")


@pytest.mark.parametrize("there", ["file", "link", "folder"])
def test_a_new_file_takes_no_place_that_is_taken(file: Path, there: str) -> None:
    {"file": file.touch, "link": lambda: file.symlink_to("nowhere"), "folder": file.mkdir}[there]()
    before = file.lstat()
    with pytest.raises(FileExistsError):
        create_file(file, "new")
    assert file.lstat() == before
    assert [each.name for each in file.parent.iterdir()] == ["file"]


@pytest.mark.parametrize(("write", "named"), [(replace_file, "rename"), (create_file, "link")])
def test_bytes_are_synced_before_the_name_and_the_name_after_it(
    file: Path, write: Callable[[Path, Content], None], named: str
) -> None:
    with recorded() as calls:
        write(file, "new")
    assert calls.index("fsync file") < calls.index(named) < calls.index("fsync folder")
    assert calls.count("fsync file") == calls.count("fsync folder") == 1


def test_a_moved_files_name_is_synced(file: Path) -> None:
    replace_file(file, "new")
    with recorded() as calls:
        move_file(file, file.with_name("other"))
    assert calls == ["replace", "open", "fsync folder"]


def test_every_folder_that_is_made_has_a_durable_name(tmp_path: Path) -> None:
    with recorded() as calls:
        make_folder(tmp_path / "a" / "b" / "c")
    assert calls.count("fsync folder") == 3
    with recorded() as calls:
        make_folder(tmp_path / "a" / "b" / "c")
    assert calls == []


def test_a_folder_that_is_known_to_be_durable_is_not_synced_again(tmp_path: Path) -> None:
    maker = FolderMaker(tmp_path / "root")
    maker.make(tmp_path / "root" / "a" / "b")
    with recorded() as calls:
        maker.make(tmp_path / "root" / "a" / "b")
    assert calls == []
    # another process does not know, and the one that made it may have been killed
    with recorded() as calls:
        FolderMaker(tmp_path / "root").make(tmp_path / "root" / "a" / "b")
    assert calls.count("fsync folder") == 2


@pytest.mark.parametrize("step", range(STEPS))
@pytest.mark.parametrize("function", ["replace_file", "create_file"])
def test_a_kill_before_any_step_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, function: str, step: int
) -> None:
    file = tmp_path / "file"
    old = None
    if function == "replace_file":
        file.write_text(old := "old")
    command = [
        sys.executable,
        "-m",
        "tests.archive.files.system_calls",
        function,
        str(file),
        "new",
        str(step),
    ]
    code = subprocess.run(command, cwd=REPOSITORY).returncode
    assert code in (0, -signal.SIGKILL)
    assert (file.read_text() if file.exists() else None) in ({"new"} if code == 0 else {old, "new"})
    if step == STEPS - 1:
        assert code == 0, "no step is left out"
    for left in set(tmp_path.iterdir()) - {file}:
        assert left.name.startswith(".")
        assert left.read_text() == "new", "a part that has a name is whole"


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Refuse to write more than `size` bytes into a file, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 1, 999_999])
def test_a_disk_without_room_leaves_the_old_file(file: Path, size: int) -> None:
    replace_file(file, "old")
    with no_file_longer_than(size), pytest.raises(OSError, match="too large") as refused:
        replace_file(file, b"x" * 1_000_000)
    assert refused.value.errno == errno.EFBIG
    assert content_of(file.parent) == {"file": b"old"}


def test_content_that_breaks_off_leaves_the_old_file(file: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half of it"
        raise ValueError("the source is damaged")

    replace_file(file, "old")
    with pytest.raises(ValueError, match="damaged"):
        replace_file(file, broken())
    assert content_of(file.parent) == {"file": b"old"}


def test_a_part_that_a_killed_process_left_is_removed_and_not_truncated(file: Path) -> None:
    part, twin = file.with_name("part"), file.with_name("twin")
    part.write_text("a finished object")
    twin.hardlink_to(part)
    write_synced(part, "new", 0o444)
    assert (part.read_text(), twin.read_text(), mode_of(part)) == (
        "new",
        "a finished object",
        0o444,
    )


def test_a_line_is_synced_and_the_name_of_its_file_before_the_first_one(file: Path) -> None:
    with recorded() as calls:
        append_line(file, "một")
    assert calls == ["open", "open", "fsync folder", "write", "fsync file"]
    with recorded() as calls:
        append_line(file, "hai")
    assert calls == ["open", "write", "fsync file"]
    assert (file.read_text(), mode_of(file)) == ("một\nhai\n", 0o600)
