"""The current folder is a stranger's: a person is in the folder of the file that they were
sent.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest.files.papers import plain_pdf

# What Python and Kho import early, in the command and in each process that it starts.
MODULES = (
    "json",
    "types",
    "typing",
    "signal",
    "socket",
    "selectors",
    "encodings",
    "site",
    "sitecustomize",
    "archive",
)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder with modules that leave a trace when they are imported, and a PDF."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    trace = f"open({str(tmp_path / 'trace')!r}, 'a').write(__name__)\n"
    for name in MODULES:
        (folder / f"{name}.py").write_text(trace)
    (folder / "paper.pdf").write_bytes(plain_pdf())
    return folder


@pytest.mark.parametrize("arguments", [("verify", "paper.pdf"), ("packet", "verify", "paper.pdf")])
def test_no_module_is_taken_from_the_current_folder(
    planted: Path, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    # as pip installs it: a script, whose own folder Python looks into
    script = tmp_path / "bin" / "kho"
    script.parent.mkdir()
    script.write_text("from api.cli.main import main\nmain()\n")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, str(script), *arguments, "--json"],
        cwd=planted,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert not (tmp_path / "trace").exists(), (tmp_path / "trace").read_text()
    assert '"verdict"' in done.stdout or '"error"' in done.stdout, done.stderr
