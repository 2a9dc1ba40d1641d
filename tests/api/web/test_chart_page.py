"""The chart's page."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from api.home import Home
from api.web.app import create_app
from archive.catalog import records
from archive.catalog.tables import ChartRow
from tests.fixtures.browsing import Visitor, counted_queries, with_accounts
from tests.fixtures.home import chart, paper, take


def charts(home: Home) -> dict[str, ChartRow]:
    """Return the home's charts by the patient's name."""
    with home.catalog.read() as session:
        return {row.patient.name: row for row in records.charts(session, home.scope)}


def test_an_open_chart_shows_patient_stay_and_documents(clerk: Visitor, demo_home: Home) -> None:
    page = clerk.get(f"/charts/{charts(demo_home)['Nguyễn Thị Mẫu Hòa'].id}").text
    for said in (
        "01/05/1980",
        "Nữ",
        "BN000004",
        "GD4000000000004",
        "Nội trú",
        "08:00 10/01/2026",
        "J18.9",
        "Viêm phổi",
    ):
        assert said in page
    assert "Hồ sơ chưa nộp lưu" in page
    assert (
        clerk.get(f"/charts/{charts(demo_home)['Nguyễn Thị Mẫu Hòa'].id.upper()}").status_code
        == 200
    )
    assert "Tài liệu trong hồ sơ (1)" in page
    assert "Phiếu theo dõi điều trị" in page
    assert "PAdES-B-LTA" in page


def test_a_deposited_chart_shows_its_number_until_when_and_by_which_rule(
    clerk: Visitor, demo_home: Home
) -> None:
    row = charts(demo_home)["Trần Văn Giả Định"]
    page = clerk.get(f"/charts/{row.id}").text
    assert row.archive_number is not None
    assert row.archive_number in page
    assert "31/12/2036" in page
    assert "Thông tư 33/2025/TT-BYT, Phụ lục, Nhóm 01, mục 44" in page


def test_a_chart_says_which_papers_are_missing_and_by_which_circular(
    clerk: Visitor, demo_home: Home
) -> None:
    page = clerk.get(f"/charts/{charts(demo_home)['Nguyễn Thị Mẫu Hòa'].id}").text
    assert "Còn thiếu giấy trước khi nộp lưu" in page
    assert "Giấy ra viện hoặc phiếu chuyển cơ sở" in page
    assert "TT 25/2025/TT-BYT, Phụ lục II, Mẫu 02" in page
    assert "Bản tóm tắt hồ sơ bệnh án" not in page
    deposited = clerk.get(f"/charts/{charts(demo_home)['Trần Văn Giả Định'].id}").text
    assert "Hồ sơ đã nộp lưu khi còn thiếu giấy" in deposited


def test_another_departments_chart_is_not_there_exactly_like_one_that_does_not_exist(
    site: Flask, demo_home: Home
) -> None:
    visitor = Visitor(site)
    visitor.sign_in("khoa")
    there = visitor.get(f"/charts/{charts(demo_home)['Nguyễn Thị Mẫu Hòa'].id}")
    nowhere = visitor.get(f"/charts/{uuid4()}")
    unrouted = visitor.get("/charts/khong-phai-ma")
    assert there.status_code == nowhere.status_code == unrouted.status_code == 404
    tokens = {answer.text.split('name="csrf_token"')[-1] for answer in (there, nowhere, unrouted)}
    # but for the token the pages are the same
    assert len({part.partition(">")[2] for part in tokens}) == 1


@pytest.fixture
def changed(fresh_home: Callable[[], Home]) -> Home:
    """A home with a chart whose first sheet was corrected, and which has a second."""
    home = fresh_home()
    take(home, chart(1, papers=[paper("1", "Viêm phế quản"), paper("2")]))
    take(home, chart(1, papers=[paper("1", "Viêm phổi thùy")]))
    return home


def test_a_superseded_document_is_marked_and_leads_to_the_newer_one(changed: Home) -> None:
    visitor = Visitor(create_app(changed, with_accounts(changed)))
    visitor.sign_in()
    row = next(iter(charts(changed).values()))
    page = visitor.get(f"/charts/{row.id}").text
    assert page.count("Đã thay bằng bản mới") == 1
    assert page.count('<tr class="old">') == 1
    old = next(document for document in row.documents if document.superseded_by)
    older, newer = (
        visitor.get(f"/documents/{old.id}").text,
        visitor.get(f"/documents/{old.superseded_by}").text,
    )
    assert f'href="/documents/{old.superseded_by}"' in older
    assert f'href="/documents/{old.id}"' in newer


def test_more_documents_ask_the_catalogue_no_more_often(changed: Home) -> None:
    take(changed, chart(2, papers=[paper("1")]))
    visitor = Visitor(create_app(changed, with_accounts(changed)))
    visitor.sign_in()
    visitor.get("/charts")  # the frame counts once in a while
    counts = []
    for row in charts(changed).values():
        with counted_queries(changed) as statements:
            assert visitor.get(f"/charts/{row.id}").status_code == 200
        counts.append((len(row.documents), len(statements)))
    assert sorted(documents for documents, _ in counts) == [1, 3]
    assert len({statements for _, statements in counts}) == 1


def test_papers_of_one_form_are_distinguished_by_their_keys(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    take(
        home,
        chart(1, papers=[paper("to-1.1"), paper("to-1.2")]),
        chart(2, papers=[paper("rieng-le")]),
    )
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    pages = [visitor.get(f"/charts/{row.id}").text for row in charts(home).values()]
    assert any("to-1.1" in page and "to-1.2" in page for page in pages)
    assert not any("rieng-le" in page for page in pages)
    page = visitor.search().text
    assert page.count("to-1.1") == 1
    assert "rieng-le" not in page


def test_the_page_of_what_a_chart_lacks_names_papers_values_and_signers(
    clerk: Visitor, demo_home: Home
) -> None:
    row = charts(demo_home)["Nguyễn Thị Mẫu Hòa"]
    assert f'href="/charts/{row.id}/check"' in clerk.get(f"/charts/{row.id}").text
    page = clerk.get(f"/charts/{row.id}/check").text
    assert "Bệnh án nội trú" in page
    assert "Bác sỹ ký" in page
    (document,) = row.documents
    assert f'href="/documents/{document.id}"' in page
    assert clerk.get(f"/charts/{uuid4()}/check").status_code == 404
