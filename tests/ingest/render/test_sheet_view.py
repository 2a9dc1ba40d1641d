"""A table on a sheet: what it prints by itself, and boxes in place of a code."""

from typing import Any

from ingest.forms.assembly import assembled
from ingest.forms.model import Form
from ingest.render.sheet_view import sheet

NO_GROUPS: dict[str, Any] = {}
TITLE = {"vi": "Kháng sinh đồ", "en": "Sensitivity"}


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    name = {"name": "thuoc", "label": TITLE, "type": "code", "options": {"p": "Pen", "a": "Amp"}}
    grade = {"name": "do", "label": TITLE, "type": "code", "options": {"S": "S", "R": "R"}}
    limit = {"name": "nguong", "label": TITLE, "type": "line"}
    field = {"name": "bang", "label": TITLE, "type": "table", "columns": [name, limit, grade]}
    look = {"every": "thuoc", "undashed": True, "ticked": "do", "given": {"nguong": {"p": "≤ 2"}}}
    definition = {
        "code": "THU",
        "version": 1,
        "title": TITLE,
        "source": "Quy định thử",
        "valid": {"from": "2024-01-01", "to": None},
        "layout": "sheet",
        "layout_source": "official",
        "sections": [{"title": TITLE, "body": [{**field, **look}]}],
    }
    form = Form.model_validate(assembled(definition, NO_GROUPS.__getitem__))
    drawn: dict[str, Any] = sheet(form, {"bang": rows}, {}, blank=False)[0]["blocks"][0]
    return drawn


def test_a_table_prints_a_row_for_each_code_and_what_the_sheet_says_by_itself() -> None:
    assert table([])["cells"] == [["Pen", "≤ 2", False, False], ["Amp", "", False, False]]
    own = table([{"thuoc": "p", "nguong": "≤ 1"}])
    assert own["cells"][0] == ["Pen", "≤ 1", False, False]


def test_a_ticked_column_has_a_box_for_each_code() -> None:
    drawn = table([{"thuoc": "a", "do": "R"}])
    assert [words for words, _ in drawn["heads"]][2:] == ["S", "R"]
    assert drawn["cells"][1] == ["Amp", "", False, True]
