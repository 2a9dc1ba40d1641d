"""`kho demo` ends with everything that it started: Ctrl-C leaves no process behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from api.home import Home
from api.upkeep.demo_life import give_life
from tests.fixtures.home import CLERK, chart, take

MARK = "KHO_TEST_MARK"


def marked(mark: str) -> list[str]:
    """Return the command lines of the processes that carry the mark in their environment."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes():
                lines.append((process / "cmdline").read_text("utf-8", "replace"))
        except OSError:  # it has ended, or is another user's
            continue
    return lines


@contextmanager
def demonstration(folder: Path, mark: str) -> Iterator[subprocess.Popen[str]]:
    """Run `kho demo` as a terminal does: in a group of its own, which Ctrl-C reaches whole."""
    command = [sys.executable, "-P", "-c", "from api.cli.main import main; main()"]
    process = subprocess.Popen(
        [*command, "demo", "--home", str(folder), "--port", "0"],
        env={**os.environ, MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process


def until(process: subprocess.Popen[str], words: str) -> str:
    """Read what the command says until a line has these words; return all of it."""
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


def interrupted(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, and wait for the end."""
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)


def test_ctrl_c_while_charts_are_archived_leaves_no_process(tmp_path: Path) -> None:
    mark = str(uuid4())
    with demonstration(tmp_path / "home", mark) as process:
        until(process, "✓")  # the services of the test PKI, and workers, run
        assert len(marked(mark)) > 1
        interrupted(process)
    assert marked(mark) == []


def test_ctrl_c_while_pages_are_served_leaves_no_process_and_each_role_can_sign_in(
    home_folder: Path,
) -> None:
    samples = home_folder / "samples"
    samples.mkdir()
    for name in (".complete", ".lively"):  # nothing is to be archived
        (samples / name).touch()
    mark = str(uuid4())
    with demonstration(home_folder, mark) as process:
        said = until(process, "http://127.0.0.1:")
        for name in ("luutru", "doc", "quantri"):
            assert f": {name} / " in said
        interrupted(process)
        assert process.returncode == 0
    assert marked(mark) == []


def test_a_demonstration_has_a_packet_that_waits_and_a_refusal_once(
    fresh_home: Callable[[], Home], tmp_path: Path
) -> None:
    home = fresh_home()
    take(home, chart(1))
    for _ in range(2):
        give_life(home, CLERK, tmp_path)
    reading = home.open_for_reading()
    assert reading.worklist.total(["receipts_awaited"], CLERK, home.scope) == 1
    assert reading.refusals.open_count(CLERK, home.scope) == 1
