"""A home on a read-only disk, such as a mounted backup, can be read; what would write says plainly
that it cannot.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.home import chart, json_lines, kho
from tests.waiting import PATIENCE

RUN = (
    "mount --bind -o ro {home} {home} && mount -o remount,bind,ro {home} && exec {python} -P -c "
    '{main} "$@"'
)
MAIN = "'from api.cli.main import main; main()'"


def read_only(home: Path, *arguments: str | Path) -> Any:
    """Run `kho` on `home`, mounted read-only for this one process."""
    script = RUN.format(home=home, python=sys.executable, main=MAIN)
    return subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", *map(str, arguments)],
        env={**os.environ, "KHO_HOME": str(home)},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )


@pytest.fixture(scope="module")
def archived(
    home_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """A home with one chart, and its receipt; skips where this machine mounts nothing for us."""
    folder = Path(shutil.copytree(home_template, tmp_path_factory.mktemp("read-only") / "home"))
    source = folder.parent / "chart.json"
    source.write_text(json.dumps(chart()))
    (receipt,) = json_lines(kho(folder, "ingest", "--json", source, check=True).stdout)
    try:
        if read_only(folder, "--version").returncode:
            pytest.skip("no mount namespaces here")
    except FileNotFoundError:
        pytest.skip("no unshare(1) here")
    return folder, receipt


def test_it_is_checked_found_shown_and_fetched(
    archived: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, receipt = archived
    assert read_only(folder, "check", "--read-data", "--json").returncode == 0
    assert json_lines(read_only(folder, "show", "--json", receipt["document_id"]).stdout)[0]["lock"]
    fetched = read_only(folder, "get", "--json", receipt["document_id"], "-o", tmp_path / "o.pdf")
    assert json_lines(fetched.stdout)[0]["sha256"] == receipt["sha256"]


@pytest.mark.parametrize("command", ["deposit", "ingest", "find", "rebuild", "dump"])
def test_what_writes_says_that_it_cannot(
    archived: tuple[Path, dict[str, Any]], command: str
) -> None:
    folder, receipt = archived
    arguments = {
        "deposit": [receipt["chart_id"]],
        "ingest": [folder.parent / "chart.json"],
        "find": ["gia dinh"],
    }
    done = read_only(folder, command, "--json", *arguments.get(command, []))
    assert done.returncode == 11
    assert json_lines(done.stdout)[-1]["error"]["code"] == "component.unavailable"
    assert "Traceback" not in done.stderr
