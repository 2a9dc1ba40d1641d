"""The exercise of docs/keys.md is typed as it is: a demonstration seals with a token."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from signing.testpki.running import stop
from tests.fixtures.softhsm import LIBRARIES, installed
from tests.judges.missing import require_program, unjudged
from tests.repo.tree import ROOT

GUIDE = ROOT / "docs" / "keys.md"


@pytest.fixture
def typed(tmp_path: Path) -> str:
    """Type the lines in an empty folder; return what they print."""
    require_program("bash", "openssl")
    if installed(LIBRARIES) != LIBRARIES[0]:
        unjudged("the guide names Debian's path of libsofthsm2.so")
    shell = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    (lines,) = shell.findall(GUIDE.read_text("utf-8"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-s"],
            input=lines,
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )
    finally:
        stop(tmp_path / "tap-su" / "testpki")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return str(done.stdout)


def test_the_exercise_seals_twenty_charts_with_a_token(typed: str) -> None:
    assert "certificate  con-dau  id:a1" in typed
    assert re.search(r"^20 hồ sơ, \d+ tài liệu", typed, re.MULTILINE)
    assert "Không thấy thẻ nào" in typed, "the token was pulled"
