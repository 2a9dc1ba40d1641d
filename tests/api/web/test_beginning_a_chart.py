"""A scan begins a chart: the few facts are typed, and held against the rules of a record."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from api.home import Home
from archive.catalog.tables import ChartRow
from tests.api.refusals.test_refusals import refused
from tests.api.web.test_bringing import bring, documents, visitor
from tests.api.web.test_depositing import acts
from tests.fixtures.browsing import Visitor
from tests.fixtures.home import chart, take
from tests.ingest.files.papers import plain_pdf

FACTS = {
    "episode": "LK-MOI-1",
    "name": "Lê Thị Giả Sử",
    "birth": "1980",
    "sex": "2",
    "local_id": "BN-9",
    "kind": "inpatient",
    "department": "K01",
    "admitted": "10/01/2026 08:30",
    "discharged": "20/01/2026",
}
SCAN = ("a.pdf", plain_pdf("Giấy vào viện"))


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two charts, of the departments K01 and K02."""
    home = fresh_home()
    take(home, chart(1), chart(2))
    return home


@pytest.fixture
def clerk(home: Home) -> Visitor:
    return visitor(home)


def row_of(home: Home, episode: str) -> dict[str, Any]:
    with home.catalog.read() as session:
        row = session.query(ChartRow).filter_by(episode=episode).one_or_none()
        if row is None:
            return {}
        patient = {name: getattr(row.patient, name) for name in ("name", "birth_date", "local_id")}
        return {"kind": row.kind, "department": row.department, **patient}


def test_the_first_scan_begins_the_chart_and_the_next_ones_join_it(
    home: Home, clerk: Visitor
) -> None:
    page = bring(clerk, SCAN, ("b.pdf", plain_pdf("Phiếu chăm sóc")), **FACTS)
    assert "Đã lưu 2 giấy từ 2 tệp" in page.text
    assert row_of(home, "LK-MOI-1") == {
        "kind": "inpatient",
        "department": "K01",
        "name": "Lê Thị Giả Sử",
        "birth_date": "1980",
        "local_id": "BN-9",
    }
    chart_id = documents(home, "LK-MOI-1")[0].chart_id
    assert "Lê Thị Giả Sử" in clerk.get(f"/charts/{chart_id}").text
    assert f"/charts/{chart_id}" in page.text


def test_the_same_form_again_changes_nothing_also_after_the_his_said_more(
    home: Home, clerk: Visitor
) -> None:
    page, before = bring(clerk, SCAN, **FACTS), acts(home)
    again = bring(clerk, SCAN, **FACTS)
    links = re.findall('/documents/[^"]+', page.text)
    assert links
    assert re.findall('/documents/[^"]+', again.text) == links
    assert acts(home) == before
    of_his = {
        "episode": "LK-MOI-1",
        "kind": "inpatient",
        "department": "K01",
        "admitted_at": "2026-01-10T08:30:00+07:00",
        "discharged_at": "2026-01-20T09:00:00+07:00",
        "outcome": "cured",
    }
    person = {"name": "Lê Thị Giả Sử", "local_id": "BN-9", "birth_date": "1980", "sex": "2"}
    take(home, chart(9, chart=of_his, patient=person))
    before = acts(home)
    assert "Đã lưu 1 giấy" in bring(clerk, SCAN, **FACTS).text
    assert acts(home) == before


@pytest.mark.parametrize(
    ("field", "typed"),
    [("name", "Lê Văn Khác"), ("birth", "1981"), ("kind", "outpatient"), ("department", "K02")],
)
def test_a_chart_that_says_otherwise_is_named_and_not_changed(
    home: Home, clerk: Visitor, field: str, typed: str
) -> None:
    bring(clerk, SCAN, **FACTS)
    before, stated = acts(home), row_of(home, "LK-MOI-1")
    page = bring(clerk, ("b.pdf", plain_pdf("khác")), **{**FACTS, field: typed})
    assert page.status_code == 422
    assert page.text.count("Kho đã có hồ sơ của mã này") == 1
    assert f'id="{field}-problem"' in page.text
    assert (acts(home), row_of(home, "LK-MOI-1")) == (before, stated)


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("name", "", "Hãy điền vào đây"),
        ("kind", "", "Hãy điền vào đây"),
        ("episode", "", "Hãy điền vào đây"),
        ("name", "Lê‮Sử", "đổi chiều"),
        ("birth", "31/02/1980", "31/12/1980"),
        ("birth", "01/01/1899", "trước năm 1900"),
        ("birth", "2026-01-11", "Ngày sinh sau"),
        ("discharged", "09/01/2026", "ra viện trước"),
        ("admitted", "10/01/2026 25:00", "có thể thêm giờ"),
        ("discharged", "01/01/2100", "sau ngày hôm nay"),
        ("sex", "9", "không hợp lệ"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_in_the_words_of_a_record(
    home: Home, clerk: Visitor, field: str, typed: str, problem: str
) -> None:
    before = acts(home)
    page = bring(clerk, SCAN, **{**FACTS, field: typed})
    assert page.status_code == 422
    part = page.text[page.text.index(f'id="{field}-problem"') :]
    assert problem in part.partition("</p>")[0]
    assert acts(home) == before
    assert row_of(home, "LK-MOI-1") == {}


def test_a_bad_scan_begins_no_chart_and_a_good_one_beside_it_does(
    home: Home, clerk: Visitor
) -> None:
    bad = ("hỏng.pdf", b"%PDF-1.7 nothing")
    assert "Bị từ chối" in bring(clerk, bad, **FACTS).text
    assert row_of(home, "LK-MOI-1") == {}
    assert [kept.name for kept in refused(home)] == ["hỏng.pdf"]
    assert "Đã lưu 1 giấy từ 2 tệp" in bring(clerk, bad, SCAN, **FACTS).text


def test_a_clerk_begins_charts_of_the_own_departments_and_learns_of_no_other(home: Home) -> None:
    k01 = visitor(home, "k01")
    assert 'value="K02"' not in k01.get("/bring-in").text
    before = acts(home)
    for episode in ("LK000002", "LK-MOI-2"):
        facts = {**FACTS, "department": "K02", "episode": episode}
        page = bring(k01, SCAN, **facts).text
        assert "Bị từ chối" in page
        assert "Kho đã có hồ sơ" not in page
    assert acts(home) == before
    assert "Đã lưu 1 giấy" in bring(k01, SCAN, **FACTS).text


def test_a_record_and_a_scan_of_one_new_chart_agree_or_the_scan_is_refused(
    home: Home, clerk: Visitor
) -> None:
    record = ("a.json", json.dumps(chart(7)).encode())
    facts = {**FACTS, "episode": "LK000007"}
    page = bring(clerk, record, SCAN, **facts).text
    assert "Đã lưu 1 giấy từ 2 tệp" in page
    assert "Kho đã có hồ sơ của mã này" in page
    assert row_of(home, "LK000007")["name"] == chart(7)["patient"]["name"]
