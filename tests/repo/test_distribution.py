"""The wheel installs only our packages: generic names such as `search` must not be another
project's.
"""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.repo.tree import ROOT, files, packages, pyproject

# Each lock, and the extras that it holds.
LOCKS = {
    "production": ["ocr"],
    "demo": ["demo"],
    "test": ["demo", "test"],
    "bench": ["demo", "test", "bench"],
}


def test_every_top_level_name_resolves_inside_our_distribution() -> None:
    program = (
        "import importlib.util as u, json, sys; print(json.dumps({n: u.find_spec(n).origin for n "
        "in sys.argv[1:]}))"
    )
    # -P and a neutral folder: the result must not come from the working directory.
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, *packages()],
        cwd="/",
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(done.stdout) == {
        name: str(ROOT / name / "__init__.py") for name in packages()
    }


def test_no_other_distribution_claims_our_top_level_names() -> None:
    others = {name: set(packages_distributions().get(name, [])) - {"kho"} for name in packages()}
    assert not any(others.values()), others


def test_the_wheel_holds_the_packages_and_nothing_else(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(tmp_path),
    ]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        shipped = {Path(name) for name in opened.namelist() if ".dist-info/" not in name}
    kept_back = pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"]
    assert kept_back == ["ingest/samples", "signing/testpki"]
    ours = {path for path in files() if path.parts[0] in packages()}
    assert shipped == {
        path for path in ours if not any(path.is_relative_to(folder) for folder in kept_back)
    }


@pytest.mark.parametrize(("lock", "extras"), LOCKS.items())
def test_a_lock_holds_every_dependency_with_hashes_and_no_address(
    lock: str, extras: list[str]
) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="ascii")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host", text)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    locked = {normal(entry) for entry in entries}
    project = pyproject()["project"]
    wanted = [*project["dependencies"], *pyproject()["build-system"]["requires"]]
    wanted += [name for extra in extras for name in project["optional-dependencies"][extra]]
    assert {normal(name) for name in wanted} <= locked, "run `make lock`"


def test_what_is_locked_for_the_build_is_what_the_build_asks_for() -> None:
    lines = (ROOT / "requirements" / "build.in").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == pyproject()["build-system"][
        "requires"
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_two_locks_differ_in_a_version(lock: str) -> None:
    whole = pinned(ROOT / "requirements" / "bench.lock")
    assert pinned(ROOT / "requirements" / f"{lock}.lock").items() <= whole.items()


def test_a_production_lock_has_no_test_pki() -> None:
    assert not {"certomancer", "pytest"} & set(pinned(ROOT / "requirements" / "production.lock"))


def test_ci_runs_what_people_run() -> None:
    commands = [
        line for line in (ROOT / ".ci" / "run").read_text().splitlines() if not line.startswith("#")
    ]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]


def test_every_file_that_is_toml_can_be_read() -> None:
    for path in files():
        if path.suffix == ".toml":
            tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def normal(requirement: str) -> str:
    """Return the name in a requirement as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]).lower()


def pinned(lock: Path) -> dict[str, str]:
    """Return the versions that a lock file pins, by name."""
    return dict(
        re.findall(
            r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", lock.read_text(), flags=re.MULTILINE
        )
    )
