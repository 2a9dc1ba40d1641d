"""A table that is turned: what was seen at one time is in a column, not in a row."""

from typing import Any

from tests.ingest.render.one_table import drawn


def turned(rows: list[dict[str, Any]], *, blank: bool = False) -> dict[str, Any]:
    hour = {"name": "gio", "label": {"vi": "Giờ", "en": "Hour"}, "type": "line"}
    pulse = {"name": "mach", "label": {"vi": "Mạch", "en": "Pulse"}, "type": "number"}
    nurse = {"name": "ten", "label": {"vi": "Điều dưỡng", "en": "Nurse"}, "type": "line"}
    look = {"turned": 2, "bands": {"mach": "1. Dấu hiệu"}}
    return drawn([hour, {**pulse, "unit": "l/ph"}, nurse], look, rows, blank=blank)


def test_the_rows_are_side_by_side_below_their_first_column() -> None:
    shown = turned([{"gio": "8", "mach": 90, "ten": "An"}, {"gio": "9"}])
    assert shown["heads"] == [("Giờ", 1), ("8", 1), ("9", 1)]
    assert shown["cells"] == [["1. Dấu hiệu"], ["Mạch (l/ph)", "90", ""], ["Điều dưỡng", "An", ""]]


def test_more_rows_than_fit_side_by_side_have_a_table_below() -> None:
    first, second = turned([{"gio": "8"}, {"gio": "9"}, {"gio": "10"}])["columns"][0]
    assert (first["label"], second["label"]) == ("Bảng thử", "")
    assert [words for words, _ in second["heads"]] == ["Giờ", "10"]


def test_a_blank_sheet_has_all_its_columns() -> None:
    assert [words for words, _ in turned([], blank=True)["heads"]] == ["Giờ", "", ""]


def test_rows_of_two_codes_are_side_by_side_each_below_its_words() -> None:
    eye = {"name": "mat", "label": {"vi": "Mắt", "en": "Eye"}, "options": ["P", "T"]}
    kind = {"name": "loai", "label": {"vi": "Loại", "en": "Kind"}, "options": ["cắt bè", "laser"]}
    columns = [{**column, "type": "code"} for column in (eye, kind)]
    look = {"turned": 2, "halves": "mat", "numbered": "Lần", "legends": ["loai"]}
    rows = [{"mat": "2", "loai": code} for code in ("1", "2", "1")] + [{"mat": "1", "loai": "2"}]
    first, second = drawn(columns, look, rows)["columns"][0]
    assert first["spans"] == [["", 1], ["P", 2], ["T", 2]]
    assert [words for words, _ in first["heads"]] == ["", "Lần 1", "Lần 2", "Lần 1", "Lần 2"]
    assert first["cells"][0] == ["Loại", "2", "", "1", "2"]
    assert first["cells"][1] == ["", {"text": "1. cắt bè 2. laser", "wide": 4}]
    assert [words for words, _ in second["heads"]] == ["", "Lần 3", "Lần 4", "Lần 3", "Lần 4"]
    assert second["cells"][0] == ["Loại", "", "", "1", ""]


def test_every_code_of_a_column_is_side_by_side() -> None:
    place = {"name": "noi", "label": {"vi": "Nơi", "en": "Place"}, "type": "code"}
    pulse = {"name": "mach", "label": {"vi": "Mạch", "en": "Pulse"}, "type": "number"}
    columns = [{**place, "options": ["Khoa", "Phòng mổ"]}, pulse]
    shown = drawn(columns, {"turned": 2, "every": "noi"}, [{"noi": "2", "mach": 80}])
    assert [words for words, _ in shown["heads"]] == ["Nơi", "Khoa", "Phòng mổ"]
    assert shown["cells"] == [["Mạch", "", "80"]]
