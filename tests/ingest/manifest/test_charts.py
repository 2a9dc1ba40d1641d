"""Rows become charts: dates as people write them, one episode from several rows, every fault by row
and column.
"""

from datetime import date
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.base.clock import parse_iso
from archive.base.errors import SubmissionRejected
from archive.base.facts import ChartKind, Outcome, Sex
from ingest.manifest import values
from ingest.manifest.charts import Manifest, charts_of
from ingest.manifest.table import read_table
from tests.archive.marks import MARKS

HEAD = (
    "Tệp;Mẫu;Khóa;Ngày giấy;Mã LK;Họ tên;Ngày sinh;Giới tính;Thẻ BHYT;Hình thức;"
    "Ngày vào viện;Ngày ra viện;Kết quả;Mã bệnh"
)
Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")
FIRST = (
    "a.pdf;KHAC;k1;05/03/2020;LK1;Nguyễn Mẫu;1/2/1980;Nữ;GD1|GD2;nội trú;1/3/2020 "
    "08:30;10/03/2020;đỡ;J18.9"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The manifest's folder, with files."""
    place = tmp_path / "kho"
    (place / "thư mục").mkdir(parents=True)
    for name in ("a.pdf", "b.pdf", "thư mục/c.pdf"):
        (place / name).write_bytes(b"%PDF-")
    (tmp_path / "outside.pdf").write_bytes(b"%PDF-")
    (place / "link.pdf").symlink_to(tmp_path / "outside.pdf")
    (place / "inner.pdf").symlink_to(place / "a.pdf")
    return place


def read(folder: Path, *rows: str, head: str = HEAD) -> Manifest:
    table = read_table("\n".join([head, *rows, ""]).encode())
    return charts_of(table, folder, lambda form: form in ("KHAC", "36/BV2"))


def faults(folder: Path, *rows: str, head: str = HEAD) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in read(folder, *rows, head=head).faults]


def cell(column: str, value: str) -> str:
    """Return the first row with another value in a column."""
    cells = FIRST.split(";")
    cells[HEAD.split(";").index(column)] = value
    return ";".join(cells)


def test_a_row_says_all_of_a_chart(folder: Path) -> None:
    (chart,) = read(folder, FIRST).charts
    assert (chart.patient.name, chart.patient.birth_date, chart.patient.sex) == (
        "Nguyễn Mẫu",
        "1980-02-01",
        Sex.FEMALE,
    )
    assert chart.patient.insurance_cards == ("GD1", "GD2")
    assert (chart.chart.kind, chart.chart.outcome) == (ChartKind.INPATIENT, Outcome.IMPROVED)
    assert chart.chart.admitted_at == parse_iso("2020-03-01T08:30:00+07:00")
    assert chart.chart.discharged_at == parse_iso("2020-03-10T00:00:00+07:00")
    assert [(diagnosis.icd10, diagnosis.main) for diagnosis in chart.chart.diagnoses] == [
        ("J18.9", True)
    ]
    (paper,) = chart.papers
    assert (paper.file, paper.form, paper.key, paper.dated) == (
        "a.pdf",
        "KHAC",
        "k1",
        date(2020, 3, 5),
    )


def test_three_columns_are_enough(folder: Path) -> None:
    (chart,) = read(folder, "a.pdf;LK1;Nguyễn Mẫu", head="file;episode;name").charts
    assert chart.chart.kind is ChartKind.INPATIENT
    assert (chart.papers[0].form, chart.papers[0].key) == ("KHAC", "a.pdf")


def test_rows_of_one_episode_are_one_chart_and_empty_cells_take_the_others_value(
    folder: Path,
) -> None:
    (chart,) = read(folder, FIRST, "thư mục\\c.pdf;36/BV2;;;LK1;;;;;;;;;").charts
    assert chart.rows == (2, 3)
    assert [(paper.file, paper.form, paper.key) for paper in chart.papers] == [
        ("a.pdf", "KHAC", "k1"),
        ("thư mục/c.pdf", "36/BV2", "thu-muc-c.pdf"),
    ]


