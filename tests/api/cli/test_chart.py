"""`kho chart`: what a chart lacks, and its export, by commands."""

import json
from pathlib import Path

from api.home import Home
from tests.fixtures.home import chart, json_lines, kho, take


def test_a_chart_is_checked_and_exported_by_commands(home_folder: Path, tmp_path: Path) -> None:
    with Home.open(home_folder) as home:
        (result,) = take(home, chart(1))
        chart_id, document_id = result.receipts[0].chart_id, result.receipts[0].document_id
    checked = kho(home_folder, "chart", "check", "LK000001", "--json")
    assert checked.returncode == 1
    (said,) = json_lines(checked.stdout)
    assert (said["chart_id"], said["complete"]) == (chart_id, False)
    assert [each["id"] for each in said["missing"]] == ["record_inpatient", "discharge"]
    assert [(each["document_id"], each["path"]) for each in said["unsigned"]] == [
        (document_id, "/data/bac_si_ky")
    ]
    wanted = ("chart", "export", chart_id, "--format", "hosobenhan-xml", "--json")
    exported = kho(home_folder, *wanted, "-o", tmp_path / "out", check=True)
    (report,) = json_lines(exported.stdout)
    (paper,) = report["papers"]
    assert paper["file"] == f"documents/001-36-BV2-{document_id}.pdf"
    assert (tmp_path / "out" / paper["file"]).read_bytes().startswith(b"%PDF")
    data = (tmp_path / "out" / "hosobenhan.xml").read_bytes()
    assert "<hoten>Trần Văn Giả Định</hoten>" in data.decode()
    assert json.loads((tmp_path / "out" / "bao-cao.json").read_text()) == report
    assert "Giả Định" not in exported.stdout + exported.stderr
    kho(home_folder, *wanted, "-o", tmp_path / "alone.xml", check=True)
    assert (tmp_path / "alone.xml").read_bytes() == data
    assert kho(home_folder, "chart", "check", "LK9", "--json").returncode == 4
