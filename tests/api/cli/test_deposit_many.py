"""`kho deposit A B C`: a line for each chart, and the exit code of the first that was refused."""

import json
from pathlib import Path

from tests.fixtures.home import chart, json_lines, kho


def test_several_charts_have_a_line_each(home_folder: Path, tmp_path: Path) -> None:
    going_on = {**chart(2)["chart"], "discharged_at": None}
    for number, record in enumerate((chart(1), chart(2, chart=going_on), chart(3))):
        (tmp_path / f"{number}.json").write_text(json.dumps(record))
    sources = [tmp_path / f"{number}.json" for number in range(3)]
    receipts = json_lines(kho(home_folder, "ingest", "--json", *sources, check=True).stdout)
    ids = [receipt["chart_id"] for receipt in receipts]
    done = kho(home_folder, "deposit", "--json", *ids)
    lines = json_lines(done.stdout)
    assert done.returncode == 9
    assert [line["chart_id"] for line in lines] == ids
    refused = [line["error"]["code"] for line in lines if "error" in line]
    assert refused == ["chart.not_ready"]
    assert len({line["archive_number"] for line in lines if "error" not in line}) == 2
