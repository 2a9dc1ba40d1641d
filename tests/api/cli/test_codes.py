"""`kho codes`: an imported list is found again; a table with faults imports nothing."""

from pathlib import Path

from tests.fixtures.home import json_lines, kho


def test_a_list_is_imported_shown_and_refused_by_its_rows(
    home_folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "xa.csv"
    table.write_text("Mã xã,Tên xã\n00004,Phường Ba Đình\n4,Phường Mẫu\n", "utf-8")
    refused = kho(home_folder, "codes", "import", "xa", table, "--json")
    assert refused.returncode == 3
    assert "✗ /3" in refused.stderr
    assert not (home_folder / "codes").exists()
    table.write_text("Mã xã,Tên xã\n00004,Phường Ba Đình\n", "utf-8")
    more = ("--from", "01/07/2025", "--json")
    (answer,) = json_lines(kho(home_folder, "codes", "import", "xa", table, *more).stdout)
    assert (answer["codes"], answer["from"]) == (1, "2025-07-01")
    assert answer["source"] == "QĐ 19/2025/QĐ-TTg"
    shown = kho(home_folder, "codes", "show", "xa", "--find", "ba dinh", "--json", check=True)
    assert json_lines(shown.stdout)[0]["codes"] == {"00004": "Phường Ba Đình"}
    (listed,) = json_lines(kho(home_folder, "codes", "list", "--json", check=True).stdout)
    known = {each["list"]: each for each in listed["lists"]}
    assert (known["xa"]["complete"], known["icd10"]["complete"]) == (True, False)
    assert known["tinh"]["codes"] == 34
    assert kho(home_folder, "codes", "import", "tinh", table).returncode == 2
    (home_folder / "codes" / "icd10.json").write_text("{}")
    (state,) = json_lines(kho(home_folder, "status", "--json").stdout)
    (forms,) = [each for each in state["components"] if each["name"] == "forms"]
    assert forms["state"] == "warning"
    assert "icd10.json" in forms["detail"]["vi"]
