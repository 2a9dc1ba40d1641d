"""Each lock installs as it is, in an empty environment; what the Makefile starts is in git."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.judges.missing import unjudged
from tests.repo.test_distribution import LOCKS
from tests.repo.tree import ROOT, files

INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--no-deps")
# Every module of the wheel is imported, then a demonstration is asked for.
USE = """
import importlib, pkgutil, sys
import api, archive, ingest, retention, search, signing
for package in (archive, signing, search, ingest, retention, api):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if "migrations." not in module.name and "__main__" not in module.name:
            importlib.import_module(module.name)
from api.cli.main import main
sys.argv = ["kho", "init", "--demo", "--home", sys.argv[1], "--json"]
main()
"""


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -P arguments` in a neutral folder,
    with nothing of the developer's environment.
    """
    kept = {
        name: os.environ[name]
        for name in os.environ
        if not name.startswith(("PYTHON", "KHO_", "VIRTUAL_ENV"))
    }
    return subprocess.run(
        [python, "-P", *arguments], cwd="/", env=kept, capture_output=True, text=True, check=False
    )


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Return the Python of an empty virtual environment, which is removed afterwards."""
    folder = tmp_path / "empty"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder / "bin" / "python"


def install(python: Path, lock: str) -> None:
    """Install a lock as the Makefile does; without a package index the test is skipped loudly, in
    CI it fails.
    """
    done = run(
        python,
        "-m",
        "pip",
        *INSTALL,
        "--require-hashes",
        "-r",
        str(ROOT / "requirements" / f"{lock}.lock"),
    )
    if "NewConnectionError" in done.stderr or "Could not fetch URL" in done.stderr:
        unjudged("no package index answers")
    assert done.returncode == 0, done.stderr
    checked = run(python, "-m", "pip", "check")
    assert checked.returncode == 0, checked.stdout


# The test environment is made of test.lock by the Makefile itself, and bench.lock holds all of it.
@pytest.mark.parametrize("lock", sorted(set(LOCKS) - {"test", "production"}))
def test_a_lock_installs_as_locked_in_an_empty_environment(lock: str, empty: Path) -> None:
    install(empty, lock)
    shutil.rmtree(empty.parents[1])


def test_a_production_install_works_and_holds_no_demonstration(empty: Path, tmp_path: Path) -> None:
    install(empty, "production")
    source = tmp_path / "source"
    for path in files():
        if path.parts[0] != "tests":
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, source / path)
    done = run(empty, "-m", "pip", *INSTALL, "--no-build-isolation", str(source))
    assert done.returncode == 0, done.stderr
    assert run(empty, "-m", "pip", "check").returncode == 0
    refused = run(empty, "-c", USE, str(tmp_path / "home"))
    assert '"demo.not_installed"' in refused.stdout, refused.stderr
    assert refused.returncode == 2
    shutil.rmtree(empty.parents[1])


def test_no_target_of_the_makefile_needs_a_file_that_git_lacks(tmp_path: Path) -> None:
    for path in files():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    targets = re.findall(
        r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert {"demo", "test", "bench", "torture", "lock"} <= set(targets)
    for target in targets:
        done = subprocess.run(
            ["make", "-n", target], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"make {target}: {done.stderr}"
        for script in re.findall(r"^\s*(deploy/[\w-]+)", done.stdout, flags=re.MULTILINE):
            assert os.access(ROOT / script, os.X_OK), script
