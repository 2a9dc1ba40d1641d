"""Every page in both languages, on a clerk's screen and on a phone: it fits and is accessible."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from playwright.sync_api import Browser, expect

from api.access.api_keys import ApiKeys
from api.home import Home
from archive.base.identifiers import ObjectKey
from tests.api.web.test_document_page import a_document
from tests.api.web.test_verify_pages import flipped
from tests.fixtures.browsing import PASSWORD, Visitor
from tests.fixtures.windows import SCREENS, fits, judge, judge_by_day_and_by_night, opened, sign_in

pytestmark = pytest.mark.judge
WORDS = {
    "vi": ("Tên đăng nhập", "Mật khẩu", "Đăng nhập", "Tìm", "Tệp PDF", "Xác minh"),
    "en": ("Name", "Password", "Sign in", "Search", "PDF file", "Verify"),
}
LOCALES = {"vi": "vi-VN", "en": "en-GB"}


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> tuple[int, int]:
    """The size of a window."""
    return SCREENS[request.param]


# Addresses that are no page of their own: files, pictures, and redirects.
NO_PAGES = {
    "static",
    "icon",
    "search.start",
    "search.results",  # its searches are in memory: judged below
    "deposits.back",
    "printing.labels_back",
    "printing.handover_back",
    "documents.picture",
    "documents.download",
    "documents.received",
    "documents.thumbnail",
    "photographs.show",  # `tests/tasks` judges it: photographs wait there
    "photographs.picture",
    "filling.preview",
    "gallery.blank",
    "gallery.filled",
    "charts.export",
}
# Pages of a packet that a test first makes or uploads: the tasks judge them
# (`tests/tasks/between_hospitals.py`). The others are files and pictures of a packet.
OF_A_PACKET = {
    "packet_making.follow",
    "packet_reception.show",
    "waiting_papers.paper",
    "waiting_papers.picture",
    "packets.sent",
    "packets.download",
    "packets.returned",
    "packets.received",
    "packets.given",
}


def pages_by_account(site: Flask, home: Home) -> dict[str, list[str]]:
    """Return the address of every page that the application has, under an account that may open it.

    A page that no account of the tests may open, or whose address has a place for which this knows
    no value, is an error: a new page cannot be forgotten.
    """
    document = a_document(home)
    values: dict[str, Any] = {
        "document_id": document.id,
        "chart_id": document.chart_id,
        "number": 1,
        "name": "doc",
        "code": document.id,
    }
    rules = [
        rule
        for rule in site.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES | OF_A_PACKET
    ]
    visitors = {account: Visitor(site) for account in ("luutru", "quantri")}
    for account, visitor in visitors.items():
        assert visitor.sign_in(account).status_code == 303
    begun = visitors["luutru"].send(f"/charts/{document.chart_id}/write", code="10/BV1")
    values["envelope_id"] = begun.location.rpartition("/")[2]
    pages: dict[str, list[str]] = {account: [] for account in visitors}
    with site.test_request_context():
        addresses = [
            url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            for rule in rules
            if rule.endpoint != "signing.sign_in"
        ]
    for address in addresses:
        opens = [
            account
            for account, visitor in visitors.items()
            if visitor.get(address).status_code == 200
        ]
        assert opens, address
        pages[opens[0]].append(address)
    return pages


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_that_the_application_has_fits_is_accessible_and_in_its_language(
    browser: Browser,
    site: Flask,
    served: str,
    screen: tuple[int, int],
    language: str,
    demo_home: Home,
) -> None:
    for account, addresses in pages_by_account(site, demo_home).items():
        with opened(browser, served, screen, locale=LOCALES[language]) as page:
            sign_in(page, account)
            for address in addresses:
                page.goto(address)
                for summary in page.locator("main summary").all():
                    if summary.locator("..").get_attribute("open") is None:
                        summary.click()
                judge(page, language)


# One template makes all articles of the API's document; axe would take minutes for hundreds.
FEW = ("listCharts", "submit", "createUser", "schema-Chart", "schema-NewUser")


def test_the_document_of_the_api_fits_and_is_accessible(
    browser: Browser, served: str, screen: tuple[int, int]
) -> None:
    with opened(browser, served, screen, locale="vi-VN") as page:
        page.goto("/api/docs")
        assert fits(page)
        page.evaluate(
            "few => document.querySelectorAll('article')"
            ".forEach(each => few.includes(each.id) || each.remove())",
            FEW,
        )
        for summary in page.locator(".try summary").all():
            summary.click()
        judge_by_day_and_by_night(page)


def test_an_operation_of_the_api_is_tried_on_its_page_with_a_key_that_is_kept_nowhere(
    browser: Browser, served: str, demo_home: Home
) -> None:
    keys = ApiKeys(demo_home.catalog, demo_home.code, demo_home.clock)
    until = demo_home.clock.now() + timedelta(days=1)
    _, secret = keys.create("HIS thử", "reader", until)
    with opened(browser, served, SCREENS["desk"], locale="vi-VN") as page:
        page.goto("/api/docs")
        page.get_by_label("Khóa API để thử").fill(secret)
        operation = page.locator("#listCharts")
        operation.locator(".try summary").click()
        operation.get_by_label("limit").fill("1")
        operation.get_by_role("button").click()
        expect(operation.locator("output p")).to_have_text("GET /api/v1/charts?limit=1: 200")
        expect(operation.locator("output pre")).to_contain_text('"chart_id"')
        kept = "[Object.keys(localStorage).length, Object.keys(sessionStorage).length]"
        assert page.evaluate(kept) == [0, 0]
        assert page.context.cookies() == []
        page.reload()
        expect(page.get_by_label("Khóa API để thử")).to_have_value("")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_pages_say_to_forms_fits_is_accessible_and_in_its_language(
    browser: Browser,
    served: str,
    screen: tuple[int, int],
    language: str,
    demo_home: Home,
    tmp_path: Path,
) -> None:
    _, _, submit, search, file, verify = WORDS[language]
    document = a_document(demo_home)
    original = demo_home.vault.read(ObjectKey(document.object_key), document.object_version)
    (tmp_path / "original.pdf").write_bytes(original)
    (tmp_path / "flipped.pdf").write_bytes(flipped(original))
    with opened(browser, served, screen, locale=LOCALES[language]) as page:
        page.goto("/sign-in")
        judge(page, language)
        page.get_by_role("button", name=submit).click()
        judge(page, language)  # with a problem at each field
        sign_in(page)
        page.get_by_role("button", name=search, exact=True).click()
        judge(page, language)
        page.get_by_role("searchbox").fill("khong co ai")
        page.get_by_role("button", name=search, exact=True).click()
        judge(page, language)
        for query in ("?chosen=all", "?state=gone", "?department=K09"):
            page.goto(f"/charts{query}")
            judge(page, language)
        page.goto(f"/charts/{a_document(demo_home, 'K01').chart_id}")  # deposited
        judge(page, language)
        page.goto("/verify")
        for kind in ("original", "flipped"):
            page.get_by_label(file).set_input_files(tmp_path / f"{kind}.pdf")
            page.get_by_role("button", name=verify).click()
            judge(page, language)
        page.goto("/nowhere")
        judge(page, language)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_pages_say_to_an_administrator_is_accessible_and_in_its_language(
    browser: Browser, served: str, screen: tuple[int, int], language: str
) -> None:
    with opened(browser, served, screen, locale=LOCALES[language]) as page:
        sign_in(page, "quantri")
        for path, form in (("/users/doc", "form[action$='/password']"), ("/keys/new", "main form")):
            page.goto(path)
            for field in page.locator(f"{form} input:not([type=hidden], [type=checkbox])").all():
                if field.is_visible():
                    field.fill("")
            page.locator(f"{form} button").click()
            judge(page, language)  # with a problem at each field


def test_the_language_is_switched_in_place_by_keyboard_and_kept(
    browser: Browser, served: str, screen: tuple[int, int]
) -> None:
    with opened(browser, served, screen, locale="vi-VN") as page:
        page.goto("/sign-in?next=/verify")
        switch = page.get_by_role("link", name="Show in English")
        switch.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert page.url.endswith("/sign-in?next=%2Fverify")
        page.get_by_label("Name", exact=True).fill("luutru")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Verify a PDF file")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You have signed out.")).to_be_visible()
        page.get_by_role("link", name="Xem bằng tiếng Việt").click()
        expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
        assert not re.search("language", page.url)


def test_every_link_and_button_of_the_search_is_reached_by_the_tab_key(
    browser: Browser, served: str
) -> None:
    with opened(browser, served, SCREENS["desk"], locale="vi-VN") as page:
        page.goto("/sign-in")
        page.get_by_label("Tên đăng nhập").fill("luutru")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/search/*")
        can_be_used = page.locator(
            "a:visible, button:visible, input:visible, select:visible, summary:visible"
        ).count()
        reached: list[int] = []
        for _ in range(can_be_used):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
            )
        assert len(set(reached)) == can_be_used
