"""A kill around each effect of accession, with the catalogue on PostgreSQL: the session ends with
its process.
"""

import json
from pathlib import Path

import pytest

from tests.fixtures.home import chart, json_lines, kho, paper
from tests.torture.test_crash_points import ACT, SIGKILLED, assert_sound, ingest


@pytest.mark.parametrize("point", ["intent.settled", "paper.put", *ACT])
def test_a_kill_during_accession_loses_nothing(
    postgres_home_folder: Path, tmp_path: Path, point: str
) -> None:
    source = tmp_path / "chart.json"
    source.write_text(json.dumps(chart(papers=[paper("1"), paper("2")])))
    killed = kho(postgres_home_folder, "ingest", "--json", source, env={"KHO_CRASH_AT": point})
    assert killed.returncode == SIGKILLED
    assert json_lines(killed.stdout) == []
    receipts = ingest(postgres_home_folder, source)  # at once: the dead holder's leases are free
    assert len(receipts) == 2
    assert ingest(postgres_home_folder, source) == receipts
    assert_sound(postgres_home_folder, receipts)
