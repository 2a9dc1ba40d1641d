"""A session that ends while a form is filled in: what was typed is there after sign-in, for the
same person only, and no address says anything of it.
"""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from api.home import Home
from api.web.drafts import KEPT, MOST_OF_ONE, Drafts
from archive.base.clock import FixedClock, SystemClock
from archive.catalog.operations import SessionRow
from tests.api.web.test_bringing import PAGE, documents, visitor
from tests.fixtures.browsing import Visitor
from tests.fixtures.home import chart, take

TYPED = {"episode": "LK000001", "dated": "20/01/2026", "title": "Đơn xin ra viện", "form": "36/BV2"}


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    home = fresh_home()
    take(home, chart(1))
    return home


def sent_too_late(home: Home, clerk: Visitor, path: str, **fields: object) -> TestResponse:
    """Send a form whose page was open for an hour."""
    clerk.get(path)
    with home.catalog.write() as session:
        for row in session.query(SessionRow):
            row.seen_at -= timedelta(hours=1)
    return clerk.client.post(path, data=fields, content_type="multipart/form-data")


def test_what_was_typed_is_there_after_sign_in_once(home: Home) -> None:
    clerk = visitor(home)
    answer = sent_too_late(home, clerk, PAGE, files=(BytesIO(b"%PDF-1.7"), "a.pdf"), **TYPED)
    assert answer.status_code == 303
    for word in ("LK000001", "xin", "Đơn"):
        assert word not in answer.location
    back = clerk.sign_in(path=answer.location)
    page = clerk.get(back.location).text
    for text in ("LK000001", "20/01/2026", "Đơn xin ra viện", 'selected value="36/BV2"'):
        assert text in page
    assert "Đơn xin ra viện" not in clerk.get(back.location).text
    assert len(documents(home, "LK000001")) == 1


def test_another_person_at_the_same_browser_sees_nothing_of_it(home: Home) -> None:
    clerk = visitor(home)
    answer = sent_too_late(home, clerk, PAGE, **TYPED)
    back = clerk.sign_in("k01", path=answer.location)
    assert "Đơn xin ra viện" not in clerk.get(back.location).text


def test_saves_by_script_do_not_push_out_what_a_person_sent(home: Home) -> None:
    clerk, document = visitor(home), documents(home, "LK000001")[0]
    begun = clerk.send(f"/charts/{document.chart_id}/write", code="02/BV1")
    answer = sent_too_late(home, clerk, PAGE, **TYPED)
    for _ in range(MOST_OF_ONE):
        saved = clerk.client.post(str(begun.location), data={"do": "keep", "mach": "80"})
        assert "draft" not in saved.location
    back = clerk.sign_in(path=answer.location)
    assert "Đơn xin ra viện" in clerk.get(back.location).text


def test_a_reason_comes_back_to_its_document(home: Home) -> None:
    clerk, document = visitor(home), documents(home, "LK000001")[0].id
    path = f"/documents/{document}/correct"
    answer = sent_too_late(home, clerk, path, reason="Quét nhầm trang", dated="")
    back = clerk.sign_in(path=answer.location)
    assert urlsplit(back.location).path == path
    assert "Quét nhầm trang" in clerk.get(back.location).text


def test_an_order_comes_back_to_its_chart(home: Home) -> None:
    clerk, document = visitor(home), documents(home, "LK000001")[0]
    path = f"/charts/{document.chart_id}/packet"
    answer = sent_too_late(home, clerk, path, recipient="79002", reason="Chuyển tuyến", paper="")
    back = clerk.sign_in(path=answer.location)
    assert urlsplit(back.location).path == path
    page = clerk.get(back.location).text
    assert 'value="79002"' in page
    assert "Chuyển tuyến" in page
    assert f'name="paper" value="{document.id}" >' in page  # not ticked


def test_a_page_comes_back_with_its_filters(home: Home) -> None:
    stranger = visitor(home)
    stranger.send("/sign-out", form="/search")
    answer = stranger.get("/charts?state=open&kind=inpatient")
    (target,) = parse_qs(urlsplit(answer.location).query)["next"]
    assert target == "/charts?state=open&kind=inpatient"
    assert stranger.sign_in(path=answer.location).location == target


def test_a_form_without_a_page_of_its_own_leads_to_the_start(home: Home) -> None:
    clerk = visitor(home)
    answer = sent_too_late(home, clerk, "/charts/deposit")
    assert answer.status_code == 303


def test_an_account_has_few_drafts_and_each_for_a_short_time() -> None:
    clock = FixedClock(SystemClock().now())
    drafts, typed = Drafts(clock), MultiDict({"title": "Đơn"})
    other = drafts.keep("b", "/bring", typed)
    keys = [drafts.keep("a", "/bring", typed) or "" for _ in range(MOST_OF_ONE + 2)]
    assert [drafts.take("a", "/bring", key) is None for key in keys[:3]] == [True, True, False]
    clock.moment += KEPT
    assert drafts.take("a", "/bring", keys[-1]) is None
    assert drafts.take("b", "/bring", other or "") is None
