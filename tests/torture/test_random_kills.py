"""Twenty-five kills of the whole process group at random moments, while charts come in."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.home import chart, json_lines, kho, paper
from tests.torture.test_crash_points import assert_rebuilds_to_the_same, assert_sound

KILLS = 25
LONGEST = 2.5  # seconds until the kill; long enough that some charts get through


@pytest.mark.torture
def test_acknowledged_charts_survive_random_kills(home_folder: Path, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    sources = tmp_path / "sources"
    sources.mkdir()
    for number in range(1, 31):
        text = json.dumps(chart(number, papers=[paper("1"), paper("2")]))
        (sources / f"{number:03}.json").write_text(text)
    acknowledged: dict[str, dict[str, Any]] = {}
    for _ in range(KILLS):
        for receipt in killed_after(chance.uniform(0.5, LONGEST), home_folder, sources):
            known = acknowledged.setdefault(receipt["document_id"], receipt)
            assert known == receipt
        assert_sound(home_folder, list(acknowledged.values()))
    receipts = json_lines(kho(home_folder, "ingest", "--json", sources, check=True).stdout)
    assert len(receipts) == 60
    assert len({receipt["document_id"] for receipt in receipts}) == 60
    for receipt in receipts:
        assert acknowledged.get(receipt["document_id"], receipt) == receipt
    assert set(acknowledged) <= {receipt["document_id"] for receipt in receipts}
    assert_sound(home_folder, receipts)
    assert_rebuilds_to_the_same(home_folder)


def killed_after(seconds: float, folder: Path, sources: Path) -> list[dict[str, Any]]:
    """Run `kho ingest` in a process group of its own, kill the group, and return what it had
    acknowledged.
    """
    command = [
        sys.executable,
        "-P",
        "-c",
        "from api.cli.main import main; main()",
        "ingest",
        "--json",
        str(sources),
    ]
    process = subprocess.Popen(
        command, env={**os.environ, "KHO_HOME": str(folder)}, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    out, _ = process.communicate()
    whole = out.decode()[: out.decode().rfind("\n") + 1]
    return json_lines(whole)
