"""A JSON record is one submission, or refused with every fault at its JSON Pointer."""

import json
import unicodedata
from typing import Any

import pytest

from ingest.sources.json_record import parse
from ingest.submission import RefusedSource, Submission
from tests.archive.marks import MARKS
from tests.ingest.sources.charts import CATALOG, FACILITY, json_chart


def _parsed(document: Any, mark: bytes = b"") -> Submission | RefusedSource:
    data = mark + json.dumps(document, ensure_ascii=False).encode()
    (parsed,) = parse("a.json", data, CATALOG, FACILITY)
    return parsed


def test_a_record_is_a_submission() -> None:
    submission = _parsed(json_chart())
    assert isinstance(submission, Submission)
    assert (submission.source, submission.facility) == ("a.json", FACILITY)
    assert submission.patient.birth_date == "1980-03"
    assert submission.chart.episode == "LK1"
    (paper,) = submission.papers
    assert (paper.form, paper.key, paper.part) == ("16/BV2", "1", None)
    assert paper.data["ket_qua"] == [{"ten_chi_so": "CRP", "gia_tri": "96"}]


def test_a_byte_order_mark_is_tolerated() -> None:
    assert isinstance(_parsed(json_chart(), b"\xef\xbb\xbf"), Submission)


def test_text_is_nfc_whatever_was_sent() -> None:
    document = json.loads(
        unicodedata.normalize("NFD", json.dumps(json_chart(), ensure_ascii=False))
    )
    assert _parsed(document) == _parsed(json_chart())


def test_marks_without_end_are_refused_before_they_are_sorted() -> None:
    document = json_chart()
    document["patient"]["name"] = MARKS
    document["papers"][0]["data"][MARKS] = "x"
    refused = _parsed(document)
    assert isinstance(refused, RefusedSource)
    assert {(fault.path, fault.code) for fault in refused.faults} >= {
        ("/patient/name", "text.marks")
    }
    assert {fault.path for fault in refused.faults} == {"/patient/name", "/papers/0/data"}


@pytest.mark.parametrize(
    "episode", ["LK1 ", " LK1", "LK1\u00a0", "LK1\u200b", "\ufeffLK1", "L\u00adK1", "LK1\n"]
)
def test_ids_that_look_the_same_are_the_same(episode: str) -> None:
    document = json_chart()
    document["chart"]["episode"] = episode
    assert _parsed(document) == _parsed(json_chart())


def test_white_space_inside_a_name_is_one_space() -> None:
    document = json_chart()
    document["patient"]["name"] = "Nguyễn  Thị\u00a0Mẫu Hòa "
    assert _parsed(document) == _parsed(json_chart())


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Máu\nđỏ", "text.line"),
        ("\u200b", "text.line"),
        ("Máu \u202e", "text.line"),
        ("Máu\u0001", "text.character"),
    ],
)
def test_a_field_of_one_line_has_one_line_that_is_seen(value: str, code: str) -> None:
    document = json_chart()
    document["papers"][0]["data"]["loai_xet_nghiem"] = value
    refused = _parsed(document)
    assert isinstance(refused, RefusedSource)
    assert [(fault.path, fault.code) for fault in refused.faults] == [
        ("/papers/0/data/loai_xet_nghiem", code)
    ]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+07:00", "1899-12-31T10:00:00+07:00"])
def test_a_moment_in_a_paper_is_of_a_year_that_a_record_may_have(moment: str) -> None:
    document = json_chart()
    document["papers"][0]["data"]["tra_ket_qua_luc"] = moment
    assert isinstance(_parsed(document), RefusedSource)


@pytest.mark.parametrize(
    ("text", "code"), [("A" * 59_000, "text.word"), ("漢 " * 2_001, "text.unshown")]
)
def test_what_no_paper_can_show_is_refused_with_its_place(text: str, code: str) -> None:
    document = json_chart()
    document["papers"][0] = {
        "form": "01/BV1",
        "key": "1",
        "data": {"ly_do_vao_vien": "x", "qua_trinh_benh_ly": "x", "ho_hap": text},
    }
    refused = _parsed(document)
    assert isinstance(refused, RefusedSource)
    assert ("/papers/0/data/ho_hap", code) in [(fault.path, fault.code) for fault in refused.faults]


def test_names_that_are_the_same_in_nfc_are_one_name_twice() -> None:
    document = json_chart()
    document["patient"] |= {unicodedata.normalize(form, "tên"): "x" for form in ("NFC", "NFD")}
    refused = _parsed(document)
    assert isinstance(refused, RefusedSource)
    assert ("/patient", "json.repeated_key") in [
        (fault.path, fault.code) for fault in refused.faults
    ]


def test_faults_of_patient_chart_and_papers_are_named_together() -> None:
    document = json_chart(patient={"name": "Mẫu", "birth_date": "x"}, facility="99999")
    document["papers"][0]["key"] = "a/b"
    refused = _parsed(document)
    assert isinstance(refused, RefusedSource)
    assert {fault.path for fault in refused.faults} == {
        "/facility",
        "/patient/birth_date",
        "/papers/0/key",
    }


def test_faults_of_the_schema_are_named_by_pointer() -> None:
    document = json_chart()
    del document["papers"][0]["data"]["ket_qua"][0]["gia_tri"]
    document["patient"]["weight"] = 50
    refused = _parsed(document)
    assert isinstance(refused, RefusedSource)
    assert {fault.path for fault in refused.faults} == {
        "/papers/0/data/ket_qua/0/gia_tri",
        "/patient/weight",
    }


def test_a_rendition_of_insurance_data_is_not_taken_from_json() -> None:
    refused = _parsed(json_chart(papers=[{"form": "XML1", "key": "1", "data": {}}]))
    assert isinstance(refused, RefusedSource)
    assert [fault.path for fault in refused.faults] == ["/papers/0/form"]
