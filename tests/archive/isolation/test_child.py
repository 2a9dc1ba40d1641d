"""A child that works on a stranger's bytes gives an answer within its limits, or none; its parent
always goes on.
"""

import multiprocessing
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from archive.base.errors import Unavailable, Unreadable
from archive.isolation.child import Limits, TooDemanding, isolated
from archive.isolation.programs import program, run_confined
from tests.waiting import until

QUICK = Limits(seconds=5, memory=1 << 30)


def echo(data: bytes, times: int = 1) -> bytes:
    return data * times


def sleeper() -> bytes:
    time.sleep(60)
    return b""


def busy() -> bytes:
    while True:
        pass


def greedy() -> bytes:
    return b"x" * (4 << 30)


def dies() -> bytes:
    os.abort()


def refuses() -> bytes:
    raise Unreadable(why_vi="vì thử", why_en="for the test")


def lies(said: bytes) -> bytes:
    """Answer past the runner, as code that a file brought in would: it looks for the pipe among the
    open files.
    """
    for handle in range(3, 64):
        try:
            os.write(handle, struct.pack(">cQ", b"-", len(said)) + said)
        except OSError:
            continue
    os._exit(0)


def breaks() -> bytes:
    raise RuntimeError("the patient's name")


def writes(folder: str) -> bytes:
    Path(folder, "left").write_bytes(b"x")
    return b"written"


def talks(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, timeout=1):
        return b"connected"


def test_the_answer_comes_back_byte_for_byte() -> None:
    assert isolated(QUICK, echo, b"\0\xff", times=3) == b"\0\xff" * 3
    assert isolated(QUICK, echo, b"") == b""
    assert len(isolated(QUICK, echo, bytes(1 << 20), times=15)) == 15 << 20


@pytest.mark.parametrize("task", [sleeper, busy])
def test_a_child_that_takes_too_long_is_ended(task: object) -> None:
    with pytest.raises(TooDemanding):
        isolated(Limits(seconds=0.5), task)  # type: ignore[arg-type]


def test_a_child_that_ended_can_be_joined_again_as_python_does_at_its_own_end() -> None:
    def work() -> None:
        with pytest.raises(TooDemanding):
            isolated(Limits(seconds=1), sleeper)

    thread = threading.Thread(target=work)
    thread.start()
    until(multiprocessing.active_children, "a child")
    children = multiprocessing.active_children()
    thread.join()
    for child in children:  # multiprocessing.util._exit_function, which lists them before
        child.join()


@pytest.mark.parametrize("task", [greedy, dies])
def test_a_child_that_takes_too_much_memory_or_dies_says_nothing(task: object) -> None:
    with pytest.raises(TooDemanding):
        isolated(QUICK, task)  # type: ignore[arg-type]


def test_an_answer_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooDemanding):
        isolated(Limits(answer=1000), echo, bytes(1001))


def test_a_refusal_is_reported_and_any_other_error_by_its_kind_only() -> None:
    with pytest.raises(Unreadable, match="for the test"):
        isolated(QUICK, refuses)
    with pytest.raises(Unreadable, match="RuntimeError") as broken:
        isolated(QUICK, breaks)
    assert "patient" not in str(broken.value)


@pytest.mark.parametrize("said", [b"", b"[]", b"{}", b'{"why_vi": 1}', b"\xff", b"[" * 100_000])
def test_a_child_that_was_taken_over_says_nothing_that_is_believed(said: bytes) -> None:
    with pytest.raises(TooDemanding):
        isolated(QUICK, lies, said)


def test_a_limit_of_the_service_stays_where_it_is_lower() -> None:
    code = """
import resource, sys
from archive.isolation.child import Limits, confine
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
confine(Limits(file_size=1 << 30))
sys.exit(0 if resource.getrlimit(resource.RLIMIT_FSIZE) == (4096, 4096) else 1)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_child_writes_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        isolated(QUICK, writes, str(tmp_path))
    assert not (tmp_path / "left").exists() or (tmp_path / "left").stat().st_size == 0


def test_a_child_has_no_network_where_the_system_can_take_it_away() -> None:
    if subprocess.run(
        ["unshare", "--net", "--map-root-user", "true"], capture_output=True
    ).returncode:
        pytest.skip("no network namespace here")
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(Unreadable):
        isolated(QUICK, talks, server.getsockname()[:2])


def ended(process: int) -> bool:
    """Return whether a process has ended; perhaps its exit code was not read yet."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return True


def wait_for_end(process: int) -> None:
    """Return when a process that was killed has ended."""
    until(lambda: ended(process), f"process {process} ends")


def python(code: str) -> list[str]:
    return [sys.executable, "-P", "-c", code]


def test_a_program_works_in_its_folder_with_a_plain_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHO_SEAL__PASSPHRASE", "secret")
    code = "import os; open('env', 'w').write(' '.join(sorted(os.environ)))"
    assert run_confined(python(code), tmp_path, Limits(file_size=1000), {"ADDED": "1"}) == 0
    assert "KHO" not in (tmp_path / "env").read_text()
    assert "ADDED" in (tmp_path / "env").read_text()


def test_a_program_that_writes_too_much_or_fails_says_so_by_its_exit_code(tmp_path: Path) -> None:
    much = "open('much', 'wb').write(bytes(10_000))"
    assert run_confined(python(much), tmp_path, Limits(file_size=1000)) != 0
    assert run_confined(python("raise SystemExit(7)"), tmp_path, Limits()) == 7
    assert run_confined(["/nowhere/program"], tmp_path, Limits()) == 127


def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    with pytest.raises(TooDemanding):
        run_confined(python(code), tmp_path, Limits(seconds=3, file_size=1000), starts=True)
    grandchild = int((tmp_path / "pid").read_text())
    wait_for_end(grandchild)


def test_a_program_that_is_not_there_is_named_with_its_component() -> None:
    with pytest.raises(Unavailable, match=r"Ghostscript.*no-such-program is not installed"):
        program("no-such-program", "Ghostscript")
