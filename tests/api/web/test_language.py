"""The language of the pages: what decides it, how it is switched, and that English pages are
English all through.
"""

import io
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from lxml import html

from api.home import Home
from api.web.app import create_app
from archive.base.identifiers import ObjectKey
from archive.catalog import records
from tests.api.web.test_document_page import a_document
from tests.api.web.test_verify_pages import flipped
from tests.fixtures.browsing import PASSWORD, Visitor, with_accounts
from tests.fixtures.home import chart, paper, take
from tests.fixtures.languages import untranslated

UNKNOWN = "01a205be-9725-7741-9c0d-cdd3b11eca06"


def language_of(page: str) -> str:
    return str(html.document_fromstring(page).get("lang"))


@pytest.fixture
def english(site: Flask) -> Visitor:
    """The records clerk, signed in, who has chosen English."""
    visitor = Visitor(site)
    visitor.get("/sign-in?language=en")
    assert visitor.sign_in().status_code == 303
    return visitor


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, "vi"),
        ("*", "vi"),
        ("fr-FR,fr", "vi"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en-US,en;q=0.9,vi;q=0.8", "vi"),
        ("en-US,en;q=0.9", "en"),
        ("de,en;q=0.5", "en"),
        ("en;q=0", "vi"),
        (";;;,", "vi"),
    ],
)
def test_without_a_choice_english_is_for_those_who_want_it_and_know_no_vietnamese(
    stranger: Visitor, asked: str | None, given: str
) -> None:
    answer = stranger.get("/sign-in", headers={"Accept-Language": asked} if asked else {})
    assert language_of(answer.text) == answer.headers["Content-Language"] == given


def test_a_choice_counts_more_than_the_browser_and_outlasts_the_session(stranger: Visitor) -> None:
    browser = {"Accept-Language": "en"}
    stranger.get("/sign-in?language=vi", headers=browser)
    assert language_of(stranger.get("/sign-in", headers=browser).text) == "vi"
    stranger.get("/sign-in?language=en")
    stranger.sign_in()
    assert language_of(stranger.get("/search").text) == "en"
    stranger.send("/sign-out", form="/search")
    assert "You have signed out." in stranger.get("/sign-in").text


def test_the_switch_sets_one_cookie_and_nothing_else(stranger: Visitor) -> None:
    answer = stranger.get("/sign-in?language=en")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("kho-language=en;")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
        assert part in cookie
    assert "Secure" not in cookie
    assert (
        "; Secure;"
        in stranger.client.get("/sign-in?language=en", base_url="https://localhost").headers[
            "Set-Cookie"
        ]
    )


@pytest.mark.parametrize(
    ("address", "goes_to"),
    [
        ("/search?language=en", "/search"),
        ("/search/{uuid}?page=2&language=en", "/search/{uuid}?page=2"),
        ("/charts/{uuid}?language=en", "/charts/{uuid}"),
        ("/sign-in?next=/verify&language=en", "/sign-in?next=%2Fverify"),
        ("/v/{uuid}?language=en", "/v/{uuid}"),
        (
            "/verify?_external=1&_scheme=x&endpoint=y&language=en",
            "/verify?_external=1&_scheme=x&endpoint=y",
        ),
        ("/nowhere?language=en", "/"),
        ("//evil.example/?language=en", "/"),
        ("//evil.example/search?language=en", "/"),
        ("/\\evil.example?language=en", "/"),
        ("/sign-out?language=en", "/"),
    ],
)
def test_the_switch_leads_to_the_same_page_and_never_elsewhere(
    clerk: Visitor, address: str, goes_to: str
) -> None:
    path, _, query = address.format(uuid=UNKNOWN).partition("?")
    answer = clerk.client.get("/", environ_overrides={"PATH_INFO": path}, query_string=query)
    assert (answer.status_code, answer.location) == (303, goes_to.format(uuid=UNKNOWN))


@pytest.mark.parametrize("language", ["", "fr", "EN", "en,vi", "../en"])
def test_another_language_is_no_choice(stranger: Visitor, language: str) -> None:
    answer = stranger.get("/sign-in", query_string={"language": language})
    assert answer.status_code == 200
    assert "kho-language" not in str(answer.headers)


def test_a_cookie_of_another_make_is_no_choice_either(stranger: Visitor) -> None:
    stranger.client.set_cookie("kho-language", "<script>")
    assert language_of(stranger.get("/sign-in").text) == "vi"


def test_a_form_that_is_sent_is_not_switched(clerk: Visitor) -> None:
    answer = clerk.send("/search?language=en", form="/search", text="hòa")
    assert re.fullmatch(r"/search/[0-9a-f-]{36}", answer.location)


