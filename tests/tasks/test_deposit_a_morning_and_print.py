"""A clerk deposits a morning's complete charts, and prints labels and the handover list."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, Page, expect

from api.home import Home
from tests.fixtures.answering import pages_of
from tests.fixtures.home import chart, take
from tests.fixtures.windows import SCREENS, judge, opened, sign_in

pytestmark = pytest.mark.judge

_EXAMINATIONS = 4  # charts that lack no paper; each test deposits two of them


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home with complete charts, and one that lacks papers."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("morning") / "home"))
    with Home.open(folder) as home:
        complete = [
            chart(number, chart={**chart(number)["chart"], "kind": "examination"})
            for number in range(2, 2 + _EXAMINATIONS)
        ]
        take(home, chart(1), *complete)
        with pages_of(home) as address:
            yield address


@pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])
def test_deposit_the_complete_charts_of_a_morning_and_print_the_labels_and_the_handover_list(
    browser: Browser, served: str, screen: str, language: str
) -> None:
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page)
        vietnamese = language == "vi"
        page.goto("/charts")
        page.get_by_label("Giấy cần có" if vietnamese else "Required papers").select_option(
            "complete"
        )
        page.get_by_label("Tình trạng" if vietnamese else "State").first.select_option("open")
        page.get_by_role("button", name="Lọc" if vietnamese else "Filter").click()
        boxes = page.get_by_role("checkbox")
        before = boxes.count()
        assert before >= 2
        boxes.nth(0).check()
        boxes.nth(1).check()
        judge(page, language)
        deposit = "Nộp lưu hồ sơ đã chọn" if vietnamese else "Deposit the chosen charts"
        page.get_by_role("button", name=deposit).click()
        expect(page.get_by_role("status").first).to_contain_text("2")
        judge(page, language)
        page.get_by_label("Khổ nhãn" if vietnamese else "Label sheet").select_option("100x50")
        prints(page, "labels", "In nhãn" if vietnamese else "Print labels")
        prints(
            page, "handover", "In biên bản bàn giao" if vietnamese else "Print the handover list"
        )


def prints(page: Page, what: str, button: str) -> None:
    """Press a button whose answer is a PDF in a tab of its own: the results stay on the screen."""
    with page.context.expect_event(
        "response", lambda response: response.url.endswith(f"/charts/print/{what}")
    ) as answer:
        page.get_by_role("button", name=button, exact=True).click()
    assert answer.value.status == 200
    assert answer.value.headers["content-type"] == "application/pdf"
