"""What a form asks for of both eyes: groups for one side, and rows of a grid for both."""

from typing import Any

import pytest
from pydantic import ValidationError

from ingest.forms.assembly import assembled
from ingest.forms.model import Form
from ingest.render.sheet_view import sheet

EYELID = {
    "name": "mi_mat",
    "label": {"vi": "1. Mi mắt:", "en": "Eyelids"},
    "type": "code",
    "options": ["Bình thường", "Bệnh lý"],
    "strong": True,
}
GROUPS = {"eye": {"blocks": [{"line": [EYELID]}]}}


def whole(*body: Any) -> dict[str, Any]:
    title = {"vi": "I", "en": "I"}
    return assembled({"sections": [{"title": title, "body": list(body)}]}, GROUPS.__getitem__)


def form(*body: Any) -> Form:
    return Form.model_validate(
        whole(*body)
        | {
            "code": "T",
            "version": 1,
            "title": {"vi": "T", "en": "T"},
            "source": "T",
            "valid": {"from": "2024-01-01"},
            "layout": "sheet",
            "layout_source": "official",
        }
    )


def test_a_group_for_one_side_has_its_names_and_one_code_list_for_both() -> None:
    definition = form({"include": "eye", "side": "mp"}, {"include": "eye", "side": "mt"})
    assert {field.name: field.label.vi for field in definition.fields} == {
        "mi_mat_mp": "Mi mắt (mắt phải)",
        "mi_mat_mt": "Mi mắt (mắt trái)",
    }
    assert definition.code_lists == {"mi_mat": {"1": "Bình thường", "2": "Bệnh lý"}}


def test_a_side_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="side mx"):
        whole({"include": "eye", "side": "mx"})


def test_a_field_is_a_row_with_its_label_and_a_place_for_each_side() -> None:
    place = {"name": "khac", "label": {"vi": "- Khác", "en": "Other"}, "type": "line"}
    definition = form({"heads": ["", "Mắt phải", "Mắt trái"], "grid": [EYELID, place]})
    assert [field.name for field in definition.fields] == [
        "mi_mat_mp",
        "mi_mat_mt",
        "khac_mp",
        "khac_mt",
    ]
    block = sheet(definition, {"mi_mat_mt": "2"}, {}, blank=False)[0]["blocks"][0]
    assert [row["joined"] for row in block["rows"]] == [False, True]
    label, right, left = block["rows"][0]["cells"]
    assert label[0]["items"][0]["text"] == "1. Mi mắt:"
    assert [on for _, on in right[0]["options"]] == [False, False]
    assert [on for _, on in left[0]["options"]] == [False, True]


def test_a_field_says_whether_its_row_is_joined() -> None:
    definition = form({"grid": [EYELID, {**EYELID, "name": "mi_duoi", "joined": True}]})
    (block,) = sheet(definition, {}, {}, blank=False)[0]["blocks"]
    assert [row["joined"] for row in block["rows"]] == [False, True]


def test_words_and_blocks_are_a_row_too() -> None:
    row = {"label": "Khác", "sides": [{"line": [EYELID]}, {"include": "eye", "change": {}}]}
    with pytest.raises(ValueError, match="occurs twice"):
        form({"grid": [row]})
    row["sides"] = ["…", {"include": "eye"}]
    assert [field.name for field in form({"grid": [row]}).fields] == ["mi_mat_mp", "mi_mat_mt"]


def test_rows_of_a_grid_have_equally_many_cells() -> None:
    with pytest.raises(ValidationError, match="as many cells"):
        form({"grid": [["a", "b"], ["c"]]})


def test_two_code_lists_do_not_share_a_name() -> None:
    other = EYELID | {"options": ["Có"], "list": "mi_mat", "name": "mi"}
    with pytest.raises(ValueError, match="two code lists have the name mi_mat"):
        whole(EYELID, other)


@pytest.mark.parametrize(
    ("value", "ticked"), [(True, [False, True]), (False, [True, False]), (None, [False, False])]
)
def test_true_and_false_may_each_have_a_box(value: bool | None, ticked: list[bool]) -> None:
    field = {"name": "lac", "label": {"vi": "Lác", "en": "Squint"}, "type": "boolean"}
    definition = form(field | {"either": {False: "Không", True: "Có"}})
    block = sheet(definition, {"lac": value}, {}, blank=False)[0]["blocks"][0]
    assert block["options"] == list(zip(["Không", "Có"], ticked, strict=True))


def test_blocks_without_a_label_are_a_row_of_two_cells() -> None:
    definition = form({"heads": ["Mắt phải", "Mắt trái"], "grid": [{"sides": ["…", EYELID]}]})
    assert [field.name for field in definition.fields] == ["mi_mat_mp", "mi_mat_mt"]
    block = sheet(definition, {"mi_mat_mt": "1"}, {}, blank=False)[0]["blocks"][0]
    (row,) = block["rows"]
    assert not row["joined"]
    assert [cell[0]["text"] for cell in row["cells"]] == ["…", "…"]
    assert [cell[1]["label"] for cell in row["cells"]] == ["1. Mi mắt:", "1. Mi mắt:"]


def test_a_drawing_in_a_row_has_a_table_of_marks_for_each_side() -> None:
    marks = {"name": "so_do", "label": {"vi": "Góc", "en": "Angle"}}
    row = {"label": "8. Góc", "sides": [{"figure": "chamber_angle", "marks": marks}]}
    assert {field.name: field.label.vi for field in form({"grid": [row]}).fields} == {
        "so_do_mp": "Góc (mắt phải)",
        "so_do_mt": "Góc (mắt trái)",
    }