def test_each_page_offers_the_other_language_by_its_own_name_and_keeps_its_place(
    clerk: Visitor,
) -> None:
    page = html.document_fromstring(
        clerk.get(f"/search/{UNKNOWN}?page=2", follow_redirects=True).text
    )
    (link,) = page.xpath("//a[@hreflang]")
    assert (link.get("href"), link.get("lang"), link.get("aria-label")) == (
        "?language=en",
        "en",
        "EN: Show in English",
    )
    answer = clerk.send("/search", text="nguyễn hòa")
    (link,) = html.document_fromstring(clerk.get(f"{answer.location}?page=1").text).xpath(
        "//a[@hreflang]"
    )
    assert link.get("href") == "?page=1&language=en"


def test_the_search_for_vietnamese_finds_it(clerk: Visitor, demo_home: Home) -> None:
    for path in ("/search", "/verify", f"/documents/{a_document(demo_home).id}"):
        assert len(untranslated(clerk.get(path).text)) > 10


def test_every_page_is_english_all_through(english: Visitor, demo_home: Home) -> None:
    document = a_document(demo_home, "K01")
    for path in (
        "/search",
        f"/charts/{document.chart_id}",
        f"/documents/{document.id}",
        "/verify",
        f"/v/{document.id}",
        "/nowhere",
        f"/charts/{UNKNOWN}",
    ):
        answer = english.get(path)
        assert language_of(answer.text) == "en", path
        assert untranslated(answer.text) == [], path


def test_what_is_found_and_what_is_not_are_english(english: Visitor) -> None:
    for page in (english.search(), english.search("trần giả định"), english.search("khong co ai")):
        assert untranslated(page.text) == []
    wrong = english.search("hoa", date_from="31/02/2026")
    assert "Write a date as 31/12/2026" in wrong.text
    assert untranslated(wrong.text) == []


def test_verdicts_and_refusals_of_files_are_english(
    english: Visitor, demo_home: Home, paper_pdf: bytes
) -> None:
    document = a_document(demo_home)
    original = demo_home.vault.read(ObjectKey(document.object_key), document.object_version)
    for data in (original, flipped(original), paper_pdf, b"no pdf at all", b""):
        for path in ("/verify", f"/v/{document.id}", f"/v/{uuid4()}"):
            page = english.send(path, file=(io.BytesIO(data), "file.pdf")).text
            assert untranslated(page) == [], path
    assert "Choose a file." in english.send("/verify").text


def test_words_of_before_sign_in_and_refusals_are_english(site: Flask) -> None:
    visitor = Visitor(site)
    visitor.get("/sign-in?language=en")
    for name, password in (("luutru", "wrong"), ("", "")):
        page = visitor.sign_in(name, password).text
        assert "The name or the password is wrong." in page
        assert untranslated(page) == []
    stale = visitor.client.post("/sign-in", data={"name": "luutru", "password": PASSWORD})
    assert "This page is too old" in stale.text
    assert untranslated(stale.text) == []
    for status in (visitor.get("/sign-out"), visitor.client.post("/verify", data={})):
        assert untranslated(status.text) == []


def test_an_empty_field_is_named_in_the_pages_language(stranger: Visitor) -> None:
    assert "Hãy điền vào đây." in stranger.sign_in("", "").text
    stranger.get("/sign-in?language=en")
    answer = stranger.sign_in("", "").text
    assert "Fill this in." in answer
    assert 'aria-describedby="password-problem"' in answer


def test_superseded_and_damaged_documents_are_reported_in_english(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[paper("1", "Viêm phế quản"), paper("2")]))
    take(home, chart(1, papers=[paper("1", "Viêm phổi thùy")]))
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.get("/sign-in?language=en")
    visitor.sign_in()
    with home.catalog.read() as session:
        (row,) = records.charts(session, home.scope)
        documents = list(row.documents)
    for path in (f"/charts/{row.id}", *(f"/documents/{document.id}" for document in documents)):
        assert untranslated(visitor.get(path).text) == [], path
    stored = home.folder / "vault" / documents[0].object_key
    stored.chmod(0o644)
    stored.write_bytes(flipped(stored.read_bytes()))
    answer = visitor.get(f"/documents/{documents[0].id}")
    assert answer.status_code == 500
    assert "damaged or missing" in answer.text
    assert untranslated(answer.text) == []


def test_days_and_times_are_written_the_same_way_in_both_languages(
    clerk: Visitor, english: Visitor, demo_home: Home
) -> None:
    path = f"/charts/{a_document(demo_home).chart_id}"
    pages = [visitor.get(path).text for visitor in (clerk, english)]
    times = [re.findall(r"(?:\d\d:\d\d )?\d\d/\d\d/\d{4}", page) for page in pages]
    assert times[0] == times[1]
    assert "08:00 10/01/2026" in times[0]
