"""A form that names a shared list takes the codes of the record's day, and archives their words."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archive.base.errors import Fault
from ingest.forms.catalog import FormCatalog
from ingest.record import form_json
from tests.ingest.forms.test_definition import own
from tests.ingest.forms.test_validation import CHART
from tests.ingest.render.papers import CATALOG

FORM = """\
    code: NOI-SINH/CS
    version: 1
    title: {vi: Phiếu nơi sinh, en: Place of birth}
    source: Quy định của bệnh viện
    valid: {from: 2024-01-01, to: null}
    layout: general
    layout_source: official
    sections:
      - title: {vi: NƠI SINH, en: PLACE OF BIRTH}
        fields:
          - {name: tinh, label: {vi: Tỉnh, en: Province}, type: code, list: tinh}
          - {name: nhom, label: {vi: Nhóm, en: Group}, type: code, list: nhom}
          - name: noi_o
            label: {vi: Nơi ở, en: Homes}
            type: table
            columns: [{name: tinh, label: {vi: Tỉnh, en: Province}, type: code, list: tinh}]
    code_lists:
      nhom: {"1": Một}
"""
BEFORE, SINCE = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> FormCatalog:
    catalog = own(tmp_path_factory.mktemp("forms"), a=FORM)
    assert catalog.broken == ()
    return catalog


def wrong(catalog: FormCatalog, discharged: str | None, **data: Any) -> tuple[Fault, ...]:
    paper = {"form": "NOI-SINH/CS", "key": "1", "data": data}
    chart = {**CHART["chart"], "admitted_at": "2025-06-01T08:00:00+07:00"}
    chart |= {"discharged_at": discharged} if discharged else {}
    return catalog.in_force(SINCE).chart_faults({**CHART, "chart": chart, "papers": [paper]})


def test_a_code_is_judged_by_the_list_of_the_records_day(catalog: FormCatalog) -> None:
    assert wrong(catalog, None, tinh="02", nhom="1", noi_o=[{"tinh": "02"}]) == ()
    (first, second) = wrong(catalog, "2025-07-02T01:00:00Z", tinh="02", noi_o=[{"tinh": "02"}])
    assert [first.path, second.path] == ["/papers/0/data/noi_o/0/tinh", "/papers/0/data/tinh"]
    assert first.code == "field.not_in_list"
    assert "từ 01/07/2025 (NQ 202/2025/QH15" in first.message.vi
    assert "Provinces and cities as of 01/07/2025" in first.message.en


def test_a_day_that_is_no_day_is_named_and_stops_nothing(catalog: FormCatalog) -> None:
    paths = {fault.path for fault in wrong(catalog, "0001-01-01T00:00:00+07:00", tinh="00")}
    assert paths == {"/chart/discharged_at", "/papers/0/data/tinh"}


def test_the_archived_definition_has_the_words_of_the_day(catalog: FormCatalog) -> None:
    form = catalog.get("NOI-SINH/CS")
    before, since = (json.loads(form_json(form.on(day))) for day in (BEFORE, SINCE))
    assert before["code_lists"]["tinh"]["15"] == "Yên Bái"
    assert since["code_lists"]["tinh"]["15"] == "Lào Cai"
    assert since["code_lists"]["nhom"] == {"1": "Một"}
    assert before.keys() == json.loads(form_json(CATALOG.get("01/BV1"))).keys()
    assert form.on(SINCE) is form.on(date(2026, 12, 1))  # one state, one definition
    assert catalog.get("01/BV1").on(SINCE).code_lists == catalog.get("01/BV1").code_lists


@pytest.mark.parametrize("name", ["icd10", "quoc_tich", "khong_co"])
def test_a_list_that_is_not_complete_refuses_no_code(tmp_path: Path, name: str) -> None:
    (fault,) = own(tmp_path, a=FORM.replace("list: tinh", f"list: {name}", 1)).broken
    assert f"no code list {name}" in fault.message.en
