"""A person names a department, and everybody reads the name in place of the code."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, expect

from api.home import Home
from tests.fixtures.answering import pages_of
from tests.fixtures.home import chart, take
from tests.fixtures.windows import SCREENS, judge, opened, sign_in

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home with a chart of K02."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("named") / "home"))
    with Home.open(folder) as home:
        take(home, chart(2))
        with pages_of(home) as address:
            yield address


@pytest.mark.parametrize(
    ("person", "screen", "language"), [("quantri", "desk", "vi"), ("luutru", "phone", "en")]
)
def test_name_a_department(
    browser: Browser, served: str, person: str, screen: str, language: str
) -> None:
    name = f"Khoa Hồi sức tích cực {screen}"
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page, person)
        if person == "quantri":
            page.get_by_role("navigation").get_by_role("link", name="Tên khoa").click()
        else:
            page.goto("/charts")
            page.get_by_role("main").get_by_role("link", name="Departments").click()
        judge(page, language)
        label = {"vi": "Đặt tên cho khoa K02", "en": "Name department K02"}[language]
        page.get_by_role("link", name=label).click()
        page.get_by_label("Tên khoa" if language == "vi" else "Name", exact=True).fill(name)
        save = "Lưu tên khoa" if language == "vi" else "Save the name"
        page.get_by_role("button", name=save).click()
        expect(page.get_by_role("status").first).to_contain_text("K02")
        expect(page.get_by_role("main")).to_contain_text(name)
        judge(page, language)
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page, "luutru")
        page.goto("/charts")
        expect(page.get_by_role("main")).to_contain_text(name)
        page.goto("/search")
        page.get_by_role("searchbox").or_(page.locator("input[name=text]")).first.fill(name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_contain_text("Lê Thử Thúy")
