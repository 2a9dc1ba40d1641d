"""A backlog with a CSV: validated whole, loaded with progress, paused, killed, and resumed without
reading twice.
"""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pikepdf import String

from api.bulk.load import BulkLoad
from api.bulk.loaded import Loaded
from api.bulk.progress import Progress
from api.home import Home
from api.stop import Stop
from api.upkeep.maintenance import checker
from archive.base.identifiers import ObjectKey, sha256
from archive.catalog.tables import ActRow, ChartRow, DocumentRow
from tests.fixtures.home import CLERK, json_lines, kho
from tests.ingest.files.marked import field, marked
from tests.ingest.files.papers import plain_pdf
from tests.judges.missing import require_program
from tests.waiting import PATIENCE

SIGKILLED, PAUSED = -9, 13
HEAD = [
    "Tệp",
    "Mã LK",
    "Họ tên",
    "Ngày sinh",
    "Ngày vào viện",
    "Ngày ra viện",
    "Ngày giấy",
    "Khoa",
    "Ghi chú",
]


@pytest.fixture(scope="session")
def signed(
    home_template: Path, tmp_path_factory: pytest.TempPathFactory, paper_pdf: bytes
) -> bytes:
    """A PDF/A that somebody signed: it is archived as received."""
    folder = Path(shutil.copytree(home_template, tmp_path_factory.mktemp("signer") / "home"))
    with Home.open(folder) as home:
        return home.open_for_writing().sealer.seal(paper_pdf, claimed_at=datetime.now(UTC)).data


@pytest.fixture
def backlog(tmp_path: Path, signed: bytes) -> Path:
    """A folder with four signed papers of three charts, and their manifest as Excel writes it."""
    folder = tmp_path / "quet"
    folder.mkdir()
    rows = [HEAD]
    for number, episode in enumerate((1, 1, 2, 3), start=1):
        (folder / f"{number}.pdf").write_bytes(signed)
        name = f"Nguyễn Mẫu {episode}"
        rows.append(
            [
                f"{number}.pdf",
                f"CU{episode}",
                name,
                "1/2/1960",
                "01/03/2020",
                "10/03/2020",
                "05/03/2020",
                "K01",
                "x",
            ]
        )
    return manifest(folder, rows)


def manifest(folder: Path, rows: list[list[str]]) -> Path:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    file = folder / "charts.csv"
    file.write_text(out.getvalue(), encoding="utf-8-sig")
    return file


def changed(file: Path, row: int, column: str, value: str) -> Path:
    """Change one cell; rows are numbered as in a spreadsheet."""
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))
    rows[row - 1][HEAD.index(column)] = value
    return manifest(file.parent, rows)


def load(folder: Path, file: Path, *options: str, **env: str) -> Any:
    return kho(folder, "ingest", "--json", "--manifest", file, *options, env=env)


def receipts(done: Any) -> list[dict[str, Any]]:
    return [line for line in json_lines(done.stdout) if "document_id" in line]


def progress(done: Any) -> dict[str, Any]:
    last: dict[str, Any] = [
        line["progress"] for line in json_lines(done.stdout) if "progress" in line
    ][-1]
    return last


def acts(folder: Path) -> int:
    with Home.open(folder) as home:
        assert checker(home).check(read_data=True).faults == []
        with home.catalog.read() as session:
            return session.query(ActRow).count()


def test_a_backlog_is_loaded_chart_by_chart_with_progress(
    home_folder: Path, backlog: Path, signed: bytes
) -> None:
    done = load(home_folder, backlog)
    assert done.returncode == 0, done.stderr
    lines = receipts(done)
    assert [line["source"] for line in lines] == [
        "charts.csv#2",
        "charts.csv#2",
        "charts.csv#4",
        "charts.csv#5",
    ]
    assert {line["sha256"] for line in lines} == {sha256(signed)}
    last = progress(done)
    assert set(last) == {
        "charts", "done", "skipped", "documents", "refused", "waiting", "rate", "seconds",
        "remaining_seconds",
    }  # fmt: skip
    assert (last["charts"], last["done"], last["documents"], last["skipped"]) == (3, 3, 4, 0)
    with Home.open(home_folder) as home, home.catalog.read() as session:
        charts = session.query(ChartRow).order_by(ChartRow.episode).all()
        assert [(row.episode, row.department, len(row.documents)) for row in charts] == [
            ("CU1", "K01", 2),
            ("CU2", "K01", 1),
            ("CU3", "K01", 1),
        ]
        document = charts[0].documents[0]
        assert (document.origin, document.form) == ("external", "KHAC")
        assert document.original is not None
        assert document.original["dated"] == "2020-03-05"
        assert home.vault.read(ObjectKey(document.object_key), document.object_version) == signed
    assert acts(home_folder) == 4


