"""An envelope is read as it is met in the wild,
and a table's bytes stay those that were received.
"""

from xml.sax.saxutils import escape

import pytest

from ingest.sources.bhyt.parse import parse
from ingest.submission import RefusedSource, Submission
from tests.ingest.sources.charts import (
    FACILITY,
    accepted,
    b64,
    chart,
    envelope,
    file,
    good,
    hoso,
    refused,
    table,
    xml1,
)

BOM = b"\xef\xbb\xbf"
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\r\n'
COVER = table("XML1", xml1())

# How NOIDUNGFILE may hold a table, and which bytes then are the table's own.
WRITTEN = {
    "base64": (b64(COVER), COVER),
    "base64 in lines": (b64(COVER)[:40] + b"\r\n  " + b64(COVER)[40:], COVER),
    "base64 with a mark and a declaration": (
        b64(BOM + DECLARATION + COVER),
        BOM + DECLARATION + COVER,
    ),
    "base64 in CDATA": (b"<![CDATA[" + b64(COVER) + b"]]>", COVER),
    "a declaration of UTF-16 over UTF-8": (
        b64(b'<?xml version="1.0" encoding="utf-16"?>' + COVER),
        b'<?xml version="1.0" encoding="utf-16"?>' + COVER,
    ),
    "nested": (b"\n  " + COVER + b"\n  ", COVER),
    "nested with a comment and line ends": (COVER.replace(b"><", b">\r\n<!-- a -->\t<"),) * 2,
    "CDATA": (b"<![CDATA[" + DECLARATION + COVER + b"\r\n]]>", DECLARATION + COVER + b"\r\n"),
    "CDATA with a mark": (b"\n<![CDATA[" + BOM + COVER + b"]]>\n", BOM + COVER),
    "escaped": (escape(COVER.decode()).encode(), COVER),
}


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize("mark", [b"", BOM, DECLARATION, BOM + DECLARATION])
def test_a_table_is_read_in_every_way_it_is_written(way: str, mark: bytes) -> None:
    content, own = WRITTEN[way]
    submission = accepted(mark + envelope(hoso(file("XML1", content))))
    (paper,) = submission.papers
    assert paper.part is not None
    assert paper.part.data == own
    assert submission.patient.name == "Nguyễn Thị Mẫu Hòa"


def test_prefixes_do_not_hide_an_element() -> None:
    data = good().replace(b"<HOSO>", b"<x:HOSO>").replace(b"</HOSO>", b"</x:HOSO>")
    assert accepted(data).chart.episode == "LK1"


def test_files_outside_of_a_chart_are_one_chart() -> None:
    assert accepted(envelope(file("XML1", b64(COVER)))).source == "a.xml"


def test_a_wrong_count_and_missing_day_and_signature_are_no_faults() -> None:
    data = good().replace(b"<SOLUONGHOSO>1<", b"<SOLUONGHOSO>17<")
    data = data.replace(b"<NGAYLAP>20260116</NGAYLAP>", b"").replace(b"<CHUKYDONVI/>", b"")
    assert accepted(data)


def test_unused_tables_are_no_papers() -> None:
    empty = (
        file("XML2", b""),
        file("XML3", b64(table("XML3"))),
        file("XML7", b64(table("XML7", {"MA_LK": ""}))),
    )
    unfilled = file("XML8", b64(b"<CHI_TIEU_DU_LIEU_TOM_TAT_HO_SO_BENH_AN/>"))
    submission = accepted(envelope(hoso(file("XML1", b64(COVER)), *empty, unfilled, file("", b""))))
    assert [paper.form for paper in submission.papers] == ["XML1"]


def test_a_check_in_state_is_left_out() -> None:
    submission = accepted(
        envelope(hoso(file("XML0", b64(b"<CHI_TIEU_TRANG_THAI_KCB/>")), file("XML1", b64(COVER))))
    )
    assert [paper.form for paper in submission.papers] == ["XML1"]


def test_each_chart_is_accepted_or_refused_alone() -> None:
    charts = [
        hoso(file("XML1", b64(table("XML1", xml1(MA_LK=key, GIOI_TINH=sex)))))
        for key, sex in ("a1", "b9", "c2")
    ]
    first, second, third = parse("a.xml", envelope(*charts), FACILITY)
    assert isinstance(first, Submission)
    assert isinstance(third, Submission)
    assert isinstance(second, RefusedSource)
    assert [each.source for each in (first, second, third)] == ["a.xml#1", "a.xml#2", "a.xml#3"]
    assert [fault.path for fault in second.faults] == ["/HOSO[2]/XML1/GIOI_TINH"]


def test_every_fault_of_a_chart_is_named_at_once() -> None:
    refusals = refused(good(GIOI_TINH="", NGAY_VAO="x", MA_BN="1" * 200, MA_BENH_CHINH="?"))
    assert set(refusals) == {
        ("/HOSO[1]/XML1/GIOI_TINH", "field.required"),
        ("/HOSO[1]/XML1/NGAY_VAO", "date.invalid"),
        ("/HOSO[1]/XML1/MA_BN", "field.too_long"),
        ("/HOSO[1]/XML1/MA_BENH_CHINH", "icd10.invalid"),
    }


def test_another_root_is_no_envelope() -> None:
    assert refused(b"<GIAMDINH/>") == [("/", "envelope.root")]


def test_what_only_the_insurer_needs_is_not_asked_for() -> None:
    services = table("XML3", {"MA_LK": "LK1", "SO_LUONG": "không rõ"})
    assert len(accepted(chart(("XML1", COVER), ("XML3", services))).papers) == 2
