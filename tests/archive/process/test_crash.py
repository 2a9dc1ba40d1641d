"""Crash points do nothing but for tests, and there exactly what is asked."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archive.process import crash
from tests.waiting import PATIENCE

THREE = (
    "from archive.process import crash\n"
    "for name in ('a', 'b', 'a'): crash.point(name); print(name, flush=True)"
)


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", THREE],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_a_point_does_nothing_by_itself() -> None:
    crash.point("a")
    assert run().stdout.split() == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("at", "passed"), [("a", []), ("b", ["a"]), ("a@2", ["a", "b"]), ("a@3", ["a", "b", "a"])]
)
def test_the_process_ends_at_the_point_that_is_named(at: str, passed: list[str]) -> None:
    done = run(KHO_CRASH_AT=at)
    assert done.stdout.split() == passed
    assert done.returncode == (0 if len(passed) == 3 else -signal.SIGKILL)


def test_the_points_that_were_passed_are_written_down_the_deadly_one_too(tmp_path: Path) -> None:
    run(KHO_CRASH_AT="b", KHO_CRASH_LOG=str(tmp_path / "log"))
    assert (tmp_path / "log").read_text().split() == ["a", "b"]
