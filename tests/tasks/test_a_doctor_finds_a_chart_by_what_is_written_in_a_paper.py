"""A doctor finds a chart by what a paper says, and takes back what Kho read as a filter."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, expect

from api.home import Home
from tests.fixtures.answering import pages_of
from tests.fixtures.home import chart, paper, take
from tests.fixtures.windows import SCREENS, judge, opened, sign_in

pytestmark = pytest.mark.judge
WORDS = {
    "vi": ("Tìm", "tìm như chữ", "Bỏ bộ lọc", "nội dung giấy", "Không tìm thấy tài liệu nào"),
    "en": ("Search", "search as words", "Take the filter back", "content", "No document was found"),
}


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home in which one paper says something that no other does."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("written") / "home"))
    hostile = "Dị ứng <b>penicillin</b> & tôm, đã cấp cứu hai lần vì khó thở. " * 12
    with Home.open(folder) as home, pages_of(home) as address:
        take(home, chart(1, papers=[paper("1", hostile)]), chart(2), chart(3))
        yield address


@pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])
def test_from_the_words_of_a_paper_to_its_chart(
    browser: Browser, served: str, screen: str, language: str
) -> None:
    search, as_words, take_back, why, nothing = WORDS[language]
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page)
        page.goto("/search")

        def find(typed: str) -> None:
            page.get_by_role("searchbox").fill(typed)
            page.get_by_role("search").get_by_role("button", name=search, exact=True).click()

        find("di ung penicillin khoa K01 nội trú")
        results = page.get_by_role("main").get_by_role("listitem").filter(has=page.locator("h3"))
        expect(results).to_have_count(1)
        passage = results.locator("q")
        expect(passage.locator("mark").first).to_have_text("Dị")
        expect(passage).to_contain_text("<b>penicillin</b> & tôm")
        expect(results).to_contain_text(why)
        assert "penicillin" not in page.url
        judge(page, language)

        chips = page.locator(".chip")
        expect(chips).to_have_count(2)
        chips.nth(1).get_by_role("button", name=as_words).click()  # no paper says these words
        expect(page.get_by_text(nothing)).to_be_visible()
        page.go_back()
        chips.nth(1).get_by_role("button", name=take_back).click()
        expect(chips).to_have_count(1)
        chips.nth(0).get_by_role("button", name=take_back).click()
        expect(chips).to_have_count(0)
        expect(results).to_have_count(1)

        results.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Trần Văn Giả Định")