def test_rows_that_contradict_each_other_are_reported(folder: Path) -> None:
    other = cell("Họ tên", "Trần Khác").replace("a.pdf", "b.pdf").replace("k1", "k2")
    assert faults(folder, FIRST, other) == [("/3/Họ tên", "manifest.differs")]


def test_only_the_charts_without_a_fault_are_given(folder: Path) -> None:
    manifest = read(folder, FIRST, "b.pdf;;;99/99/2020;LK2;X;;;;;;;;")
    assert [chart.chart.episode for chart in manifest.charts] == ["LK1"]
    assert manifest.bad_charts == 1


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("Tệp", "", "manifest.required"),
        ("Tệp", "/etc/passwd", "manifest.file_path"),
        ("Tệp", "C:\\scan\\a.pdf", "manifest.file_path"),
        ("Tệp", "\\\\server\\a.pdf", "manifest.file_path"),
        ("Tệp", "../outside.pdf", "manifest.file_path"),
        ("Tệp", "thư mục/../../outside.pdf", "manifest.file_path"),
        ("Tệp", "nowhere.pdf", "manifest.file_missing"),
        ("Tệp", "x" * 300, "manifest.file_missing"),
        ("Tệp", "thư mục", "manifest.file_not_regular"),
        ("Tệp", "link.pdf", "manifest.file_outside"),
        ("Mẫu", "99/BV9", "manifest.form"),
        ("Khóa", "có dấu", "manifest.key"),
        ("Ngày giấy", "31/02/2020", "manifest.day"),
        ("Ngày giấy", "5.3.20", "manifest.day"),
        ("Mã LK", "", "manifest.required"),
        ("Mã LK", "x" * 101, "manifest.value"),
        ("Họ tên", "", "manifest.required"),
        ("Họ tên", "x" * 256, "manifest.value"),
        ("Ngày sinh", "13/2020", "manifest.day"),
        ("Giới tính", "gì đó", "manifest.code"),
        ("Hình thức", "ở nhà", "manifest.code"),
        ("Ngày vào viện", "01/03/2020 25:00", "manifest.moment"),
        ("Ngày ra viện", "28/02/2020", "manifest.dates_reversed"),
        ("Kết quả", "8", "manifest.code"),
        ("Mã bệnh", "viêm phổi", "manifest.value"),
    ],
)
def test_a_fault_names_its_row_and_column_and_never_the_value(
    folder: Path, column: str, value: str, code: str
) -> None:
    manifest = read(folder, cell(column, value))
    assert [(fault.path, fault.code) for fault in manifest.faults] == [(f"/2/{column}", code)]
    assert manifest.charts == ()
    for sentence in (manifest.faults[0].message.vi, manifest.faults[0].message.en):
        assert len(value) < 3 or value not in sentence


def test_a_file_or_a_paper_twice_is_reported_with_the_first_row(folder: Path) -> None:
    assert faults(folder, FIRST, FIRST.replace("k1", "k2")) == [
        ("/3/Tệp", "manifest.file_repeated")
    ]
    assert faults(folder, FIRST, FIRST.replace("a.pdf", "b.pdf")) == [
        ("/3/Khóa", "manifest.paper_repeated")
    ]


def test_no_link_is_followed_not_even_one_that_stays_inside(folder: Path) -> None:
    (folder / "linked").symlink_to(folder / "thư mục")
    for name in ("inner.pdf", "linked/c.pdf"):
        assert faults(folder, cell("Tệp", name)) == [("/2/Tệp", "manifest.file_outside")]


@pytest.mark.parametrize("wanted", ["NFC", "NFD"])
@pytest.mark.parametrize("there", [["NFC", "NFD"], ["NFD", "NFC"], ["NFC"], ["NFD"]])
def test_a_name_is_found_in_either_spelling_and_its_exact_one_comes_first(
    tmp_path: Path, wanted: Form, there: list[Form]
) -> None:
    for form in there:
        place = tmp_path / normalize(form, "khoa nội") / normalize(form, "quét.pdf")
        place.parent.mkdir()
        place.write_bytes(b"%PDF-")
    named = normalize(wanted, "khoa nội/quét.pdf")
    (chart,) = read(tmp_path, f"{named};LK1;Nguyễn Mẫu", head="file;episode;name").charts
    assert chart.papers[0].file == (named if wanted in there else normalize(there[0], named))


