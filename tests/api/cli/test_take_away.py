"""`kho set` and `kho take-away`: papers are collected and taken away by commands."""

import zipfile
from pathlib import Path

from api.home import Home
from tests.fixtures.home import chart, json_lines, kho, take


def test_a_set_is_collected_and_taken_away_by_commands(home_folder: Path, tmp_path: Path) -> None:
    with Home.open(home_folder) as home:
        (result,) = take(home, chart(1))
        chart_id, document_id = result.receipts[0].chart_id, result.receipts[0].document_id
    empty = kho(home_folder, "take-away", "-o", tmp_path / "none.zip", "--json")
    assert empty.returncode == 9
    assert json_lines(empty.stdout)[0]["error"]["code"] == "set.empty"
    assert not (tmp_path / "none.zip").exists()
    added = kho(home_folder, "set", "add", chart_id, "--json", check=True)
    assert json_lines(added.stdout) == [{"new": 1, "known": 0, "total": 1}]
    listed = kho(home_folder, "set", "list", "--json", check=True)
    assert [line["document_id"] for line in json_lines(listed.stdout)] == [document_id]
    taken = kho(home_folder, "take-away", "-o", tmp_path / "set.zip", "--json", check=True)
    size = (tmp_path / "set.zip").stat().st_size
    assert json_lines(taken.stdout) == [{"papers": 1, "bytes": size}]
    with zipfile.ZipFile(tmp_path / "set.zip") as file:
        assert file.testzip() is None
    cleared = kho(home_folder, "set", "clear", "--json", check=True)
    assert json_lines(cleared.stdout) == [{"total": 0}]