def test_a_second_run_has_nothing_to_do_and_again_gives_the_same_receipts(
    home_folder: Path, backlog: Path
) -> None:
    first = receipts(load(home_folder, backlog))
    assert json_lines(load(home_folder, backlog).stdout) == []
    assert receipts(load(home_folder, backlog, "--again")) == first


def test_every_bad_row_is_named_and_nothing_is_loaded(home_folder: Path, backlog: Path) -> None:
    changed(backlog, 2, "Ngày giấy", "31/02/2020")
    changed(backlog, 4, "Tệp", "nowhere.pdf")
    done = load(home_folder, backlog)
    assert done.returncode == 3
    (line,) = json_lines(done.stdout)
    assert line["source"] == "charts.csv"
    assert [(fault["path"], fault["code"]) for fault in line["refused"]] == [
        ("/2/Ngày giấy", "manifest.day"),
        ("/4/Tệp", "manifest.file_missing"),
    ]
    assert acts(home_folder) == 1


def test_charts_without_a_fault_are_loaded_where_that_is_asked_for(
    home_folder: Path, backlog: Path
) -> None:
    changed(backlog, 4, "Tệp", "nowhere.pdf")
    done = load(home_folder, backlog, "--skip-bad")
    assert done.returncode == 3
    assert [receipt["source"] for receipt in receipts(done)] == [
        "charts.csv#2",
        "charts.csv#2",
        "charts.csv#5",
    ]
    assert progress(done)["skipped"] == 1


def test_a_file_that_is_refused_refuses_its_chart_alone_and_is_tried_again_when_repaired(
    home_folder: Path, backlog: Path, signed: bytes
) -> None:
    (backlog.parent / "3.pdf").write_bytes(signed[:5000])
    done = load(home_folder, backlog)
    assert done.returncode == 3
    (refused,) = [line for line in json_lines(done.stdout) if "refused" in line]
    assert refused["source"] == "charts.csv#4"
    assert {fault["path"] for fault in refused["refused"]} == {"/4/Tệp"}
    assert progress(done)["refused"] == 1
    (backlog.parent / "3.pdf").write_bytes(signed)
    again = load(home_folder, backlog)
    assert (again.returncode, [receipt["source"] for receipt in receipts(again)]) == (
        0,
        ["charts.csv#4"],
    )


def test_a_file_that_cannot_be_converted_is_named_by_its_row_and_column(
    home_folder: Path, backlog: Path
) -> None:
    require_program("gs")
    strange = marked(plain_pdf(), field("Tx", V=String("薬")))  # no letter of the font
    (backlog.parent / "2.pdf").write_bytes(strange)
    done = load(home_folder, backlog)
    assert done.returncode == 3
    (refused,) = [line for line in json_lines(done.stdout) if "refused" in line]
    (fault,) = refused["refused"]
    assert (fault["path"], fault["code"]) == ("/3/Tệp", "file.not_faithful")
    assert "trang 1" in fault["message"]


def test_what_is_no_manifest_is_refused_whole(home_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"\xff\xfeh\0i\0")
    done = load(home_folder, file)
    assert done.returncode == 3
    assert json_lines(done.stdout)[0]["refused"][0]["code"] == "text.encoding"
    assert load(home_folder, tmp_path / "nowhere.csv").returncode == 7
    assert kho(home_folder, "ingest").returncode == 2
    assert kho(home_folder, "ingest", "a.json", "--manifest", file).returncode == 2


@pytest.mark.parametrize("point", ["act.put", "bulk.remembered", "bulk.remembered@2"])
def test_after_a_kill_the_load_goes_on_and_nothing_is_there_twice(
    home_folder: Path, backlog: Path, point: str
) -> None:
    killed = load(home_folder, backlog, KHO_CRASH_AT=point, KHO_WORK__PROCESSES="1")
    assert killed.returncode == SIGKILLED
    done = load(home_folder, backlog)
    assert done.returncode == 0, done.stderr
    with Home.open(home_folder) as home, home.catalog.read() as session:
        assert session.query(DocumentRow).count() == 4
    assert acts(home_folder) == 4
    assert json_lines(load(home_folder, backlog).stdout) == []


def test_a_line_that_a_kill_has_cut_off_counts_for_nothing(
    fresh_home: Callable[[], Home], tmp_path: Path
) -> None:
    home = fresh_home()
    loaded = Loaded(tmp_path / "bulk", tmp_path / "charts.csv")
    digest = sha256(b"x")
    loaded.add(digest, [])
    assert loaded.read(home.catalog) == frozenset()
    (file,) = (tmp_path / "bulk").iterdir()
    file.write_text(f"{digest} 01a205ab")
    assert loaded.read(home.catalog) == frozenset()


