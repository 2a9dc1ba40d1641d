"""A full disk: the command says so and stops, nothing acknowledged is lost, and with room it goes
on.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.home import chart, json_lines, paper
from tests.waiting import PATIENCE

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
KHO = f"{sys.executable} -P -c 'from api.cli.main import main; main()'"
SCRIPT = f"""
set -u
mount -t tmpfs -o size=$SIZE none "$ROOT"
cp -r "$TEMPLATE" "$ROOT/home"
{KHO} ingest --json --home "$ROOT/home" "$SOURCES" \\
  > "$OUT/first" 2> "$OUT/said"; echo $? > "$OUT/first.code"
mount -o remount,size=64m "$ROOT"
{KHO} check --read-data --json --home "$ROOT/home" \\
  > "$OUT/check" 2>> "$OUT/said"; echo $? > "$OUT/check.code"
{KHO} ingest --json --home "$ROOT/home" "$SOURCES" \\
  > "$OUT/again" 2>> "$OUT/said"; echo $? > "$OUT/again.code"
{KHO} check --read-data --json --home "$ROOT/home" \\
  > "$OUT/check2" 2>> "$OUT/said"; echo $? > "$OUT/check2.code"
"""


ROOMS = ("1900k", "2300k", "2500k")


@pytest.mark.parametrize(
    "room", ["2100k", *(pytest.param(room, marks=pytest.mark.torture) for room in ROOMS)]
)
def test_a_full_disk_loses_nothing(home_template: Path, tmp_path: Path, room: str) -> None:
    if subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("no mount namespace here (unshare --user --mount)")
    root, out, sources = tmp_path / "root", tmp_path / "out", tmp_path / "sources"
    for folder in (root, out, sources):
        folder.mkdir()
    for number in range(1, 21):
        (sources / f"{number:03}.json").write_text(
            json.dumps(chart(number, papers=[paper("1"), paper("2")]))
        )
    env = {
        "ROOT": str(root),
        "OUT": str(out),
        "SOURCES": str(sources),
        "TEMPLATE": str(home_template),
        "SIZE": room,
    }
    subprocess.run(
        [*NAMESPACE, "sh", "-c", SCRIPT],
        env={**env, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        check=True,
        timeout=PATIENCE,
    )

    def answer(name: str) -> tuple[int, list[dict[str, Any]]]:
        return int((out / f"{name}.code").read_text()), json_lines((out / name).read_text())

    said = (out / "said").read_text()
    assert "Traceback" not in said, said
    code, first = answer("first")
    assert code == 11
    assert set(first.pop()) == {"error"}
    code, (check,) = answer("check")
    assert code == 0, check
    code, again = answer("again")
    assert code == 0
    assert len(again) == 40
    assert all(receipt in again for receipt in first)
    code, (check,) = answer("check2")
    assert code == 0
    assert check["faults"] == []
