"""A program puts another file under a name at the moment when Kho takes the file from there:
neither file is lost.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pytest

from api.watching.incoming import Batch, Incoming
from api.watching.journal import Journals
from api.watching.moving import Mover
from tests.api.watching.watched import put, rules, tree

INTO = PurePosixPath("done/2026-01-01")
_ARMED: list[tuple[str, Callable[[], None]]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    """Act once, when Python is about to take the name away (PEP 578; a hook stays until the process
    ends).
    """
    if _ARMED and event in ("os.rename", "os.remove") and arguments[0] == _ARMED[0][0]:
        _ARMED.pop()[1]()


@pytest.fixture(scope="module", autouse=True)
def hooked() -> None:
    sys.addaudithook(_hook)


@contextmanager
def just_before_it_goes(name: str, act: Callable[[], None]) -> Iterator[None]:
    """Do `act` at the last moment before Kho takes the name `name` away."""
    _ARMED.append((name, act))
    try:
        yield
        assert not _ARMED, "the name was not taken away"
    finally:
        _ARMED.clear()


def only_batch(folder: Path) -> Batch:
    (batch,) = Incoming(folder, rules(settle_seconds=0)).look(patient=True)
    return batch


def test_a_file_that_replaces_another_at_the_moment_of_its_move_stays_for_a_later_look(
    folder: Path, tmp_path: Path
) -> None:
    place, other = put(folder, "khoa/a.json", b"read"), put(tmp_path, "new", b"not read")
    mover = Mover(folder, Journals(tmp_path / "home", folder))
    plan = mover.plan(only_batch(folder).files, INTO, {}, "")
    with just_before_it_goes("a.json", lambda: os.replace(other, place)):  # noqa: PTH105 - a handy lambda
        mover.move(plan)
    assert place.read_bytes() == b"not read"
    assert not any(name.endswith("part") for name in tree(folder))


def test_where_its_name_is_taken_once_more_it_comes_back_under_another(
    folder: Path, tmp_path: Path
) -> None:
    place, other = put(folder, "a.json", b"read"), put(tmp_path, "new", b"not read")
    mover = Mover(folder, Journals(tmp_path / "home", folder))
    plan = mover.plan(only_batch(folder).files, INTO, {}, "")
    part = f".{plan.number}.0.part"
    (folder / INTO).mkdir(parents=True)

    # what a killed process leaves: a file that it took and did not look at
    other.rename(folder / INTO / part)
    place.write_bytes(b"the third")
    mover.move(plan)
    assert place.read_bytes() == b"the third"
    assert (folder / "a~2.json").read_bytes() == b"not read"
    assert not (folder / INTO / part).exists()


def test_a_file_that_was_taken_before_a_kill_is_placed_though_its_folder_has_gone(
    folder: Path, tmp_path: Path
) -> None:
    put(folder, "khoa/a.json", b"read")
    journals = Journals(tmp_path / "home", folder)
    mover = Mover(folder, journals)
    plan = mover.plan(only_batch(folder).files, INTO, {}, "")
    journals.keep(plan)
    (folder / INTO / "khoa").mkdir(parents=True)
    (folder / "khoa/a.json").rename(folder / INTO / "khoa" / f".{plan.number}.0.part")
    (folder / "khoa").rmdir()
    assert mover.finish() == []
    assert (folder / INTO / "khoa/a.json").read_bytes() == b"read"
