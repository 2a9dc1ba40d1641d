"""What a paper says of itself: read from the fields that its form names."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.forms.field import FieldType
from ingest.forms.model import Form
from ingest.forms.own_facts import OwnFacts, own_facts
from tests.ingest.render.papers import CATALOG

Json = dict[str, Any]
DAY = date(2026, 1, 11)


@pytest.mark.parametrize(
    ("form", "data", "facts"),
    [
        ("16/BV2", {"tra_ket_qua_luc": "2026-01-11T17:30:00Z"}, OwnFacts(dated=date(2026, 1, 12))),
        ("XML7", {"NGAY_CT": "2026-01-11"}, OwnFacts(dated=DAY)),
        ("XML7", {"NGAY_CT": "2026-01"}, OwnFacts()),  # the day is not known
        ("XML7", {}, OwnFacts()),
        ("XML2", {"rows": [{"NGAY_YL": "2026-01-11"}]}, OwnFacts()),  # its lines have dates
        ("XML9", {"rows": [{}, {"NGAY_CT": "2026-01-11"}]}, OwnFacts(dated=DAY)),
        ("36/BV2", {"to_so": 0, "dien_bien": []}, OwnFacts(sheet="0")),
        ("36/BV2", {"to_so": 10**30}, OwnFacts()),  # longer than the act takes
        (
            "KHAC",
            {"ten_tai_lieu": " Đơn ", "ngay": "2026-01-11"},
            OwnFacts("Đơn", DAY),
        ),
        ("16/BV2", {"tra_ket_qua_luc": "9999-12-31T23:59:59Z"}, OwnFacts()),  # no day in Viet Nam
    ],
)
def test_a_paper_says_what_its_fields_say(form: str, data: Json, facts: OwnFacts) -> None:
    assert own_facts(CATALOG.get(form), data) == facts


def test_every_form_names_a_field_that_is_a_time() -> None:
    for form in CATALOG.forms:
        name, _, column = (form.date_field or "").partition(".")
        fields = {field.name: field for field in form.fields}
        if name:
            field = fields[name]
            part = {each.name: each for each in field.parts}[column] if column else field
            assert part.type in (FieldType.DATE, FieldType.DATETIME), form.code


@pytest.mark.parametrize("member", ["title_field", "date_field", "sheet_field"])
def test_a_form_that_names_a_field_that_it_lacks_is_refused(member: str) -> None:
    stated = CATALOG.get("KHAC").model_dump(by_alias=True)
    with pytest.raises(ValidationError, match="there is no field khong_co"):
        Form.model_validate(stated | {member: "khong_co"})


def test_the_archived_definition_leaves_them_out() -> None:
    form = CATALOG.get("36/BV2")
    assert form.sheet_field == "to_so"
    assert not {"title_field", "date_field", "sheet_field"} & form.model_dump().keys()
