"""The server as a process: where it listens, what it does beside answering, and how it ends."""

import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.home import Home
from api.server import HEADER_BYTES, MOST_BYTES, listening
from api.web.security import UPLOAD_BYTES
from api.writing.intake import Intake
from signing.testpki.folder import read_test_pki
from tests.fixtures.home import CLERK, chart
from tests.waiting import PATIENCE, until


@contextmanager
def serving(
    folder: Path, *arguments: str, descriptors: int | None = None
) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run `kho serve`, with at most `descriptors` open files; gives the process, the address, what
    it said before.
    """
    command = [
        sys.executable,
        "-P",
        "-c",
        "from api.cli.main import main; main()",
        "serve",
        *arguments,
    ]
    if descriptors is not None:
        command = ["sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh", *command]
    environment = {**os.environ, "KHO_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            said = until_address(process)
            address = re.search(r"http://\S+", said)
            assert address, said
            yield process, address[0], said
        finally:
            process.kill()


def until_address(process: subprocess.Popen[str]) -> str:
    """Return what the process says until it names its address or ends."""
    return until_said(process, "http://")


def until_said(process: subprocess.Popen[str], words: str) -> str:
    """Return what the process says until it says `words` or ends."""
    assert process.stdout is not None
    said, deadline = b"", time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline and words.encode() not in said:
            if waiting.select(timeout=1):
                chunk = os.read(process.stdout.fileno(), 1 << 16)  # no line waits in a buffer
                if not chunk:
                    break
                said += chunk
    return said.decode(errors="replace")


def get(address: str) -> tuple[int, str, dict[str, str]]:
    """Open an address and return status, text and headers."""
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        return answer.status, answer.read().decode(), dict(answer.headers)


def test_headers_that_are_too_long_are_refused_before_anything_reads_them(
    home_folder: Path,
) -> None:
    with serving(home_folder, "--port", "0") as (_, address, _said):
        request = urllib.request.Request(
            f"{address}/", headers={"Accept-Language": "xa," * HEADER_BYTES}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=PATIENCE)
        refused.value.close()
    assert refused.value.code == 431


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_stops_at_once_without_a_trace(
    home_folder: Path, number: signal.Signals
) -> None:
    with serving(home_folder, "--port", "0") as (process, address, _):
        status, page, headers = get(f"{address}/")
        assert status == 200
        assert "Đăng nhập" in page
        assert "waitress" not in str(headers).lower()
        assert '"status":"ok"' in get(f"{address}/api/v1/health")[1].replace(" ", "")
        process.send_signal(number)
        out, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert "Traceback" not in out


def test_it_says_at_its_start_what_does_not_work(home_folder: Path) -> None:
    read_test_pki(home_folder / "testpki").p12_path.write_bytes(b"no key")
    with serving(home_folder, "--port", "0") as (process, _, said):
        if "✗" not in said:
            said += until_said(process, "✗ Khóa niêm phong")
        assert "✗ Khóa niêm phong" in said
        process.terminate()
        rest, _ = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in rest


def test_a_port_that_is_taken_is_named_and_nothing_is_served(home_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [
            sys.executable,
            "-P",
            "-c",
            "from api.cli.main import main; main()",
            "serve",
            "--port",
            str(port),
        ]
        done = subprocess.run(
            command,
            env={**os.environ, "KHO_HOME": str(home_folder)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr


def test_a_demonstration_takes_another_port_and_says_so() -> None:
    said: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with listening("127.0.0.1", port, said.append, other_port=True) as listener:
            assert listener.getsockname()[1] != port
    assert str(port) in said[0]
    assert "in use" in said[0]


def test_what_other_processes_archive_is_followed_up(home_folder: Path) -> None:
    with serving(home_folder, "--port", "0") as (_, address, _), Home.open(home_folder) as home:
        list(
            Intake(home.open_for_writing(), CLERK, home.scope).take(
                "a.json", json.dumps(chart(1)).encode()
            )
        )
        health = f"{address}/api/v1/health"
        until(
            lambda: '"pending":true' not in get(health)[1].replace(" ", ""), "the outbox is drained"
        )
        assert home.follow_ups.indexing.index.count() == 1


def test_limits_of_a_request_stand_just_above_those_of_the_pages() -> None:
    assert UPLOAD_BYTES < MOST_BYTES <= UPLOAD_BYTES + (4 << 20)
