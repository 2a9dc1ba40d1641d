"""A stranger may write into a watched folder: nothing outside it is read, written or moved, and the
watcher goes on.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from api.home import Home
from api.watching.incoming import Batch, Incoming
from api.watching.journal import Journals
from api.watching.moving import Mover, NotMoved
from api.watching.watcher import Taken, Waiting
from archive.base.clock import vietnam_date
from archive.base.errors import SubmissionRejected
from archive.files.beneath import MOST_LEVELS
from ingest.sources.folder import SourceFile
from tests.api.watching.watched import documents, put, rules, tree, watch, with_file
from tests.fixtures.home import chart, kho

INTO = PurePosixPath("done/2026-01-01")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder outside of the watched one, with a file in it."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "victim").write_bytes(b"kept")
    return place


def untouched(outside: Path) -> bool:
    """Tell whether the folder beside the watched one is what it was."""
    return tree(outside) == {"victim"} and (outside / "victim").read_bytes() == b"kept"


def taken(steps: list[Taken | Waiting]) -> list[Taken]:
    return [step for step in steps if isinstance(step, Taken)]


def only_batch(folder: Path, **changes: Any) -> Batch:
    """Return the one batch that lies in a folder."""
    (batch,) = Incoming(folder, rules(settle_seconds=0, **changes)).look(patient=True)
    return batch


# --- state of Kho that lies in the folder
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("journal", ["{", "[]", "{}", "paths"])
def test_a_journal_that_somebody_plants_is_never_read(
    home: Home, folder: Path, outside: Path, journal: str
) -> None:
    settings, key = (
        (home.folder / "kho.toml").read_bytes(),
        (home.folder / "keys/ledger.pem").read_bytes(),
    )
    if journal == "paths":
        inode = (outside / "victim").stat().st_ino
        moves = [
            [str(outside / "victim"), "stolen", inode],
            ["../outside/victim", str(folder / "stolen"), inode],
        ]
        reports = {
            str(home.folder / "kho.toml"): "x",
            "../outside/victim": "x",
            f"{home.folder}/keys/ledger.pem": "x",
        }
        journal = json.dumps({"moves": moves, "reports": reports})
    put(folder, ".kho-watch.json", journal.encode())
    put(folder, "a.json", chart(1))
    (step,) = taken(watch(home, folder))
    assert step.outcome == "done"
    assert untouched(outside)
    assert (home.folder / "kho.toml").read_bytes() == settings
    assert (home.folder / "keys/ledger.pem").read_bytes() == key
    assert (folder / ".kho-watch.json").read_bytes() == journal.encode()
    assert not (folder / "stolen").exists()


def test_a_journal_of_the_home_that_cannot_be_read_is_set_aside(home: Home, folder: Path) -> None:
    place = put(folder, "a.json", chart(1))
    journals, batch = Journals(home.folder, folder), only_batch(folder)
    plan = Mover(folder, journals).plan(batch.files, INTO, {}, "")
    journals.keep(plan)
    (journal,) = (home.folder / "watching").rglob("*.journal")
    journal.write_bytes(b"{")
    assert [step.outcome for step in taken(watch(home, folder))] == ["done"]
    assert not place.exists()
    assert [file.suffix for file in (home.folder / "watching").rglob("*") if file.is_file()] == [
        ".damaged"
    ]


@pytest.mark.parametrize("name", ["../outside/stolen", "/stolen", "a/../../outside/stolen"])
def test_not_even_a_journal_of_the_home_leads_outside(
    folder: Path, outside: Path, tmp_path: Path, name: str
) -> None:
    put(folder, "a.json", b"x")
    journals = Journals(tmp_path / "home", folder)
    mover = Mover(folder, journals)
    plan = mover.plan(only_batch(folder).files, INTO, {}, "")
    journals.keep(plan)
    (journal,) = (tmp_path / "home").rglob("*.journal")
    journal.write_text(journal.read_text().replace("done/2026-01-01/a.json", name))
    (error,) = mover.finish()
    assert isinstance(error, NotMoved)
    assert untouched(outside)
    assert (folder / "a.json").exists()


# --- links at every name that the watcher writes
# --------------------------------------------------------------------------------------------------


def planted(home: Home) -> Iterator[str]:
    """Yield every name at which the watcher writes or makes something, today and yesterday's
    versions of Kho.
    """
    day = vietnam_date(home.clock.now()).isoformat()
    yield from (
        "done",
        f"done/{day}",
        f"done/{day}/khoa",
        ".kho-watch.json",
        "..kho-watch.json.part",
    )
    for name in ("a.json", "a.json.report.json", "a.json.report.txt"):
        yield from (f"done/{day}/khoa/{name}", f"done/{day}/khoa/.{name}.part")
    yield from ("refused", f"refused/{day}")


@pytest.mark.parametrize("at", range(13))
@pytest.mark.parametrize("target", ["folder", "file", "nothing"])
def test_a_link_at_a_name_that_is_written_is_not_followed(
    home: Home, folder: Path, outside: Path, at: int, target: str
) -> None:
    place = folder / list(planted(home))[at]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(
        {"folder": outside, "file": outside / "victim", "nothing": outside / "new"}[target]
    )
    put(folder, "khoa/a.json", chart(1))
    put(folder, "khoa/b.json", b"{}")
    steps = taken(watch(home, folder))
    assert untouched(outside)
    assert documents(home) == 1
    moved = {
        step.moved_to.rpartition("/")[2].partition(".")[0].rstrip("~2"): step for step in steps
    }
    for name in ("a", "b"):
        for file in (moved[name].moved_to, moved[name].report):
            assert (folder / file).is_file()
            assert (folder / file).resolve().is_relative_to(folder)
            assert not (folder / file).is_symlink()
    assert (
        json.loads((folder / moved["a"].report).read_bytes())["files"][0]["moved_to"]
        == moved["a"].moved_to
    )


@pytest.mark.parametrize("name", ["done", "refused"])
def test_a_link_that_gives_way_to_a_folder_of_kho_takes_that_folder_nowhere(
    home: Home, folder: Path, outside: Path, name: str
) -> None:
    """The link was seen before the first file was moved; then the name is that of the folder with
    the receipts.
    """
    (folder / name).symlink_to(outside)
    put(folder, "a.json", chart(1))
    put(folder, "b.json", b"{}")
    steps = taken(watch(home, folder))
    assert untouched(outside)
    # the second refusal: the link
    assert sorted(step.outcome for step in steps) == ["done", "refused", "refused"]
    for step in steps:
        assert (folder / step.moved_to).parent.parent.parent == folder
        assert (folder / step.report).is_file()


def test_a_name_that_is_taken_between_plan_and_move_is_left_to_its_file(
    folder: Path, tmp_path: Path
) -> None:
    put(folder, "a.json", b"ours")
    journals = Journals(tmp_path / "home", folder)
    mover = Mover(folder, journals)
    plan = mover.plan(only_batch(folder).files, INTO, {"files": []}, "text")
    for name in ("a.json", "a.json.report.json", "a.json.report.txt"):
        put(folder, f"{INTO}/{name}", b"theirs")
    carried = mover.move(plan)
    assert str(carried.moves[0].there) == f"{INTO}/a~2.json"
    assert (folder / f"{INTO}/a~2.json").read_bytes() == b"ours"
    assert json.loads((folder / f"{INTO}/a~2.json.report.json").read_bytes())["files"] == [
        {"name": "a.json", "moved_to": f"{INTO}/a~2.json"}
    ]
    assert {
        (folder / f"{INTO}/a.json{ending}").read_bytes()
        for ending in ("", ".report.json", ".report.txt")
    } == {b"theirs"}
    assert list(journals.all()) == []


# --- folders that change while they are looked at
# --------------------------------------------------------------------------------------------------


def test_a_folder_that_becomes_a_link_between_look_and_move_moves_nothing(
    folder: Path, outside: Path, tmp_path: Path
) -> None:
    put(folder, "khoa/victim", b"{}")
    batch = only_batch(folder)
    mover = Mover(folder, Journals(tmp_path / "home", folder))
    plan = mover.plan(batch.files, INTO, {}, "")
    (folder / "khoa").rename(folder / "before")
    (folder / "khoa").symlink_to(outside)
    assert not batch.is_unchanged()
    mover.move(plan)
    assert untouched(outside)
    assert (folder / "before/victim").read_bytes() == b"{}"


def test_a_file_that_is_replaced_between_look_and_move_stays(folder: Path, tmp_path: Path) -> None:
    put(folder, "a.json", b"read")
    batch = only_batch(folder)
    mover = Mover(folder, Journals(tmp_path / "home", folder))
    plan = mover.plan(batch.files, INTO, {}, "")
    put(folder, "new", b"not read").rename(folder / "a.json")
    assert not batch.is_unchanged()
    mover.move(plan)
    assert (folder / "a.json").read_bytes() == b"not read"
    assert not (folder / INTO / "a.json").exists()


def test_files_beside_a_record_are_read_from_its_own_folder_only(
    folder: Path, outside: Path
) -> None:
    put(folder, "khoa/a.json", with_file(1, "victim"))
    batch = only_batch(folder, companion_seconds=-1)
    assert isinstance(batch.source, SourceFile)
    (folder / "khoa").rename(folder / "before")
    (folder / "khoa").symlink_to(outside)
    assert "victim" not in batch.source.beside
    (folder / "khoa").unlink()
    (folder / "khoa").mkdir()
    (folder / "khoa/victim").symlink_to(outside / "victim")
    with pytest.raises(SubmissionRejected):
        batch.source.beside["victim"]


# --- what is no plain file
# --------------------------------------------------------------------------------------------------


def test_folders_of_any_depth_stop_nothing(home: Home, folder: Path) -> None:
    deepest = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=deepest)
        below = os.open("d", os.O_RDONLY, dir_fd=deepest)
        os.close(deepest)
        deepest = below
    os.close(deepest)
    put(folder, "/".join("e" * MOST_LEVELS) + "/a.json", chart(1))
    put(folder, "z.json", chart(2))
    steps = watch(home, folder)
    assert [step.outcome for step in taken(steps)] == ["done", "done"]
    (waiting,) = {step.file: step for step in steps if isinstance(step, Waiting)}.values()
    assert isinstance(waiting.error, SubmissionRejected)
    assert [fault.code for fault in waiting.error.faults] == ["source.too_deep"]
    assert waiting.file == "/".join("d" * (MOST_LEVELS + 1))
    subprocess.run(["rm", "-rf", folder], check=True)  # pytest's own removal is recursive


def test_pipes_sockets_and_devices_are_refused_without_being_opened(
    home: Home, folder: Path
) -> None:
    os.mkfifo(folder / "pipe.json")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket.json"))
        if os.geteuid() == 0:
            os.mknod(folder / "device.json", 0o20600, os.makedev(1, 3))
        put(folder, "z.json", chart(1))
        steps = taken(watch(home, folder, empty_settle_seconds=0.1))
    codes = {
        step.moved_to.rpartition("/")[2]: [f.code for r in step.results for f in r.faults]
        for step in steps
    }
    assert codes.pop("z.json") == []
    assert set(map(tuple, codes.values())) == {("source.not_a_file",)}


def test_a_second_name_of_a_key_is_moved_alone_and_the_key_stays(home: Home, folder: Path) -> None:
    key = home.folder / "keys/ledger.pem"
    before = key.read_bytes()
    (folder / "a.json").hardlink_to(key)
    (step,) = taken(watch(home, folder))
    assert step.outcome == "refused"
    assert key.read_bytes() == before
    assert not (folder / "a.json").exists()
    assert before.decode() not in (folder / step.report).read_text()


def test_a_place_that_cannot_be_written_keeps_only_its_own_files_waiting(
    home: Home, folder: Path
) -> None:
    done = folder / "done"
    done.mkdir()
    put(folder, "a.json", chart(1))
    put(folder, "b.json", b"{}")
    with _unwritable(done):
        steps = watch(home, folder)
        assert [step.moved_to.rpartition("/")[2] for step in taken(steps)] == ["b.json"]
        (waiting,) = {step.file: step for step in steps if isinstance(step, Waiting)}.values()
        assert (waiting.file, waiting.error.code) == ("a.json", "watch.not_moved")
        assert documents(home) == 1
        assert (folder / "a.json").exists()
    watch(home, folder)
    assert not (folder / "a.json").exists()
    assert documents(home) == 1
    assert list(Journals(home.folder, folder).all()) == []


class _unwritable:  # noqa: N801 - used as a context
    """A folder in which not even root makes a name (chattr +i), or which has no permission to
    write.
    """

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> None:
        if os.geteuid() != 0:
            self._place.chmod(0o500)
        elif subprocess.run(
            ["chattr", "+i", self._place], check=False, capture_output=True
        ).returncode:
            pytest.skip(
                "this file system has no immutable folders, and root may write into all others"
            )

    def __exit__(self, *_: object) -> None:
        if os.geteuid() != 0:
            self._place.chmod(0o700)
        else:
            subprocess.run(["chattr", "-i", self._place], check=True)


# --- names
# --------------------------------------------------------------------------------------------------


def test_a_name_that_is_not_utf8_is_refused_alone_under_a_printable_name(
    home: Home, folder: Path
) -> None:
    with open(os.fsencode(folder) + b"/a-H\xf2a.json", "wb") as file:  # noqa: PTH123 - the name is bytes
        file.write(json.dumps(chart(1)).encode())
    put(folder, "z.json", chart(2))
    first, second = taken(watch(home, folder))
    assert [fault.code for fault in first.results[0].faults] == ["source.name"]
    assert (first.outcome, second.outcome) == ("refused", "done")
    assert first.moved_to.endswith("/a-H‹F2›a.json")
    assert documents(home) == 1
    (day,) = (folder / "refused").iterdir()
    assert b"a-H\xf2a.json" in os.listdir(os.fsencode(day))  # noqa: PTH208 - the name is bytes
    (report,) = day.glob("*.report.json")
    assert json.loads(report.read_bytes())["files"][0]["name"] == "a-H‹F2›a.json"


def test_the_command_goes_on_behind_a_name_that_is_not_utf8(
    home_folder: Path, folder: Path
) -> None:
    below = os.fsencode(folder) + b"/khoa-\xff"
    os.mkdir(below)  # noqa: PTH102 - the name is bytes
    with open(below + b"/a.json", "wb") as file:  # noqa: PTH123
        file.write(json.dumps(chart(1)).encode())
    done = kho(home_folder, "watch", folder, "--once", "--settle", "0.1", "--json", check=True)
    assert "khoa-‹FF›/a.json" in done.stdout


def test_the_watched_folder_itself_may_have_a_name_that_is_not_utf8(
    home_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"v\xe0o")
    put(folder, "a.json", chart(1))
    done = kho(home_folder, "watch", folder, "--once", "--settle", "0.1", check=True)
    assert "v‹E0›o" in done.stdout
    assert (folder / "done").is_dir()


def test_a_line_end_in_a_name_forges_no_line_of_output_or_report(
    home_folder: Path, folder: Path
) -> None:
    name = "a\n✓ done/b.json  9 tài liệu\x1b[2K\u202egpj\u2028.json"
    put(folder, name, b"{}")
    done = kho(home_folder, "watch", folder, "--once", "--settle", "0.1")
    assert done.returncode == 3
    assert not any(line.startswith("✓") for line in (done.stdout + done.stderr).splitlines())
    assert "\x1b" not in done.stdout + done.stderr
    (text,) = (folder / "refused").rglob("*.report.txt")
    assert not any(line.startswith("✓") for line in text.read_text().splitlines())
    assert not {"\x1b", "\u202e", "\u2028"} & set(text.read_text())
    (report,) = (folder / "refused").rglob("*.report.json")
    assert "\u202e" not in report.read_text()