def test_what_the_catalogue_does_not_know_is_loaded_whatever_was_remembered(
    home_folder: Path, home_template: Path, backlog: Path, tmp_path: Path
) -> None:
    load(home_folder, backlog)
    other = Path(shutil.copytree(home_template, tmp_path / "other"))
    shutil.copytree(home_folder / "bulk", other / "bulk")
    assert len(receipts(load(other, backlog))) == 4


def test_a_changed_file_or_row_is_loaded_again_and_supersedes(
    home_folder: Path, backlog: Path, signed: bytes
) -> None:
    load(home_folder, backlog)
    changed(backlog, 4, "Ngày giấy", "06/03/2020")
    done = load(home_folder, backlog)
    assert [receipt["source"] for receipt in receipts(done)] == ["charts.csv#4"]
    with Home.open(home_folder) as home, home.catalog.read() as session:
        chart = session.query(ChartRow).filter_by(episode="CU2").one()
        assert [document.superseded_by is None for document in chart.documents] == [False, True]


def test_asked_to_stop_it_finishes_what_is_under_way_and_goes_on_later(
    fresh_home: Callable[[], Home], backlog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # one chart is under way while another is handed out
    monkeypatch.setenv("KHO_WORK__PROCESSES", "1")
    home, stop = fresh_home(), Stop()
    load_of = BulkLoad(home.open_for_writing(), CLERK, home.scope, backlog, stop=stop)
    steps = []
    for step in load_of.run(load_of.validate()):
        steps.append(step)
        stop.ask()
    assert 1 <= len(steps) < 3
    rest = BulkLoad(home.open_for_writing(), CLERK, home.scope, backlog, stop=Stop())
    assert len(steps) + len(list(rest.run(rest.validate()))) == 3


def test_sigint_pauses_with_an_exit_code_of_its_own(
    home_folder: Path, backlog: Path, signed: bytes
) -> None:
    rows = [HEAD]
    for number in range(40):
        (backlog.parent / f"n{number}.pdf").write_bytes(signed)
        rows.append([f"n{number}.pdf", f"N{number}", "Nguyễn Mẫu", "", "", "", "", "", ""])
    manifest(backlog.parent, rows)
    command = [sys.executable, "-P", "-c", "from api.cli.main import main; main()"]
    process = subprocess.Popen(
        [*command, "ingest", "--json", "--manifest", str(backlog)],
        env={**os.environ, "KHO_HOME": str(home_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    lines = [json.loads(first), *json_lines(process.stdout.read())]
    assert process.wait(timeout=PATIENCE) == PAUSED
    process.stdout.close()
    done = [line for line in lines if "document_id" in line]
    assert 0 < len(done) < 40
    rest = load(home_folder, backlog)
    assert rest.returncode == 0
    assert len(done) + len(receipts(rest)) == 40


def test_rate_and_remaining_time_are_those_of_the_last_minute() -> None:
    progress = Progress(charts=100, skipped=0, started=0.0)
    for second in range(1, 11):
        progress.count(float(second), 1, refused=False)
    assert progress.rate(10.0) == pytest.approx(1.0)
    assert progress.remaining(10.0) == pytest.approx(90.0)
    for second in range(100, 120):
        progress.count(float(second), 2, refused=False)
    assert progress.as_json(119.0)["documents"] == 50
    assert progress.rate(119.0) == pytest.approx(19 / 19, rel=0.6)
    assert "30/100" in progress.as_text(119.0)


def test_a_chart_whose_converter_is_missing_waits_alone_and_the_same_load_goes_on_with_it(
    home_folder: Path, backlog: Path
) -> None:
    (backlog.parent / "2.pdf").write_bytes(plain_pdf())  # unsigned: Ghostscript converts it
    arguments = ("ingest", "--manifest", backlog, "--json")
    done = kho(home_folder, *arguments, env={"PATH": "/nowhere"})
    assert done.returncode == 11, done.stdout + done.stderr
    lines = json_lines(done.stdout)
    (waiting,) = [line for line in lines if "waiting" in line]
    assert (waiting["file"], waiting["waiting"]["code"]) == ("charts.csv#2", "file.must_wait")
    first = {line["document_id"] for line in lines if "document_id" in line}
    assert len(first) == 2  # the other charts

    done = kho(home_folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    then = {line["document_id"] for line in json_lines(done.stdout) if "document_id" in line}
    assert len(then) == 2
    assert not first & then
    with Home.open(home_folder) as home, home.catalog.read() as session:
        assert len(session.query(DocumentRow).all()) == 4
