"""A production install archives, finds and verifies: nothing it needs is in what the wheel leaves
out.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.fixtures.home import chart, json_lines
from tests.repo.tree import ROOT

# `certomancer` is of the extra `demo`, which no production lock holds.
PROGRAM = """
import sys
sys.modules["certomancer"] = None
import api
assert api.__file__.startswith(sys.argv.pop(1)), api.__file__
from api.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, as an installation lays them out."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(
        [*command, "--directory", str(folder)], cwd=ROOT, capture_output=True, check=True
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def home(real_template: Path, tmp_path: Path) -> Path:
    """A home of real certificates, whose services run."""
    return Path(shutil.copytree(real_template, tmp_path / "home"))


def kho(installed: Path, home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed `kho`."""
    return subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(installed), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(installed), "KHO_HOME": str(home)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_it_archives_finds_verifies_and_checks(installed: Path, home: Path, tmp_path: Path) -> None:
    source, original = tmp_path / "chart.json", tmp_path / "original.pdf"
    source.write_text(json.dumps(chart(1)), encoding="utf-8")
    done = kho(installed, home, "ingest", "--json", source)
    assert done.returncode == 0, done.stderr
    (receipt,) = json_lines(done.stdout)
    done = kho(installed, home, "find", "--json", "Viêm")
    assert [hit["document_id"] for hit in json_lines(done.stdout)[0]["hits"]] == [
        receipt["document_id"]
    ], done.stderr
    assert kho(installed, home, "get", receipt["document_id"], "-o", original).returncode == 0
    verified = kho(installed, home, "verify", "--json", original)
    assert json_lines(verified.stdout)[0]["verdict"] == "valid", verified.stderr
    checked = kho(installed, home, "check", "--json")
    assert checked.returncode == 0, checked.stdout


def test_it_says_that_it_holds_no_demonstration(installed: Path, tmp_path: Path) -> None:
    refused = kho(installed, tmp_path / "home", "demo", "--once", "--json")
    assert refused.returncode == 2
    assert json_lines(refused.stdout)[0]["error"]["code"] == "demo.not_installed"
    assert not (tmp_path / "home").exists()
