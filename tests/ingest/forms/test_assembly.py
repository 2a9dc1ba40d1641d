"""A short definition becomes a whole one: groups, numbers, code lists, places to sign."""

from typing import Any

import pytest

from ingest.forms.assembly import assembled, clean

NAME = {"name": "a", "label": {"vi": "#. Tên:", "en": "Name"}, "type": "line"}
GROUPS = {
    "who": {
        "code_lists": {"gioi": {"1": "Nam"}},
        "blocks": [
            {
                "line": [
                    {"name": "a", "label": {"vi": "#. Tên:", "en": "Name"}, "type": "line"},
                    "…",
                ]
            },
            {"name": "b", "label": {"vi": "#. Giới", "en": "Sex"}, "type": "code", "list": "gioi"},
        ],
    }
}


def whole(*body: Any) -> dict[str, Any]:
    title = {"vi": "I", "en": "I"}
    return assembled({"sections": [{"title": title, "body": list(body)}]}, GROUPS.__getitem__)


def fields(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for section in form["sections"] for field in section["fields"]}


def test_a_group_is_put_in_its_place_and_its_labels_are_numbered() -> None:
    form = whole("# Đầu", {"include": "who"})
    assert fields(form)["a"]["label"] == {"vi": "Tên", "en": "Name"}
    first, line, place = form["sections"][0]["body"]
    assert first == "1 Đầu"
    assert line["line"][0]["look"] == {"printed": "2. Tên:"}
    assert place == {"name": "b", "look": {"printed": "3. Giới"}}
    assert form["code_lists"] == {"gioi": {"1": "Nam"}}


def test_a_form_leaves_fields_of_a_group_out_and_changes_others() -> None:
    form = whole({"include": "who", "without": ["a"], "change": {"b": {"required": True}}})
    assert list(fields(form)) == ["b"]
    assert fields(form)["b"]["required"] is True
    assert form["sections"][0]["body"][1]["look"]["printed"] == "1. Giới"


def test_a_form_adds_blocks_behind_a_field_of_a_group_or_in_its_place() -> None:
    more = {"name": "c", "label": {"vi": "#. Tuổi:", "en": "Age"}, "type": "integer"}
    behind = whole({"include": "who", "add": {"a": [more]}})
    assert list(fields(behind)) == ["a", "c", "b"]
    assert [place["name"] for place in behind["sections"][0]["body"][0]["line"][:2]] == ["a", "c"]
    instead = whole({"include": "who", "without": ["b"], "add": {"b": [more, {"include": "who"}]}})
    assert list(fields(instead))[:2] == ["a", "c"]


def test_options_are_a_code_list_of_their_own() -> None:
    label = {"vi": "Đẻ:", "en": "Birth"}
    form = whole({"name": "de", "label": label, "type": "code", "options": ["Thường", "Mổ"]})
    assert form["code_lists"] == {"de": {"1": "Thường", "2": "Mổ"}}
    assert fields(form)["de"]["list"] == "de"


def test_a_text_with_a_code_has_a_field_for_it() -> None:
    label = {"vi": "+ Bệnh chính:", "en": "Main disease"}
    form = whole({"name": "benh", "label": label, "type": "line", "coded": 4})
    assert list(fields(form)) == ["benh", "benh_ma"]
    assert form["sections"][0]["body"][0]["look"]["code"] == "benh_ma"


def test_a_place_to_sign_declares_its_signer_and_its_day() -> None:
    role = {"vi": "Bác sỹ:", "en": "Physician"}
    form = whole({"date": "ngay", "sign": [{"name": "bac_si", "role": role}]})
    assert {name: field["type"] for name, field in fields(form).items()} == {
        "ngay": "date",
        "bac_si": "line",
    }
    assert form["signatures"] == [{"role": role, "name_field": "bac_si"}]


def test_a_form_changes_the_words_and_the_signers_of_a_group() -> None:
    signer = {"name": "bac_si", "role": {"vi": "Bác sỹ", "en": "Physician"}}
    groups = {"end": {"blocks": ["Ngày", {"sign": [{**signer, "note": "(Ký)"}]}]}}
    role = {"vi": "Thầy thuốc", "en": "Physician"}
    change = {"Ngày": {"text": "Giờ"}, "bac_si": {"role": role, "note": None}}
    title = {"vi": "I", "en": "I"}
    body = [{"include": "end", "change": change}]
    form = assembled({"sections": [{"title": title, "body": body}]}, groups.__getitem__)
    assert form["sections"][0]["body"][0] == {"text": "Giờ"}
    assert form["signatures"] == [{"role": role, "name_field": "bac_si"}]
    assert "notes" not in form["sections"][0]["body"][1]


