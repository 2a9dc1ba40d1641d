"""A watched folder: what is complete is archived and moved aside with a report; nothing is lost or
overwritten.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from PIL import Image, ImageDraw

from api.home import Home
from api.stop import Stop
from api.watching.incoming import Incoming
from api.watching.journal import Journals, Move, Plan, Stamp
from api.watching.moving import Mover
from api.watching.rules import load_rules
from api.watching.watcher import Taken, Waiting, WatchedAlready, Watcher
from archive.base.errors import Misconfigured
from archive.catalog.tables import ActRow, DocumentRow
from tests.api.watching.watched import documents, put, rules, tree, watch, with_file
from tests.fixtures.home import CLERK, chart, json_lines, kho, paper
from tests.ingest.files.papers import plain_pdf
from tests.waiting import PATIENCE

SIGKILLED = -9
POINTS = (
    "watch.archived",
    "watch.journal_written",
    "watch.report_written",
    "watch.report_written@2",
    "watch.taken",
    "watch.linked",
    "watch.moved",
    "watch.journal_removed",
)


def until(home: Home, folder: Path, count: int, **changes: Any) -> list[Taken | Waiting]:
    """Watch until `count` things have happened, or until it hangs."""
    watcher, seen, end = (
        Watcher(home.open_for_writing(), CLERK, home.scope, folder, rules(**changes)),
        [],
        time.monotonic() + PATIENCE,
    )
    for step in watcher.run():
        seen.append(step)
        if len(seen) >= count or time.monotonic() > end:
            watcher.stop.ask()
    return seen


def scan(text: str = "X") -> bytes:
    """Return a small scan of an invented paper."""
    picture = Image.new("L", (300, 400), 255)
    ImageDraw.Draw(picture).text((40, 60), text, fill=0)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


# --- taking in and moving aside
# -------------------------------------------------------------------------------------


def test_a_chart_is_archived_and_moved_with_a_report_beside_it(home: Home, folder: Path) -> None:
    put(folder, "a.json", chart(1))
    (step,) = watch(home, folder)
    assert isinstance(step, Taken)
    (day,) = [entry.name for entry in (folder / "done").iterdir()]
    assert tree(folder) == {
        f"done/{day}/a.json{ending}" for ending in ("", ".report.json", ".report.txt")
    }
    report = json.loads((folder / step.report).read_bytes())
    assert report["format"] == "kho-watch-report/1"
    assert (report["outcome"], report["files"]) == (
        "done",
        [{"name": "a.json", "moved_to": f"done/{day}/a.json"}],
    )
    assert report["receipts"][0]["document_id"] == step.results[0].receipts[0].document_id
    text = (folder / step.report).with_suffix(".txt").read_text()
    assert "Đã lưu trữ / archived: 1." in text
    assert home.follow_ups.indexing.index.count() == 1


def test_what_is_refused_is_moved_with_every_fault_in_both_languages(
    home: Home, folder: Path
) -> None:
    put(folder, "b.json", {**chart(1), "facility": "00000"})
    put(folder, "c.txt", b"hello")
    steps = watch(home, folder)
    assert [step.outcome for step in steps if isinstance(step, Taken)] == ["refused", "refused"]
    (day,) = [entry.name for entry in (folder / "refused").iterdir()]
    report = json.loads((folder / f"refused/{day}/b.json.report.json").read_bytes())
    assert [fault["code"] for fault in report["refused"][0]["refused"]] == ["facility.other"]
    text = (folder / f"refused/{day}/b.json.report.txt").read_text()
    assert "Mã cơ sở không phải" in text
    assert "code is another facility's" in text
    assert documents(home) == 0


def test_folders_inside_keep_their_places(home: Home, folder: Path) -> None:
    put(folder, "khoa1/a.json", chart(1))
    put(folder, "khoa2/a.json", chart(2))
    watch(home, folder)
    (day,) = [entry.name for entry in (folder / "done").iterdir()]
    assert {f"done/{day}/khoa1/a.json", f"done/{day}/khoa2/a.json"} <= tree(folder)


def test_a_name_that_is_taken_gets_a_suffix_and_nothing_is_overwritten(
    home: Home, folder: Path
) -> None:
    for number in (1, 2, 3):
        put(folder, "a.json", chart(number))
        watch(home, folder)
    (day,) = [entry.name for entry in (folder / "done").iterdir()]
    kept = [f"done/{day}/{name}" for name in ("a.json", "a~2.json", "a~3.json")]
    assert [json.loads((folder / name).read_bytes())["chart"]["episode"][-1] for name in kept] == [
        "1",
        "2",
        "3",
    ]
    assert all((folder / f"{name}.report.json").exists() for name in kept)


def test_the_longest_names_that_a_disk_takes_are_moved_too(home: Home, folder: Path) -> None:
    put(folder, "ơ" * 124 + ".json", chart(1))
    (step,) = watch(home, folder)
    assert isinstance(step, Taken)
    assert (folder / step.moved_to).exists()
    assert (folder / step.report).exists()


def test_a_link_is_not_followed_but_refused_and_moved_itself(
    home: Home, folder: Path, tmp_path: Path
) -> None:
    secret = put(tmp_path, "secret.json", chart(1))
    (folder / "a.json").symlink_to(secret)
    (step,) = watch(home, folder)
    assert isinstance(step, Taken)
    assert [fault.code for fault in step.results[0].faults] == ["source.link"]
    assert (folder / step.moved_to).is_symlink()
    assert secret.exists()


# --- what is not complete
# -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.json.part", "A.TMP", ".hidden.json", "~$a.json", "a.crdownload", "Thumbs.db"]
)
def test_names_of_files_that_are_not_complete_are_left(home: Home, folder: Path, name: str) -> None:
    put(folder, name, chart(1))
    assert watch(home, folder) == []
    assert tree(folder) == {name}


def test_a_file_that_grows_is_left_until_it_hangs(home: Home, folder: Path) -> None:
    data = json.dumps(chart(1)).encode()
    file = put(folder, "a.json", data[:100])
    seconds = itertools.count()  # a look every second
    incoming = Incoming(folder, rules(settle_seconds=3), lambda: next(seconds))
    for end in range(200, len(data), 200):
        assert list(incoming.look(patient=True)) == []
        assert incoming.unsettled
        file.write_bytes(data[:end])
    file.write_bytes(data)
    taken = [len(list(incoming.look(patient=True))) for _ in range(5)]
    assert taken == [0, 0, 0, 1, 1]


def test_a_file_that_a_process_is_writing_is_left_however_long_it_pauses(folder: Path) -> None:
    incoming = Incoming(folder, rules(settle_seconds=0))
    with (folder / "a.json").open("wb") as out:
        out.write(b"{")
        out.flush()
        assert list(incoming.look(patient=True)) == []
    assert len(list(incoming.look(patient=True))) == 1


def test_one_run_ends_though_somebody_never_stops_writing_a_file(home: Home, folder: Path) -> None:
    put(folder, "a.json", chart(1))
    with (folder / "b.json").open("wb"):
        (taken,) = watch(home, folder, once=True)
    assert isinstance(taken, Taken)
    assert (folder / "b.json").exists()


def test_a_file_that_changes_while_it_is_taken_in_is_not_moved(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(folder, "a.json", chart(1))
    stages = iter([chart(1, papers=[paper("1"), paper("2")])])
    accept = home.open_for_writing().accession.accept

    def slowly(*arguments: Any) -> Any:
        later = next(stages, None)
        if later is not None:
            file.write_text(json.dumps(later))
        return accept(*arguments)

    monkeypatch.setattr(home.open_for_writing().accession, "accept", slowly)
    steps = until(home, folder, 1)
    assert isinstance(steps[0], Taken)
    assert [len(result.receipts) for result in steps[0].results] == [2]


def test_a_record_waits_for_the_files_that_it_names_and_takes_them_along(
    home: Home, folder: Path
) -> None:
    put(folder, "a.json", with_file(1, "quét 1.png"))
    assert watch(home, folder) == []
    put(folder, "quét 1.png", scan())
    (step,) = watch(home, folder)
    assert isinstance(step, Taken)
    assert step.outcome == "done", [fault for result in step.results for fault in result.faults]
    (day,) = [entry.name for entry in (folder / "done").iterdir()]
    assert {f"done/{day}/a.json", f"done/{day}/quét 1.png"} <= tree(folder)


def test_files_that_come_before_their_record_wait_for_it(home: Home, folder: Path) -> None:
    put(folder, "1.png", scan())
    assert watch(home, folder) == []
    assert tree(folder) == {"1.png"}


def test_a_caller_that_waits_in_vain_is_refused_in_the_end(home: Home, folder: Path) -> None:
    put(folder, "a.json", with_file(1, "missing.png"))
    put(folder, "alone.png", scan())
    steps = until(home, folder, 2)
    codes = {
        step.moved_to.rpartition("/")[2]: step.results[0].faults[0].code
        for step in steps
        if isinstance(step, Taken)
    }
    assert codes == {"a.json": "file.missing", "alone.png": "source.file_alone"}


# --- kills, signals, and components that are away
# -------------------------------------------------------------------


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_step_loses_no_file_and_archives_nothing_twice(
    home_folder: Path, folder: Path, point: str
) -> None:
    put(folder, "a.json", chart(1))
    arguments = ("watch", folder, "--once", "--settle", "0.1", "--json")
    killed = kho(home_folder, *arguments, env={"KHO_CRASH_AT": point})
    assert killed.returncode == SIGKILLED
    done = kho(home_folder, *arguments, check=True)
    (day,) = [entry.name for entry in (folder / "done").iterdir()]
    assert tree(folder) == {
        f"done/{day}/a.json{ending}" for ending in ("", ".report.json", ".report.txt")
    }
    assert json.loads((folder / f"done/{day}/a.json").read_bytes()) == chart(1)
    with Home.open(home_folder) as home, home.catalog.read() as session:
        assert session.query(ActRow).count() == 2
        receipt = json.loads((folder / f"done/{day}/a.json.report.json").read_bytes())["receipts"][
            0
        ]
        assert receipt["document_id"] == session.query(DocumentRow).one().id
    assert all("refused" not in line for line in json_lines(done.stdout))


def test_a_kill_between_a_record_and_its_companions_leaves_none_behind(
    home_folder: Path, folder: Path
) -> None:
    put(folder, "a.json", with_file(1, "1.png"))
    put(folder, "1.png", scan())
    arguments = ("watch", folder, "--once", "--settle", "0.1")
    assert kho(home_folder, *arguments, env={"KHO_CRASH_AT": "watch.moved"}).returncode == SIGKILLED
    kho(home_folder, *arguments, check=True)
    assert {Path(name).parts[0] for name in tree(folder)} == {"done"}
    assert {Path(name).name for name in tree(folder)} >= {"a.json", "1.png"}


def test_a_file_put_under_the_old_name_after_the_kill_stays_where_it_is(
    folder: Path, tmp_path: Path
) -> None:
    file, journals = put(folder, "a.json", b"one"), Journals(tmp_path / "home", folder)
    here, there = PurePosixPath("a.json"), PurePosixPath("done/a.json")
    plan = Plan("1", (Move(here, there, Stamp.of(file.lstat())),), {}, "")
    Mover(folder, journals).move(plan)
    journals.keep(plan)
    put(folder, "a.json", b"two")
    assert Mover(folder, journals).finish() == []
    assert ((folder / "a.json").read_bytes(), (folder / "done/a.json").read_bytes()) == (
        b"two",
        b"one",
    )


def test_while_a_component_is_away_files_stay_and_are_taken_when_it_is_back(
    fresh_home: Callable[[], Home], folder: Path, tmp_path: Path
) -> None:
    home = fresh_home()
    vault = home.folder / "vault"
    put(folder, "a.json", chart(1))
    _ = home.open_for_writing().accession
    # nothing can be put where a file is in the way
    (vault / home.code / "documents").write_bytes(b"")
    steps = []
    watcher = Watcher(home.open_for_writing(), CLERK, home.scope, folder, rules())
    for step in watcher.run():
        steps.append(step)
        if isinstance(step, Waiting):
            assert tree(folder) == {"a.json"}
            if len(steps) == 2:
                (vault / home.code / "documents").unlink()
        else:
            watcher.stop.ask()
    assert [type(step) for step in steps[:2]] == [Waiting, Waiting]
    assert isinstance(steps[-1], Taken)
    assert [step.seconds for step in steps[:2] if isinstance(step, Waiting)] == [0.1, 0.2]


@pytest.mark.parametrize("file", ["1.png", "1.pdf"])
def test_a_file_whose_program_is_missing_waits_alone_and_is_taken_when_it_is_there(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    put(folder, "a.json", with_file(1, file))
    put(folder, file, scan() if file.endswith("png") else plain_pdf())
    put(folder, "b.json", chart(2))
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        steps = watch(home, folder)
    assert [step.moved_to.rpartition("/")[2] for step in steps if isinstance(step, Taken)] == [
        "b.json"
    ]
    (waiting,) = {step.file: step for step in steps if isinstance(step, Waiting)}.values()
    assert (waiting.file, waiting.error.code, waiting.exit_code) == ("a.json", "file.must_wait", 11)
    assert {"a.json", file} <= tree(folder)
    (step,) = watch(home, folder)
    assert isinstance(step, Taken)
    assert step.outcome == "done"


def test_a_file_whose_program_is_missing_does_not_stop_a_folder_that_is_ingested(
    home_folder: Path, folder: Path
) -> None:
    put(folder, "a.json", with_file(1, "1.png"))
    put(folder, "1.png", scan())
    put(folder, "b.json", chart(2))
    done = kho(home_folder, "ingest", folder, "--json", env={"PATH": "/nowhere"})
    assert done.returncode == 11
    waiting, receipt = json_lines(done.stdout)
    assert (waiting["file"], waiting["waiting"]["code"]) == (
        str(folder / "a.json"),
        "file.must_wait",
    )
    assert "document_id" in receipt
    assert "1 hồ sơ phải chờ" in done.stderr


def test_one_process_watches_a_folder(home: Home, folder: Path) -> None:
    with (
        Home.open(home.folder) as other,
        other.leases.hold(f"watch/{folder.resolve()}"),
        pytest.raises(WatchedAlready),
    ):
        watch(home, folder)


def test_a_folder_that_is_not_there_is_a_mistake(home: Home, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        watch(home, tmp_path / "nowhere")


@pytest.fixture
def running(home_folder: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`kho watch` as a service runs it."""
    command = [sys.executable, "-P", "-c", "from api.cli.main import main; main()"]
    process = subprocess.Popen(
        [*command, "watch", str(folder), "--settle", "0.1", "--json"],
        env={**os.environ, "KHO_HOME": str(home_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_sigterm_ends_it_after_the_present_file(
    running: subprocess.Popen[str], folder: Path
) -> None:
    put(folder, "a.json", chart(1))
    assert running.stdout is not None
    assert "document_id" in running.stdout.readline()
    put(folder, "b.json", chart(2))
    running.send_signal(signal.SIGTERM)
    rest = json_lines(running.stdout.read())
    assert running.wait(timeout=PATIENCE) == 0
    assert rest[0]["outcome"] == "done"
    assert (folder / "b.json").exists() or (folder / rest[-1]["moved_to"]).exists()


def test_the_command_answers_by_its_contract(home_folder: Path, folder: Path) -> None:
    put(folder, "a.json", chart(1))
    put(folder, "b.json", b"{}")
    done = kho(home_folder, "watch", folder, "--once", "--settle", "0.1", "--json")
    assert done.returncode == 3
    receipt, first, refused, second = json_lines(done.stdout)
    assert "document_id" in receipt
    assert set(first) == set(second) == {"outcome", "moved_to", "report"}
    assert set(refused) == {"source", "refused"}


def test_the_rules_are_those_of_the_page(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "bulk.md").read_text("utf-8")
    rules = load_rules()
    for name in rules.incomplete:
        assert f"`{name}`" in page
    for seconds in (rules.interval_seconds, rules.settle_seconds, rules.empty_settle_seconds):
        assert f"{seconds:g} s" in page


def test_stopping_is_quick() -> None:
    stop, began = Stop(), time.monotonic()
    stop.ask()
    stop.wait(2 * PATIENCE)
    assert time.monotonic() - began < PATIENCE
