"""A kill between any two steps of a finished file's way in loses nothing, leaves nothing lying
about, and converges.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.home import Home
from tests.archive.isolation.test_child import ended
from tests.fixtures.finished import paper_of
from tests.fixtures.home import chart, json_lines, kho
from tests.ingest.files.papers import foreign_pdf, signed
from tests.judges.missing import require_program
from tests.torture.test_crash_points import (
    SIGKILLED,
    assert_rebuilds_to_the_same,
    assert_sound,
    ingest,
)

FILES = ("external.pdf", "cover.pdf", "converted.pdf")
KHO = "from api.cli.main import main; main()"


@pytest.fixture
def source(home_folder: Path, tmp_path: Path) -> Path:
    """A chart of three files: one archived as it is, one under a cover, one converted."""
    require_program("gs")
    folder = tmp_path / "sources"
    folder.mkdir()
    with Home.open(home_folder) as home:
        contents = (
            signed(home.open_for_writing().sealer, archival=True),
            signed(home.open_for_writing().sealer, archival=False),
            foreign_pdf(),
        )
    for name, data in zip(FILES, contents, strict=True):
        (folder / name).write_bytes(data)
    (folder / "chart.json").write_text(json.dumps(chart(papers=[paper_of(name) for name in FILES])))
    return folder


@pytest.mark.parametrize(
    "point",
    [
        "file.converted",
        "paper.sealed@2",
        "paper.spooled",
        "paper.put@2",
        "act.pending",
        "act.put",
        "act.applied",
    ],
)
def test_a_kill_loses_nothing(home_folder: Path, source: Path, point: str) -> None:
    killed = kho(
        home_folder,
        "ingest",
        "--json",
        source,
        env={"KHO_CRASH_AT": point, "KHO_WORK__PROCESSES": "1"},
    )
    assert killed.returncode == SIGKILLED
    acknowledged: list[dict[str, Any]] = json_lines(killed.stdout)
    assert_sound(home_folder, acknowledged)
    receipts = ingest(home_folder, source)
    assert [receipt["origin"] for receipt in receipts] == ["external", "cover", "converted"]
    assert ingest(home_folder, source) == receipts
    assert_sound(home_folder, receipts)
    assert list((home_folder / "workshop").glob("job-*")) == []


def test_what_a_killed_process_started_ends_with_it(
    home_folder: Path, source: Path, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho $$ > pid\nexec sleep 300\n")
    program.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", KHO, "ingest", str(source)],
        env={
            **os.environ, "KHO_HOME": str(home_folder), "KHO_WORK__PROCESSES": "1",
            "PATH": f"{program.parent}:{os.environ['PATH']}",
        },
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        _until(lambda: any(file.read_text() for file in home_folder.glob("workshop/job-*/pid")))
        child = int(next(home_folder.glob("workshop/job-*/pid")).read_text())
        os.kill(process.pid, signal.SIGKILL)
        _until(lambda: ended(child))
    finally:
        process.kill()
        process.wait()
    assert [receipt["origin"] for receipt in ingest(home_folder, source)] == [
        "external",
        "cover",
        "converted",
    ]
    assert list((home_folder / "workshop").glob("job-*")) == []


def test_after_a_kill_the_rebuilt_catalogue_is_the_same(home_folder: Path, source: Path) -> None:
    kho(home_folder, "ingest", source, env={"KHO_CRASH_AT": "act.put"})
    ingest(home_folder, source)
    assert_rebuilds_to_the_same(home_folder)


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen in time")