def test_two_forms_include_a_table_with_options_of_its_own() -> None:
    label = {"vi": "Loại", "en": "Kind"}
    column = {"name": "loai", "label": label, "type": "code", "options": ["X"]}
    table = {"name": "t", "label": label, "type": "table", "columns": [column]}
    title = {"vi": "I", "en": "I"}
    for _ in range(2):
        form = assembled(
            {"sections": [{"title": title, "body": [{"include": "t"}]}]},
            {"t": {"blocks": [table]}}.__getitem__,
        )
        assert form["code_lists"] == {"t_loai": {"1": "X"}}


def test_who_signs_may_be_a_field_that_was_declared_above() -> None:
    label = {"vi": "Tôi tên là:", "en": "Name"}
    role = {"vi": "Người bệnh", "en": "Patient"}
    name = {"name": "nguoi_ky", "label": label, "type": "line", "max": 99}
    form = whole(name, {"sign": [{"name": "nguoi_ky", "role": role}]})
    assert [field["name"] for field in form["sections"][0]["fields"]] == ["nguoi_ky"]
    assert form["signatures"] == [{"role": role, "name_field": "nguoi_ky"}]


def test_a_signers_note_is_printed_below_the_role() -> None:
    director = {"name": "giam_doc", "role": {"vi": "Giám đốc", "en": "Director"}, "note": "(Ký)"}
    head = {"name": "truong_khoa", "role": {"vi": "Trưởng khoa", "en": "Head"}}
    form = whole({"sign": [director, head]})
    assert form["sections"][0]["body"][0]["notes"] == ["(Ký)", ""]
    assert "note" not in fields(form)["giam_doc"]


def test_a_drawing_declares_the_table_of_its_marks() -> None:
    label = {"vi": "Vùng bỏng", "en": "Burns"}
    form = whole({"figure": "burns", "marks": {"name": "vung", "label": label}})
    assert fields(form)["vung"]["type"] == "table"
    columns = [column["name"] for column in fields(form)["vung"]["columns"]]
    assert columns == ["x", "y", "ky_hieu", "mo_ta"]
    assert form["sections"][0]["body"] == [{"figure": "burns", "marks": "vung"}]


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("1. Toàn thân:", "Toàn thân"),
        ("+ Thận- Tiết niệu- Sinh dục:", "Thận- Tiết niệu- Sinh dục"),
        ("VI. Hướng điều trị:", "Hướng điều trị"),
        ("a) Ý thức", "Ý thức"),
        ("Mạch", "Mạch"),
        ("-", "-"),
    ],
)
def test_the_name_of_a_value_is_its_label_without_number_and_colon(printed: str, name: str) -> None:
    assert clean(printed) == name


def test_a_source_of_a_section_is_that_of_its_fields_and_of_their_columns() -> None:
    column = {"name": "c", "label": {"vi": "C", "en": "C"}, "type": "line"}
    table = {"name": "t", "label": {"vi": "T", "en": "T"}, "type": "table", "columns": [column]}
    own = {"name": "b", "label": {"vi": "B", "en": "B"}, "type": "line", "source": "XML1 B"}
    section = {"title": {"vi": "I", "en": "I"}, "source": "suy từ A", "body": [table, own]}
    form = assembled({"sections": [section]}, GROUPS.__getitem__)
    assert [field["source"] for field in fields(form).values()] == ["suy từ A", "XML1 B"]
    assert fields(form)["t"]["columns"][0]["source"] == "suy từ A"
    assert "source" not in form["sections"][0]


def test_each_signer_may_have_a_day_of_its_own() -> None:
    role = {"vi": "Bác sỹ", "en": "Physician"}
    day = {"name": "luc", "label": {"vi": "Lúc", "en": "At"}, "type": "datetime"}
    form = whole({"sign": [{"name": "a", "role": role, "date": day}, {"name": "b", "role": role}]})
    assert form["sections"][0]["body"] == [{"names": ["a", "b"], "dates": {"a": "luc"}}]
    assert {name: field["type"] for name, field in fields(form).items()} == {
        "luc": "datetime",
        "a": "line",
        "b": "line",
    }
