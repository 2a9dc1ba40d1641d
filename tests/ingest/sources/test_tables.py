"""Field tables are data: every version loads, is recognised, and has a label for each of its
fields.
"""

from datetime import date

import pytest

from ingest.forms.model import FieldType
from ingest.sources.bhyt.policy import policy
from ingest.sources.bhyt.table import FieldKind, recognise, structures, versions
from tests.ingest.sources.charts import CATALOG

BY_NAME = {version.name: version for version in versions()}
LABELLED = [(version.name, code) for version in versions() for code in version.tables]


def test_three_decisions_are_known_in_order() -> None:
    assert [version.decision for version in versions()] == [
        "QĐ 130/QĐ-BYT",
        "QĐ 4750/QĐ-BYT",
        "QĐ 3176/QĐ-BYT",
    ]
    assert [len(version.tables) for version in versions()] == [12, 15, 15]


def test_tables_have_as_many_fields_as_the_annex() -> None:
    counts = [66, 39, 47, 12, 9, 47, 26, 22, 35, 13, 23, 35, 39, 22, 20]
    assert [len(table.fields) for table in BY_NAME["qd4750"].tables.values()] == counts


def test_the_transfer_of_qd_3176_has_its_new_names_in_place() -> None:
    fields = list(BY_NAME["qd3176"].tables["XML13"].fields)
    assert len(fields) == 37
    assert fields[5:7] == ["MA_CSKCB_DI", "MA_CSKCB_DEN"]
    assert fields[25:29] == ["MA_BENH_KT", "MA_BENH_YHCT", "TINH_TRANG_CT", "MA_LOAI_RV"]
    assert BY_NAME["qd3176"].tables["XML13"].fields["MA_CSKCB_DI"].max == 100


@pytest.mark.parametrize(("version", "code"), LABELLED)
def test_every_field_has_a_label_and_a_place_on_its_form(version: str, code: str) -> None:
    form = CATALOG.get(code)
    fields = {field.name: field for field in form.every_field()}
    for field in BY_NAME[version].tables[code].fields.values():
        label = fields[field.name].label
        assert label.vi
        assert label.en
        assert label.vi != field.name or field.name == "STT"


def test_dates_are_printed_as_dates() -> None:
    for code, table in BY_NAME["qd4750"].tables.items():
        fields = {field.name: field.type for field in CATALOG.get(code).every_field()}
        for field in table.fields.values():
            if field.kind in (FieldKind.DATE, FieldKind.DATETIME, FieldKind.DATES):
                assert fields[field.name] in (FieldType.DATE, FieldType.DATETIME)


def test_the_forms_of_insurance_data_are_never_taken_from_json() -> None:
    assert not any(CATALOG.get(code).accepts_json for code in structures())


def test_the_policy_names_only_tables_and_fields_that_exist() -> None:
    tables = structures()
    asked = policy()
    for code, names in asked.required.items():
        assert set(names) <= tables[code].fields.keys()
    for codes in (
        asked.repeatable,
        asked.sensitive,
        asked.facility,
        asked.facts,
        asked.same_patient.tables,
    ):
        assert set(codes) <= tables.keys()
    assert asked.facts[0] == "XML1"


NEW, OLD = {"XML13": {"MA_LK", "MA_CSKCB_DI"}}, {"XML13": {"MA_LK", "MA_NOI_DI", "TEN_THUOC"}}


@pytest.mark.parametrize(
    ("names", "discharged", "name"),
    [
        (NEW, date(2024, 8, 1), "qd3176"),  # content is stronger than the day
        (OLD, date(2026, 8, 1), "qd4750"),
        ({"XML14": {"MA_LK"}}, date(2023, 8, 1), "qd4750"),
        ({"XML1": {"MA_LK"}}, date(2023, 8, 1), "qd130"),
        ({"XML1": {"MA_LK"}}, date(2024, 7, 1), "qd4750"),
        ({"XML1": {"MA_LK"}}, date(2025, 1, 1), "qd3176"),
        ({"XML1": {"MA_LK"}}, date(2019, 1, 1), "qd130"),
        ({"XML1": {"MA_LK", "TRUONG_MOI"}}, None, "qd3176"),
    ],
)
def test_a_version_is_recognised_by_its_content_then_by_the_day(
    names: dict[str, set[str]], discharged: date | None, name: str
) -> None:
    assert recognise(names, discharged).name == name
