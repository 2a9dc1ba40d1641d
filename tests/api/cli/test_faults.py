"""Whatever goes wrong, a command answers in JSON and sentences: no traceback, no patient data."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.home import Home
from tests.fixtures.home import chart, json_lines, kho, take

BROKEN = """
import click
from sqlalchemy.exc import IntegrityError
from api.cli.context import command_options

@click.command()
@command_options
def command(caller):
    try:
        {"Nguyễn Mẫu": 1}["Trần Mẫu"]
    except KeyError as error:
        raise IntegrityError("INSERT", {"name": "Nguyễn Mẫu"}, error) from error

command(["--json"])
"""


def broken(level: str) -> Any:
    """Run a command that has a fault of its own."""
    return subprocess.run(
        [sys.executable, "-c", BROKEN],
        env={**os.environ, "KHO_LOG_LEVEL": level},
        capture_output=True,
        encoding="utf-8",
    )


def test_a_fault_of_ours_is_answered_with_its_type_alone() -> None:
    done = broken("warning")
    assert done.returncode == 1
    (answer,) = json_lines(done.stdout)
    assert answer["error"]["code"] == "kho.error"
    assert "Kho gặp lỗi." in done.stderr
    assert "(IntegrityError)" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_log_says_where_it_was_and_never_what_was_in_it() -> None:
    done = broken("debug")
    logged = json_lines(done.stderr.splitlines()[0])[0]
    assert logged["event"] == "command.failed"
    assert logged["causes"] == ["IntegrityError", "KeyError"]
    assert any(" command" in place for place in logged["at"])
    assert "Mẫu" not in done.stdout + done.stderr


def test_a_log_level_that_there_is_not_is_a_wrong_setting(tmp_path: Path) -> None:
    done = kho(tmp_path, "check", "--json", env={"KHO_LOG_LEVEL": "loud"})
    assert done.returncode == 2
    assert json_lines(done.stdout)[0]["error"]["code"] == "settings.invalid"
    assert "KHO_LOG_LEVEL" in done.stderr


@pytest.fixture
def document(home_folder: Path) -> str:
    """The id of the one document in the home."""
    with Home.open(home_folder) as home:
        return str(take(home, chart())[0].receipts[0].document_id)


@pytest.mark.parametrize(
    ("output", "code", "exit_code"),
    [
        ("nowhere/o.pdf", "component.unavailable", 11),
        ("/dev/stdout", "settings.invalid", 2),
        ("link.pdf", "settings.invalid", 2),
    ],
)
def test_get_gives_an_original_to_a_regular_file_only(
    home_folder: Path, tmp_path: Path, document: str, output: str, code: str, exit_code: int
) -> None:
    (tmp_path / "link.pdf").symlink_to("precious")
    done = kho(home_folder, "get", "--json", document, "-o", tmp_path / output)
    assert done.returncode == exit_code
    (answer,) = json_lines(done.stdout)
    assert answer["error"]["code"] == code
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "precious").exists()


@pytest.mark.parametrize("command", [["verify"], ["packet", "verify"]], ids=["verify", "packet"])
def test_a_pipe_is_no_file_to_verify(tmp_path: Path, command: list[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = kho(tmp_path, *command, "--json", tmp_path / "pipe")
    assert done.returncode == 7
    assert json_lines(done.stdout)[0]["error"]["code"] == "file.unreadable"