def test_several_spellings_and_none_of_them_exact_are_refused_with_each(tmp_path: Path) -> None:
    for form in FORMS:
        (tmp_path / normalize(form, "quét ệ.pdf")).write_bytes(b"%PDF-")
    mixed = normalize("NFC", "quét ") + normalize("NFD", "ệ.pdf")
    (fault,) = read(tmp_path, f"{mixed};LK1;Nguyễn Mẫu", head="file;episode;name").faults
    assert (fault.path, fault.code) == ("/2/file", "manifest.file_ambiguous")
    assert "que‹U+0301›t" in fault.message.vi


def test_two_spellings_of_one_file_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "quét.pdf").write_bytes(b"%PDF-")
    rows = [f"{normalize(form, 'quét.pdf')};LK1;Nguyễn Mẫu" for form in FORMS]
    assert faults(tmp_path, *rows, head="file;episode;name") == [
        ("/3/file", "manifest.file_repeated")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("1/2/1980", date(1980, 2, 1)),
        ("01.02.1980", date(1980, 2, 1)),
        ("01-02-1980", date(1980, 2, 1)),
        ("1980-02-01", date(1980, 2, 1)),
    ],
)
def test_a_day_is_read_day_first_or_as_iso(text: str, expected: date) -> None:
    assert values.day(text) == expected


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_back_from_both_ways_of_writing_it(day: date) -> None:
    assert values.day(day.strftime("%d/%m/") + f"{day.year:04}") == day
    assert values.day(day.isoformat()) == day
    assert values.partial_date(f"{day.month}/{day.year:04}") == day.isoformat()[:7]


@given(st.text(max_size=30))
def test_whatever_a_cell_holds_it_is_a_value_or_a_fault(text: str) -> None:
    for read_value in (values.day, values.partial_date, values.moment):
        try:
            read_value(text)
        except ValueError:
            continue
    assert not values.key_of(text) or values.is_key(values.key_of(text))


def test_marks_without_end_are_refused_and_end_no_table(folder: Path) -> None:
    marks = MARKS[50_000:150_000]
    assert faults(folder, cell("Họ tên", marks)) == [("/2/Họ tên", "manifest.value")]
    assert ("/2/Kết quả", "manifest.code") in faults(folder, cell("Kết quả", marks))
    with pytest.raises(SubmissionRejected):
        read(folder, FIRST, head=f"{HEAD};{marks}")
    assert values.is_key(values.key_of(f"{MARKS}.pdf"))


def test_an_episode_is_the_same_however_it_is_padded(folder: Path) -> None:
    other = FIRST.replace("a.pdf", "b.pdf").replace("k1", "k2").replace("LK1", "LK1\u200b\u00a0")
    (chart,) = read(folder, FIRST, other).charts
    assert (chart.chart.episode, chart.rows) == ("LK1", (2, 3))


def test_a_name_may_have_its_tone_mark_in_either_place(folder: Path) -> None:
    rows = [
        cell("Họ tên", "Phạm Thị Hoà"),
        cell("Họ tên", "Phạm Thị Hòa").replace("a.pdf;KHAC;k1", "b.pdf;KHAC;k2"),
    ]
    (chart,) = read(folder, *rows).charts
    assert chart.patient.name == "Phạm Thị Hoà"


@pytest.mark.parametrize("born", ["0000", "31/02/1980", "1850", "01/01/1899"])
def test_a_birth_that_cannot_be_is_refused(folder: Path, born: str) -> None:
    assert faults(folder, cell("Ngày sinh", born)) == [("/2/Ngày sinh", "manifest.day")]


def test_a_birth_after_the_admission_is_refused(folder: Path) -> None:
    assert faults(folder, cell("Ngày sinh", "01/04/2020")) == [
        ("/2/Ngày sinh", "manifest.birth_later")
    ]


def test_a_discharge_without_a_time_is_not_before_an_admission_of_its_day(folder: Path) -> None:
    (chart,) = read(folder, cell("Ngày ra viện", "1/3/2020")).charts
    assert chart.chart.discharged_at is not None
