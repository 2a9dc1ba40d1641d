"""Add papers: files by hand, each accepted or refused alone; the same form again is no act."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.home import Home
from api.reading.records import RecordService
from api.refusals.kept import Source
from api.web.app import create_app
from api.writing.bringing import BringingService, Scan
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.identifiers import FormCode
from archive.catalog.entries import ChartHistory
from archive.catalog.tables import ChartRow
from tests.api.refusals.test_refusals import refused, wrong
from tests.api.web.test_depositing import acts
from tests.fixtures.browsing import Visitor, give_account, no_turn_free, with_accounts
from tests.fixtures.home import CLERK, chart, take
from tests.ingest.files.papers import plain_pdf

PAGE = "/bring-in"


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two charts, of the departments K01 and K02."""
    home = fresh_home()
    take(home, chart(1), chart(2))
    return home


def visitor(home: Home, name: str = "luutru") -> Visitor:
    accounts = with_accounts(home)
    give_account(accounts, "k01", "clerk", ["K01"])
    visitor = Visitor(create_app(home, accounts))
    visitor.sign_in(name)
    return visitor


def bring(clerk: Visitor, *files: tuple[str, bytes], **fields: Any) -> TestResponse:
    return clerk.send(
        PAGE,
        files=[(BytesIO(data), name) for name, data in files],
        content_type="multipart/form-data",
        **fields,
    )


def documents(home: Home, episode: str) -> list[Any]:
    with home.catalog.read() as session:
        row = session.query(ChartRow).filter_by(episode=episode).one()
        return list(row.documents)


def test_a_scan_joins_its_chart_and_the_same_form_again_changes_nothing(home: Home) -> None:
    clerk, pdf = visitor(home), plain_pdf("Đơn xin ra viện")
    fields = {"episode": "LK000001", "form": "KHAC", "dated": "20/01/2026", "title": "Đơn ra viện"}
    page = bring(clerk, ("scan.pdf", pdf), **fields)
    assert "Đã lưu 1 giấy từ 1 tệp" in page.text
    document = documents(home, "LK000001")[-1]
    assert (document.form, document.original["name"]) == ("KHAC", "Đơn ra viện.pdf")
    assert document.title_vi == "Đơn ra viện"
    assert document.original["dated"] == "2026-01-20"
    before = acts(home)
    again = bring(clerk, ("scan.pdf", pdf), **fields)
    assert re.findall('/documents/[^"]+', again.text) == re.findall('/documents/[^"]+', page.text)
    assert acts(home) == before


def test_records_and_scans_come_together_each_alone(home: Home) -> None:
    clerk = visitor(home)
    named = {"form": "KHAC", "key": "1", "file": {"name": "kem.pdf"}}
    page = bring(
        clerk,
        ("a.json", json.dumps(chart(3, papers=[named])).encode()),
        ("kem.pdf", plain_pdf("kèm theo bản ghi")),
        ("wrong.json", json.dumps(wrong(5)).encode()),
        ("hỏng.pdf", b"%PDF-1.7 nothing"),
        ("tốt.pdf", plain_pdf("tốt")),
        episode="LK000002",
    )
    assert "Đã lưu 2 giấy từ 5 tệp" in page.text
    assert "/patient/name" in page.text
    assert {kept.name for kept in refused(home)} == {"wrong.json", "hỏng.pdf"}
    assert {kept.source.value for kept in refused(home)} == {"page"}
    assert [d.original["name"] for d in documents(home, "LK000003")] == ["kem.pdf"]
    assert documents(home, "LK000002")[-1].original["name"] == "tốt.pdf"


def test_photographs_of_one_name_are_all_archived(home: Home) -> None:
    page = bring(
        visitor(home),
        *[("image.pdf", plain_pdf(f"trang {number}")) for number in range(3)],
        episode="LK000001",
    )
    assert "Đã lưu 3 giấy từ 3 tệp" in page.text
    names = [d.original["name"] for d in documents(home, "LK000001")[1:]]
    assert names == ["image.pdf", "image (2).pdf", "image (3).pdf"]


