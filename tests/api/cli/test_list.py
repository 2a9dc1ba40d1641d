"""`kho list`: a line for each chart that matches, for programs and for people."""

import json
from pathlib import Path

from tests.fixtures.home import chart, json_lines, kho


def test_charts_are_listed_by_filters_a_line_each(home_folder: Path, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"{number}.json").write_text(json.dumps(chart(number)))
    kho(home_folder, "ingest", *sorted(tmp_path.glob("?.json")), check=True)
    every = json_lines(kho(home_folder, "list", "--json", check=True).stdout)
    assert {each["chart"]["episode"] for each in every} == {"LK000001", "LK000002", "LK000003"}
    assert every == sorted(every, key=lambda each: each["opened_at"], reverse=True)
    filters = ("--department", "K01", "--discharged-from", "20/01/2026", "--discharged-to", "2026")
    some = json_lines(
        kho(home_folder, "list", "--json", "--papers", "missing", *filters, check=True).stdout
    )
    assert some == [each for each in every if each["chart"]["department"] == "K01"]
    assert len(some) == 2
    done = kho(home_folder, "list", "--limit", "1", check=True)
    assert "20/01/2026" in done.stdout
    assert "1 hồ sơ." in done.stdout
    assert kho(home_folder, "list", "--received-from", "31/02/2026").returncode == 2
