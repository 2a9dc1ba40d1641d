"""On a kernel that cannot bind the readers of strangers' files Kho says so: at the server's start
and at a check.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.archive.isolation.sandbox.kernel import require_landlock, require_seccomp

# A kernel without Landlock, for this process and all that it starts: the call that makes a ruleset
# is missing.
_WITHOUT_LANDLOCK = """
import ctypes, errno, struct
from archive.isolation.sandbox.kernel import PR_SET_NO_NEW_PRIVS, call, prctl
from archive.isolation.sandbox.seccomp import Instruction, machine
code = [Instruction(0x20, 0), Instruction(0x15, 444, 0, 1), Instruction(6, 0x50000 | errno.ENOSYS),
        Instruction(6, 0x7FFF0000)]
packed = b"".join(each.packed() for each in code)
filters = ctypes.create_string_buffer(packed, len(packed))
program = ctypes.create_string_buffer(struct.pack("@HP", len(code), ctypes.addressof(filters)))
prctl(PR_SET_NO_NEW_PRIVS, 1)
call((317, 277)[machine()], 1, 0, program)
from api.cli.main import main
main()
"""


def started(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start `kho` on that kernel."""
    require_seccomp()
    require_landlock()
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _WITHOUT_LANDLOCK, *arguments],
        env={**os.environ, "KHO_HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def test_a_check_notices_what_the_kernel_lacks_and_is_sound_all_the_same(home_folder: Path) -> None:
    with started(home_folder, "check", "--json") as check:
        assert check.stdout is not None
        report = json.loads(check.stdout.read())
    assert check.returncode == 0
    assert report["ok"]
    assert [(fault["code"], fault["object"], fault["severity"]) for fault in report["faults"]] == [
        ("kernel.incomplete", "landlock", "notice")
    ]


def test_the_server_says_at_its_start_what_the_kernel_lacks(home_folder: Path) -> None:
    with started(home_folder, "serve", "--port", "0") as server:
        assert server.stdout is not None
        lines = []
        for line in server.stdout:
            lines.append(line)
            if line.startswith("Kho: http"):
                break
        server.send_signal(signal.SIGTERM)
    assert server.returncode == 0
    assert [line.startswith("! landlock: ") for line in lines] == [True, False]
