"""A table on a sheet: what it prints by itself, and boxes in place of a code."""

from typing import Any

from ingest.forms.field import Field
from ingest.render.table_rows import GROUP, Row, grouped
from tests.ingest.render.one_table import TITLE, drawn


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    name = {"name": "thuoc", "label": TITLE, "type": "code", "options": {"p": "Pen", "a": "Amp"}}
    grade = {"name": "do", "label": TITLE, "type": "code", "options": {"S": "S", "R": "R"}}
    limit = {"name": "nguong", "label": TITLE, "type": "line"}
    look = {"every": "thuoc", "undashed": True, "ticked": "do", "given": {"nguong": {"p": "≤ 2"}}}
    return drawn([name, limit, grade], look, rows)


def test_a_table_prints_a_row_for_each_code_and_what_the_sheet_says_by_itself() -> None:
    assert table([])["cells"] == [["Pen", "≤ 2", False, False], ["Amp", "", False, False]]
    own = table([{"thuoc": "p", "nguong": "≤ 1"}])
    assert own["cells"][0] == ["Pen", "≤ 1", False, False]


def test_rows_of_one_group_are_below_its_words() -> None:
    drug = {"name": "thuoc", "label": TITLE, "type": "line"}
    kind = {"name": "nhom", "label": TITLE, "type": "code", "options": {"x": "Máu", "t": "Thuốc"}}
    rows = [{"thuoc": "A", "nhom": "t"}, {"thuoc": "B", "nhom": "x"}, {"thuoc": "C"}]
    look = {"grouped": "nhom", "counted": True}
    shown = drawn([drug, kind], look, rows)
    assert shown["cells"] == [["1", "C"], ["Máu"], ["2", "B"], ["Thuốc"], ["3", "A"]]
    blank = drawn([drug, kind], look, [], blank=True)
    assert blank["cells"] == [["Máu"], ["", ""], ["Thuốc"], ["", ""]]


def test_a_ticked_column_has_a_box_for_each_code() -> None:
    drawn = table([{"thuoc": "a", "do": "R"}])
    assert [words for words, _ in drawn["heads"]][2:] == ["S", "R"]
    assert drawn["cells"][1] == ["Amp", "", False, True]


def test_the_sum_of_a_group_is_below_it_and_the_grand_total_at_the_end() -> None:
    name, kind, price = (
        Field.model_validate({"name": name, "label": TITLE, **rest})
        for name, rest in {
            "ten": {"type": "line"},
            "nhom": {"type": "code", "list": "nhom"},
            "gia": {"type": "number"},
        }.items()
    )
    lists = {"nhom": {"x": "Máu", "t": "Thuốc"}}
    sums: list[Row] = [{"gia": 9}, {"nhom": "t", "gia": 5}]
    rows: list[Row] = [{"ten": "A", "nhom": "t", "gia": 5}]
    columns, shown = grouped((name, kind, price), "nhom", rows, sums, lists)
    assert columns == (name, price)
    assert [(row.get(GROUP) or row["ten"], row.get("gia")) for row in shown] == [
        ("Thuốc", None),
        ("A", 5),
        ("Cộng", 5),
        ("Tổng cộng", 9),
    ]
