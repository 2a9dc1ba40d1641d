"""A machine without a temporary folder that can be written: a service with a read-only system, or a
full disk.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest.files.papers import plain_pdf

# Python looks at TMPDIR, /tmp, /var/tmp, /usr/tmp and the current folder; a test cannot make all of
# them read-only.
WITHOUT = (
    "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/proc']\nfrom api.cli.main "
    "import main; main()"
)


@pytest.mark.parametrize("command", ["verify", "serve"])
def test_the_answer_names_what_is_missing(home_folder: Path, tmp_path: Path, command: str) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(plain_pdf())
    arguments = {"verify": ("verify", str(paper)), "serve": ("serve", "--port", "0")}[command]
    done = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT, *arguments, "--lang", "en"],
        env={**os.environ, "KHO_HOME": str(home_folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 11, done.stderr
    assert "TMPDIR" in done.stderr
