"""The table of a manifest: as Excel and others write it;
what is wrong is named by row and column.
"""

import pytest

from archive.base.errors import SubmissionRejected
from ingest.manifest.columns import columns
from ingest.manifest.table import MOST_COLUMNS, Table, read_table

HEAD = "Tệp;Mã LK;Họ tên"


def table(text: str, encoding: str = "utf-8") -> Table:
    return read_table(text.encode(encoding))


def codes(text: str) -> list[tuple[str, str]]:
    """Return path and code of all that a table is refused for, as a whole or row by row."""
    try:
        return [(fault.path, fault.code) for fault in table(text).faults]
    except SubmissionRejected as refused:
        return [(fault.path, fault.code) for fault in refused.faults]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_way_in_which_excel_writes_csv_is_read(
    delimiter: str, encoding: str, end: str
) -> None:
    text = end.join([HEAD, 'a.pdf;LK1;"Nguyễn; Mẫu"', ""]).replace(";", delimiter)
    (row,) = table(text, encoding).rows
    assert row.number == 2
    assert row.cells == {"file": "a.pdf", "episode": "LK1", "name": f"Nguyễn{delimiter} Mẫu"}


def test_excels_own_hint_of_the_delimiter_is_followed_and_rows_keep_their_numbers() -> None:
    (row,) = table(f"sep=,\n{HEAD.replace(';', ',')}\na.pdf,LK1,X\n").rows
    assert (row.number, row.cells["name"]) == (3, "X")


@pytest.mark.parametrize(
    "header",
    [
        "TÊN TỆP;ma_lk;họ và tên",
        "file;episode;patient name",
        "Ten tep;Mã  LK;HO VA TEN",
        "#x;file;Episode;name",
    ],
)
def test_headers_are_known_in_both_languages_without_case_diacritics_and_spaces(
    header: str,
) -> None:
    cells = "a.pdf;LK1;X" if "#" not in header else "y;a.pdf;LK1;X"
    (row,) = table(f"{header}\n{cells}\n").rows
    assert row.cells == {"file": "a.pdf", "episode": "LK1", "name": "X"}


def test_a_cell_may_hold_lines_and_rows_are_counted_as_a_spreadsheet_does() -> None:
    rows = table(f'{HEAD}\na.pdf;LK1;"X\nY"\nb.pdf;LK2;Z\n').rows
    assert [(row.number, row.cells["name"]) for row in rows] == [(2, "X\nY"), (3, "Z")]


def test_empty_rows_and_rows_that_end_early_are_no_mistake() -> None:
    rows = table(f"{HEAD};Khoa\n;;;\na.pdf;LK1;X\n\n").rows
    assert [(row.number, row.cells["department"]) for row in rows] == [(3, "")]


def test_a_table_of_very_many_columns_is_refused_before_its_rows_are_filled_up_to_the_last() -> (
    None
):
    assert codes(f"{HEAD}{';' * MOST_COLUMNS}\na;b;c\n") == [("/1", "manifest.columns_many")]


@pytest.mark.parametrize("hint", ['sep="', "sep=a", "sep=\0", "sep=\u1ed9"])
def test_a_hint_of_the_delimiter_that_makes_no_sense_is_a_refusal(hint: str) -> None:
    assert codes(f"{hint}\n{HEAD}\na;b;c\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("/1", "manifest.column_missing")] * 3),
        (HEAD + "\n", [("/", "manifest.empty")]),
        ("Tệp;Họ tên\na;b\n", [("/1", "manifest.column_missing")]),
        (f"{HEAD};Ngày xuất viên\na;b;c;d\n", [("/1/Ngày xuất viên", "manifest.column_unknown")]),
        (f"{HEAD};file\na;b;c;d\n", [("/1/file", "manifest.column_repeated")]),
        (f"{HEAD}\na;b;c;d\n", [("/2", "manifest.cells")]),
        (f'{HEAD}\na;b;"c\n', [("/2", "manifest.malformed")]),
        (f"{HEAD}\na;b\x00;c\n", [("/", "text.nul")]),
    ],
)
def test_what_is_wrong_with_a_table_is_named(text: str, expected: list[tuple[str, str]]) -> None:
    assert codes(text) == expected


def test_another_encoding_is_refused_not_guessed() -> None:
    with pytest.raises(SubmissionRejected):
        read_table(f"{HEAD}\na.pdf;LK1;".encode() + b"\xd0\xfec\n")  # windows-1258
    with pytest.raises(SubmissionRejected):
        table(f"{HEAD}\na.pdf;LK1;Đức\n", "utf-16")


def test_no_header_names_two_columns_and_every_code_is_one_of_ours() -> None:
    from archive.base.facts import ChartKind, Outcome, Sex

    for column in columns().all:
        assert all(columns().named(header) is column for header in (column.field, *column.headers))
    assert {columns().named(header).field for header in ("Khoa", "KHOA")} == {"department"}  # type: ignore[union-attr]
    assert columns().named("Khóa").field == "key"  # type: ignore[union-attr]
    for field, enum in (("sex", Sex), ("kind", ChartKind), ("outcome", Outcome)):
        assert set(columns().codes[field].values()) == {member.value for member in enum}