def test_what_was_typed_comes_back_with_what_is_wrong(home: Home) -> None:
    clerk = visitor(home)
    pdf = ("a.pdf", plain_pdf("x"))
    for fields, problem in (
        ({"episode": ""}, "hãy ghi mã lượt"),
        ({"episode": "LK9"}, "Không có hồ sơ nào có mã này"),
        ({"episode": "LK000001", "dated": "13/2026"}, "Ghi ngày như"),
        ({"episode": "LK000001", "dated": "01/01/2100"}, "chưa tới"),
        ({"episode": "LK000001", "title": "a/b"}, "Tên không được có"),
    ):
        answer = bring(clerk, pdf, **{"title": "Tên giấy đã gõ", **fields})
        assert answer.status_code == 422
        assert problem in answer.text
        assert "chọn lại tệp" in answer.text
        assert (fields.get("title") or "Tên giấy đã gõ") in answer.text
    assert clerk.send(PAGE, episode="LK000001").status_code == 422
    with no_turn_free(clerk.client.application):
        busy = bring(clerk, pdf, episode="LK000001", title="Tên giấy đã gõ", dated="01/01/2026")
    assert busy.status_code == 503
    for text in ("Kho đang lưu các hồ sơ khác", "chọn lại tệp", "LK000001", "Tên giấy đã gõ"):
        assert text in busy.text
    assert len(documents(home, "LK000001")) == 1


def test_a_clerk_stays_within_the_own_departments(home: Home) -> None:
    clerk, pdf = visitor(home, "k01"), ("a.pdf", plain_pdf("x"))
    assert "Không có hồ sơ nào có mã này" in bring(clerk, pdf, episode="LK000002").text
    other = documents(home, "LK000002")[0].chart_id
    assert "Không có hồ sơ nào có mã này" in bring(clerk, pdf, chart=other).text
    assert "Trần Văn Giả Định" not in clerk.get(f"{PAGE}?chart={other}").text
    assert "Bị từ chối" in bring(clerk, ("b.json", json.dumps(chart(4)).encode())).text
    assert "Đã lưu 1 giấy" in bring(clerk, pdf, episode="LK000001").text


def test_the_chart_page_leads_here_with_the_chart_and_no_patient_in_the_address(home: Home) -> None:
    clerk = visitor(home)
    chart_id = documents(home, "LK000001")[0].chart_id
    assert f'href="/bring-in?chart={chart_id}"' in clerk.get(f"/charts/{chart_id}").text
    page = clerk.get(f"{PAGE}?chart={chart_id}").text
    assert "LK000001" in page
    assert 'name="episode"' not in page
    reader = visitor(home, "doc")
    assert reader.get(PAGE).status_code == 403
    assert "/bring-in" not in reader.get(f"/charts/{chart_id}").text


class Meanwhile(RecordService):
    """Records whose chart is changed by another sender as soon as it was read, once."""

    def __init__(self, home: Home, change: Callable[[], object]) -> None:
        super().__init__(home.catalog, lambda: home.open_for_reading().papers)
        self._changes = iter([change])

    def chart(self, chart_id: str, actor: Actor, scope: Scope) -> ChartHistory:
        history = super().chart(chart_id, actor, scope)
        for change in self._changes:
            change()
        return history


def test_a_scan_never_brings_back_what_the_his_has_changed(home: Home) -> None:
    moved = chart(1, chart={**chart(1)["chart"], "outcome": "cured"})
    records = Meanwhile(home, lambda: take(home, moved))
    intake = Intake(home.open_for_writing(), CLERK, home.scope, source=Source.PAGE)
    chart_id = documents(home, "LK000001")[0].chart_id
    scan = Scan(chart_id, FormCode("KHAC"))
    service = BringingService(intake, records, CLERK, home.scope)
    (brought,) = service.bring({"a.pdf": plain_pdf("x")}, scan)
    assert brought.result is not None
    assert brought.result.receipts
    assert documents(home, "LK000001")[-1].form == "KHAC"
    with home.catalog.read() as session:
        row = session.get(ChartRow, chart_id)
        assert row is not None
        assert row.outcome == "cured"


def test_what_the_store_did_not_take_is_named_and_the_rest_is_not_tried(home: Home) -> None:
    clerk, before = visitor(home), acts(home)
    place = home.folder / "vault" / home.code / "documents"
    place.rename(place.with_name("away"))
    place.write_text("no folder")
    files = [(f"{number}.pdf", plain_pdf(f"giấy {number}")) for number in range(2)]
    page = bring(clerk, *files, episode="LK000001")
    assert page.text.count("Chưa nhận được") == 2
    assert acts(home) == before
    place.unlink()
    place.with_name("away").rename(place)
    assert "Đã lưu 2 giấy" in bring(clerk, *files, episode="LK000001").text
