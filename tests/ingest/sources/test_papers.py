"""A paper carries its own table, as received and as data, and nothing of the others."""

from archive.base.identifiers import sha256
from tests.ingest.sources.charts import accepted, b64, chart, envelope, file, hoso, table, xml1

COVER = table(
    "XML1", xml1(NGAY_TAI_KHAM="20260201;20260301", GT_THE_DEN="20261231", TRUONG_MOI="giá trị")
)
DRUGS = table(
    "XML2",
    {"MA_LK": "LK1", "STT": "1", "TEN_THUOC": "Amlodipin", "NGAY_YL": "202601100815", "CU": "x"},
)
HIV = table("XML6", {"MA_LK": "LK1", "NGAYKD_HIV": "20220101"})


def test_each_table_is_a_paper_with_its_own_bytes() -> None:
    submission = accepted(chart(("XML1", COVER), ("XML2", DRUGS), ("XML6", HIV)))
    parts = {paper.form: paper.part for paper in submission.papers}
    assert {form: part.data for form, part in parts.items() if part} == {
        "XML1": COVER,
        "XML2": DRUGS,
        "XML6": HIV,
    }
    assert [part.name for part in parts.values() if part] == ["XML1.xml", "XML2.xml", "XML6.xml"]
    assert {part.media_type for part in parts.values() if part} == {"application/xml"}


def test_the_data_has_iso_dates_and_the_text_as_received() -> None:
    cover, drugs = accepted(chart(("XML1", COVER), ("XML2", DRUGS))).papers
    assert cover.data["version"] == "QĐ 3176/QĐ-BYT"
    assert cover.data["MA_LK"] == "LK1"
    assert cover.data["NGAY_SINH"] == "1980-03-15"
    assert cover.data["NGAY_VAO"] == "2026-01-10T07:30:00+07:00"
    assert cover.data["NGAY_TAI_KHAM"] == "01/02/2026; 01/03/2026"
    assert cover.data["GT_THE_DEN"] == "2026-12-31"
    assert cover.data["MA_BENH_KT"] == "I10;E11.9"
    assert "PP_DIEU_TRI" not in cover.data
    row = {"STT": "1", "TEN_THUOC": "Amlodipin", "NGAY_YL": "2026-01-10T08:15:00+07:00"}
    assert drugs.data["rows"] == [row]


def test_fields_that_no_decision_knows_are_kept() -> None:
    cover, drugs = accepted(chart(("XML1", COVER), ("XML2", DRUGS))).papers
    assert cover.data["others"] == [{"row": "1", "name": "TRUONG_MOI", "value": "giá trị"}]
    assert drugs.data["others"] == [{"row": "1", "name": "CU", "value": "x"}]


def test_the_cover_has_the_digests_of_the_other_tables() -> None:
    cover, drugs = accepted(chart(("XML1", COVER), ("XML2", DRUGS))).papers
    assert cover.data["digests"] == [{"table": "XML2", "sha256": sha256(DRUGS)}]
    assert "digests" not in drugs.data


def test_no_other_paper_reveals_that_a_sensitive_table_exists() -> None:
    with_it = accepted(chart(("XML1", COVER), ("XML2", DRUGS), ("XML6", HIV)))
    without = accepted(chart(("XML1", COVER), ("XML2", DRUGS)))
    assert with_it.papers[:2] == without.papers


def test_twins_have_a_paper_each() -> None:
    first, two = (
        table("XML7", {"MA_LK": "LK1", "GHI_CHU": note}) for note in ("Con thứ nhất", "Con thứ hai")
    )
    files = [
        file(code, b64(data)) for code, data in (("XML1", COVER), ("XML7", first), ("XML7", two))
    ]
    papers = accepted(envelope(hoso(*files))).papers
    assert [(paper.form, paper.key) for paper in papers] == [
        ("XML1", "1"),
        ("XML7", "1"),
        ("XML7", "2"),
    ]
    assert [paper.part.name for paper in papers if paper.part] == [
        "XML1.xml",
        "XML7.xml",
        "XML7-2.xml",
    ]
    assert papers[2].data["GHI_CHU"] == "Con thứ hai"


def test_a_table_without_a_template_is_read_by_its_fields() -> None:
    assessment = table(
        "XML12",
        {"HO_TEN": "Nguyễn Thị Mẫu Hòa", "KET_QUA_KHAM": "Tỷ lệ 61 %", "NGAY_HOP": "20260120"},
    )
    paper = accepted(chart(("XML1", COVER), ("XML12", assessment))).papers[1]
    assert (paper.data["KET_QUA_KHAM"], paper.data["NGAY_HOP"]) == ("Tỷ lệ 61 %", "2026-01-20")
