"""A table that is turned: what was seen at one time is in a column, not in a row."""

from typing import Any

from ingest.forms.assembly import assembled
from ingest.forms.model import Form
from ingest.render.sheet_view import sheet

NO_GROUPS: dict[str, dict[str, Any]] = {}
TITLE = {"vi": "Theo dõi", "en": "Observations"}


def turned(rows: list[dict[str, Any]], *, blank: bool = False) -> dict[str, Any]:
    hour = {"name": "gio", "label": {"vi": "Giờ", "en": "Hour"}, "type": "line"}
    pulse = {"name": "mach", "label": {"vi": "Mạch", "en": "Pulse"}, "type": "number"}
    nurse = {"name": "ten", "label": {"vi": "Điều dưỡng", "en": "Nurse"}, "type": "line"}
    columns = [hour, {**pulse, "unit": "l/ph"}, nurse]
    field = {"name": "bang", "label": TITLE, "type": "table", "columns": columns}
    definition = {
        "code": "THU",
        "version": 1,
        "title": TITLE,
        "source": "Quy định thử",
        "valid": {"from": "2024-01-01", "to": None},
        "layout": "sheet",
        "layout_source": "official",
        "sections": [
            {"title": TITLE, "body": [{**field, "turned": 2, "bands": {"mach": "1. Dấu hiệu"}}]}
        ],
    }
    form = Form.model_validate(assembled(definition, NO_GROUPS.__getitem__))
    drawn: dict[str, Any] = sheet(form, {"bang": rows}, {}, blank=blank)[0]["blocks"][0]
    return drawn


def test_the_rows_are_side_by_side_below_their_first_column() -> None:
    drawn = turned([{"gio": "8", "mach": 90, "ten": "An"}, {"gio": "9"}])
    assert drawn["heads"] == [("Giờ", 1), ("8", 1), ("9", 1)]
    assert drawn["cells"] == [["1. Dấu hiệu"], ["Mạch (l/ph)", "90", ""], ["Điều dưỡng", "An", ""]]


def test_more_rows_than_fit_side_by_side_have_a_table_below() -> None:
    first, second = turned([{"gio": "8"}, {"gio": "9"}, {"gio": "10"}])["columns"][0]
    assert (first["label"], second["label"]) == ("Theo dõi", "")
    assert [words for words, _ in second["heads"]] == ["Giờ", "10"]


def test_a_blank_sheet_has_all_its_columns() -> None:
    assert [words for words, _ in turned([], blank=True)["heads"]] == ["Giờ", "", ""]
