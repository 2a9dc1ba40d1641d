"""A clerk sees on the start page that something was refused, reads why, and marks it as settled."""

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, expect

from api.home import Home
from api.refusals.kept import Source
from api.writing.intake import Intake
from tests.api.refusals.test_refusals import wrong
from tests.fixtures.answering import pages_of
from tests.fixtures.home import CLERK
from tests.fixtures.windows import SCREENS, judge, opened, sign_in

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home to which a HIS and a watched folder sent wrong charts."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("refused") / "home"))
    with Home.open(folder) as home, pages_of(home) as address:
        for source, number in ((Source.REST, 1), (Source.WATCH, 2), (Source.PAGE, 3)):
            intake = Intake(home.open_for_writing(), CLERK, home.scope, source=source)
            data = json.dumps(wrong(number)).encode()
            list(intake.take(f"K0{number}/ho-so-{'dai-' * 30}{number}.json", data))
        yield address


@pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])
def test_from_the_start_page_to_settled(
    browser: Browser, served: str, screen: str, language: str
) -> None:
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page)
        words = {
            "vi": ("Bị từ chối", "Việc cần làm", "Đánh dấu đã xử lý"),
            "en": ("Refused", "What to do", "Mark as settled"),
        }[language]
        page.get_by_role("navigation").get_by_role("link", name=words[0]).last.click()
        articles = page.get_by_role("article")
        before = articles.count()
        expect(articles.first).to_contain_text(words[1])
        judge(page, language)
        articles.first.get_by_role("button", name=words[2]).click()
        expect(articles).to_have_count(before - 1)
        page.goto("/refusals?state=settled")
        judge(page, language)
