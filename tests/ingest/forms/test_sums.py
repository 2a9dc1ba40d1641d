"""A total that differs from its parts is refused; one that is missing is added on the page only."""

import json
from typing import Any

import pytest

from ingest.forms.assembly import assembled
from ingest.forms.definition import group
from ingest.forms.model import Form
from ingest.forms.samples import sample
from ingest.forms.typed import data_of, typed_of, with_sums
from ingest.forms.validation import faults
from tests.ingest.render.papers import CATALOG

NEWBORN = CATALOG.get("50/BV2")
LABEL = {"vi": "Nhãn", "en": "Label"}


def form(*fields: dict[str, Any]) -> Form:
    """Return an invented form of these fields, in one line each."""
    body = [{"label": LABEL, **field} for field in fields]
    definition = {
        "code": "THU/01",
        "version": 1,
        "title": LABEL,
        "source": "thử",
        "valid": {"from": "2024-01-01", "to": None},
        "layout": "sheet",
        "layout_source": "official",
        "sections": [{"title": LABEL, "body": body}],
    }
    return Form.model_validate(assembled(definition, group))


def number(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "number", **more}


EYES = {"options": ["Mở tự nhiên", "Khi gọi", "Không"], "points": [4, 3, 1]}
COMA = form(
    {"name": "mat", "type": "code", **EYES},
    number("loi"),
    number("diem", sum=["mat", "loi"]),
    number("tat_ca", sum=["diem", "bang.tong"]),
    {
        "name": "bang",
        "type": "table",
        "columns": [
            {"label": LABEL, **each}
            for each in (number("a"), number("b"), number("tong", sum=["a", "b"]))
        ],
    },
)


def wrong(of: Form, data: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults(data, of.data_schema())]


def test_a_sum_that_differs_says_both_numbers() -> None:
    data = {**(sample(NEWBORN) or {}), "apgar_1": 9}
    (fault,) = faults(json.loads(json.dumps(data, default=str)), NEWBORN.data_schema())
    assert (fault.path, fault.code) == ("/apgar_1", "number.sum")
    assert fault.message.vi == "Tổng không khớp với các phần: ghi 9, cộng các phần được 8."
    assert "it says 9, the parts add up to 8" in fault.message.en


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({"mat": "1", "loi": 5, "diem": 9}, []),
        ({"mat": "3", "loi": 5, "diem": 9}, ["/diem"]),
        ({"loi": 5, "diem": 9}, []),  # a part is missing
        ({"mat": "1", "loi": 5}, []),  # the total is
        ({"mat": "1", "loi": 0.1, "diem": 4.1}, []),  # decimals are added exactly
        ({"bang": [{"a": 0.1, "b": 0.2, "tong": 0.3}]}, []),
        ({"bang": [{}, {"a": 1, "b": 2, "tong": 4}]}, ["/bang/1/tong"]),
        ({"diem": 1, "bang": [{"tong": 2}, {"tong": 3}], "tat_ca": 7}, ["/tat_ca"]),
        ({"diem": 1, "bang": [{"tong": 2}, {}], "tat_ca": 7}, []),
        ({"bang": [], "diem": 1, "tat_ca": 7}, []),
        ({"mat": "1", "loi": 10**400, "diem": 1}, ["/diem"]),
    ],
)
def test_a_sum_is_judged_where_all_its_parts_are_there(
    data: dict[str, Any], places: list[str]
) -> None:
    assert wrong(COMA, data) == [(place, "number.sum") for place in places]


def test_values_that_are_no_numbers_are_named_for_what_they_are() -> None:
    data = {"mat": "9", "loi": True, "diem": 3, "bang": [{"a": "1", "b": 2, "tong": 4}, 5]}
    assert {code for _, code in wrong(COMA, data)} == {"field.not_in_list", "field.type"}


@pytest.mark.parametrize(
    ("code", "place"), [("PSLTN/CS", "/danh_gia/0/tong_diem"), ("NRS/CS", "/tong_diem")]
)
def test_scales_of_coded_answers_check_their_score(code: str, place: str) -> None:
    scale = CATALOG.get(code)
    data = sample(scale) or {}
    assert wrong(scale, data) == []
    scored = data["danh_gia"][0] if "danh_gia" in data else data
    scored["tong_diem"] = 6 if scored["tong_diem"] == 5 else 5
    assert wrong(scale, data) == [(place, "number.sum")]


def test_rows_of_each_code_count_only_where_each_has_one() -> None:
    data = sample(NEWBORN) or {}
    fewer = {**data, "apgar": data["apgar"][:4], "apgar_1": 9}
    assert "/apgar_1" not in dict(wrong(NEWBORN, fewer))


def test_the_page_adds_a_total_that_was_left_empty_and_keeps_what_was_typed() -> None:
    typed = {
        "mat": ["1"],
        "loi": ["2,5"],
        "bang.3.a": ["1"],
        "bang.3.b": ["2"],
        "bang.5.a": ["1"],
        "bang.5.b": ["1"],
        "bang.5.tong": ["9"],
    }
    summed = with_sums(COMA, typed)
    assert summed == {**typed, "bang.3.tong": ["3"], "diem": ["6,5"], "tat_ca": ["18,5"]}
    assert with_sums(COMA, {"mat": ["1"], "loi": ["?"]}) == {"mat": ["1"], "loi": ["?"]}
    newborn = sample(NEWBORN) or {}
    without = {name: value for name, value in newborn.items() if not name.startswith("apgar_")}
    assert data_of(NEWBORN, with_sums(NEWBORN, typed_of(NEWBORN, without))) == newborn


@pytest.mark.parametrize(
    "fields",
    [
        [number("a", sum=["b"])],
        [number("a", sum=["a"])],
        [number("a", sum=["b"]), {"name": "b", "type": "line"}],
        [number("a", sum=["b"]), {"name": "b", "type": "code", "options": ["x"]}],
        [number("a", sum={"of": "b", "every": "c"}), number("b")],
        [{"name": "a", "type": "line", "sum": ["b"]}, number("b")],
        [{"name": "a", "type": "code", "options": ["x", "y"], "points": {"1": 1}}],
        [number("a", points={"1": 1})],
    ],
)
def test_a_definition_whose_sum_has_no_such_part_is_refused(fields: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match=r"sum|points"):
        form(*fields)


def test_a_form_without_sums_is_archived_as_it_was() -> None:
    written = json.dumps(CATALOG.get("01/BV1").model_dump(mode="json", by_alias=True))
    assert '"sum"' not in written
    assert '"points"' not in written
    field = next(f for f in NEWBORN.fields if f.name == "apgar_1")
    assert field.model_dump(mode="json")["sum"] == {"of": ["apgar.phut_1"], "every": "dau_hieu"}
