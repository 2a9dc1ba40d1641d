"""Lists that a facility imports: read back exactly, asked on a day, and looked up."""

import json
from datetime import date
from pathlib import Path

import pytest

from api.writing.code_table import read_table
from archive.base.errors import Misconfigured, SubmissionRejected
from ingest.codes.imported import Imported, write_import
from ingest.codes.shelf import CodeLists, Hit
from ingest.forms.catalog import FormCatalog
from ingest.sources.detect import parse_source
from tests.ingest.forms.test_validation import CHART
from tests.ingest.render.papers import CATALOG, minimal

OLD, NEW = date(2020, 10, 28), date(2026, 7, 1)
TABLE = (
    "STT;MÃ BỆNH;TÊN BỆNH\r\n1;J18.9;Viêm phổi, tác nhân không đặc hiệu\r\n"
    '2;J18.0;"Viêm phế quản phổi,\n không đặc hiệu"\r\n\r\n3;A17.0†;Viêm màng não do lao\r\n'
)


@pytest.fixture
def lists(tmp_path: Path) -> CodeLists:
    old = read_table(b"\xef\xbb\xbf" + TABLE.encode(), "icd10")
    write_import(tmp_path, Imported("icd10", OLD, "QĐ 4469/QĐ-BYT", old))
    new = {**old, "J18.91": "Viêm phổi nặng"}
    write_import(tmp_path, Imported("icd10", NEW, "TT 06/2026/TT-BYT", new))
    return CodeLists.load(tmp_path)


def test_a_table_is_read_kept_and_asked_on_a_day(lists: CodeLists) -> None:
    old, new = lists.on("icd10", date(2026, 6, 30)), lists.on("icd10", NEW)
    assert old is not None
    assert new is not None
    assert list(old.listing.words) == ["J18.9", "J18.0", "A17.0"]
    assert old.listing.words["J18.0"] == "Viêm phế quản phổi, không đặc hiệu"
    assert (old.unknown("J18.91"), new.unknown("J18.91; j189")) == (True, False)
    assert lists.on("icd10", date(2019, 1, 1)) is None  # no list that is known: no code is wrong
    assert lists.on("xa", NEW) is None


@pytest.mark.parametrize("source", ["QĐ 1\nQĐ 2", "Q" * 501])
def test_a_list_that_would_be_left_out_is_not_written(tmp_path: Path, source: str) -> None:
    with pytest.raises(Misconfigured):
        write_import(tmp_path, Imported("icd10", OLD, source, {"I10": "Tăng huyết áp"}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("viem phoi", ["J18.91", "J18.9", "J18.0"]),  # the words in any order, the shortest first
        ("phổi nặng", ["J18.91"]),
        ("j18", ["J18.91", "J18.0", "J18.9"]),
        ("A17.0", ["A17.0"]),
        ("ung thư", []),
        (" ;. ", []),
    ],
)
def test_a_code_is_found_by_its_beginning_or_its_words(
    lists: CodeLists, typed: str, codes: list[str]
) -> None:
    shelf = lists.on("icd10", NEW)
    assert shelf is not None
    assert sorted(hit.code for hit in shelf.search(typed)) == sorted(codes)
    assert all(isinstance(hit, Hit) for hit in shelf.search(typed))


@pytest.mark.parametrize(
    ("table", "faults"),
    [
        ("", {("/1", "codes.columns")}),
        ("ma;ten\n", {("/1", "codes.empty")}),
        ("ten;x\nA;B\n", {("/1", "codes.columns")}),
        ("ma;ten\nJ18;Một\nJ19;Hai\nJ18;Ba\n", {("/4", "codes.twice")}),
        ("ma;ten\nJ18;\nJ 1;C\n", {("/2", "codes.words"), ("/3", "codes.code")}),
        ("ma;ten\n18;Một\n", {("/2", "codes.shape")}),
        ('ma;ten\nJ18;"Một\n', {("/2", "codes.malformed")}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_named_with_its_row(
    table: str, faults: set[tuple[str, str]]
) -> None:
    with pytest.raises(SubmissionRejected) as refused:
        read_table(table.encode(), "icd10")
    assert {(fault.path, fault.code) for fault in refused.value.faults} == faults


@pytest.mark.parametrize(
    "data", [b"\xff\xfem\x00", "ma;ten\nJ18;Ph\u1ed1i".encode("utf-16"), b"ma;ten\nJ18;\xe9\n"]
)
def test_another_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(SubmissionRejected) as refused:
        read_table(data, "icd10")
    assert [fault.code for fault in refused.value.faults] == ["text.encoding"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format":"kho-codes/1","list":"xa","from":"2026-07-01","source":"x","codes":{"A00":"x"}}',
        '{"format":"kho-codes/1","list":"icd10","from":"2026-07-01","source":"x","codes":{}}',
        '{"format":"kho-codes/1","list":"icd10","from":"2026-07-01","source":"x","codes":{"A":1}}',
        '{"format":"kho-codes/1","list":"icd10","from":"2026-07-01","source":"x",'
        '"codes":{"A00":"x","A00":"y"}}',
        '{"format":"kho-codes/1","list":"icd10","from":"2026-07-01","codes":{"A00":"x"}}',
        '{"codes":' * 100_000,
    ],
)
def test_a_file_that_is_no_list_is_named_and_stops_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "icd10-2026-07-01.json").write_text(text)
    write_import(tmp_path, Imported("xa", NEW, "QĐ 19/2025/QĐ-TTg", {"00004": "Phường Ba Đình"}))
    lists = CodeLists.load(tmp_path)
    assert lists.broken == ("icd10-2026-07-01.json",)
    assert lists.on("xa", NEW) is not None


def test_a_code_that_no_list_has_is_archived_with_a_notice(lists: CodeLists) -> None:
    catalog = FormCatalog(CATALOG.forms, codes=lists)
    data = {**minimal(CATALOG.get("02/BV1")), "cd_kkb_ma": "Z99.9", "dan_toc_ma": "55"}
    papers = [{"form": "02/BV1", "key": "1", "data": {**data, "cd_vao_khoa_ma": "j189"}}]
    facts = {**CHART["chart"], "diagnoses": [{"icd10": "J18.9"}, {"icd10": "Z99.9"}]}
    record = json.dumps({**CHART, "chart": facts, "papers": papers}).encode()
    (parsed,) = parse_source("a.json", record, catalog.in_force(NEW), CHART["facility"])
    notices = {each.fault.path: each.fault for each in parsed.notices}  # type: ignore[union-attr]
    assert set(notices) == {
        "/chart/diagnoses/1/icd10",
        "/papers/0/data/cd_kkb_ma",
        "/papers/0/data/dan_toc_ma",
    }
    assert notices["/papers/0/data/dan_toc_ma"].code == "code.unlisted"
    assert "QĐ 121-TCTK/PPCĐ" in notices["/papers/0/data/dan_toc_ma"].message.vi
