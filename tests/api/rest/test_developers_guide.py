"""The HIS developer's guide (docs/developers.md): its examples are run as they stand, against a
running server.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_server import serving
from tests.fixtures.home import kho
from tests.judges.missing import require_program
from tests.repo.tree import ROOT

GUIDE = ROOT / "docs" / "developers.md"


def examples(language: str) -> str:
    """Return all examples in `language`, one after the other."""
    return "\n".join(
        re.findall(
            rf"^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
    )


@pytest.fixture
def place(home_folder: Path, tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A running server, an empty folder, and the environment that the guide asks for."""
    folder = tmp_path / "his"
    folder.mkdir()
    key = kho(
        home_folder, "key", "create", "--name", "HIS thử", "--role", "his", check=True
    ).stdout.strip()
    with serving(home_folder, "--port", "0") as (_, address, _):
        beside = Path(sys.executable).parent  # where `kho` and this Python are
        path = f"{beside}{os.pathsep}{os.environ['PATH']}"
        yield (
            folder,
            {
                **os.environ,
                "PATH": path,
                "KHO_URL": address,
                "KHO_HOME": str(home_folder),
                "KHO_KEY": key,
            },
        )


def run(command: list[str], text: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        input=text,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_every_example_works_unchanged(place: tuple[Path, dict[str, str]]) -> None:
    require_program("curl", "bash")
    folder, environment = place
    run(["bash", "-euo", "pipefail", "-s"], examples("sh"), folder, environment)
    # it goes on with the files of the shell
    run([sys.executable, "-"], examples("python"), folder, environment)


def test_every_step_is_there_for_both_and_in_both_languages() -> None:
    text = GUIDE.read_text("utf-8")
    steps = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert len(steps) == 12
    assert all(" · " in step.partition("\n")[0] for step in steps)
    assert text.count("```python") >= 10
    assert set(re.findall(r"^```(\w+)$", text, re.MULTILINE)) == {"sh", "python", "console"}
    assert not re.findall(r"^import (?!base64|requests)", examples("python"), re.MULTILINE)
