"""A reader opens a chart, reads its papers one after another, and prints the last one."""

from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Browser, expect

from tests.fixtures.windows import SCREENS, judge, opened, sign_in
from tests.tasks.test_an_inspector_takes_a_set_away_with_its_proof import own_home, served

__all__ = ["own_home", "served"]  # fixtures

pytestmark = pytest.mark.judge
WORDS = {
    "vi": ("Danh sách", "Giấy sau", "Giấy {}/3 của hồ sơ", "Hình trang 1"),
    "en": ("Charts", "Next paper", "Paper {} of 3 of the chart", "Picture of page 1"),
}


@pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])
def test_from_the_chart_to_its_last_paper(
    browser: Browser, served: str, screen: str, language: str, tmp_path: Path
) -> None:
    table, following, place, picture = WORDS[language]
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page, "doc")
        page.locator("nav.entries").get_by_role("link", name=table).click()
        page.get_by_role("link", name="Lê Thử Thúy").click()
        thumbnails = page.locator("table.documents img.thumbnail")
        expect(thumbnails).to_have_count(3)
        for thumbnail in thumbnails.all():
            thumbnail.scroll_into_view_if_needed()
            thumbnail.evaluate("image => image.decode()")
        judge(page, language)
        page.locator("table.documents").get_by_role("link").first.click()
        for number in (1, 2, 3):
            expect(page.get_by_text(place.format(number), exact=True)).to_be_visible()
            page.get_by_role("img", name=picture).evaluate("image => image.decode()")
            if number == 1:
                judge(page, language)
            if number < 3:
                page.get_by_role("link", name=following).click()
        expect(page.get_by_role("link", name=following)).to_have_count(0)
        page.pdf(path=tmp_path / "printed.pdf", format="A4")
    with pikepdf.open(tmp_path / "printed.pdf") as printed:
        assert len(printed.pages) == 1  # the paper's only page fills a sheet, and nothing else
