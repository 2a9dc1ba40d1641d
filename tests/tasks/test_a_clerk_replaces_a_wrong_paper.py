"""A clerk replaces a wrong paper with the right one and a reason; both pages say so."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, expect

from api.home import Home
from tests.fixtures.answering import pages_of
from tests.fixtures.home import chart, take
from tests.fixtures.windows import SCREENS, judge, opened, sign_in
from tests.ingest.files.papers import plain_pdf
from tests.waiting import PATIENCE

pytestmark = pytest.mark.judge
WORDS = {
    "vi": (
        "Thay bằng bản đúng",
        "Bản đúng",
        "Lý do thay",
        "Thay giấy này",
        "xem bản trước",
        "Hợp lệ nhưng đã bị thay",
    ),
    "en": (
        "Replace with the right paper",
        "The right paper",
        "Why it is replaced",
        "Replace this document",
        "see the older document",
        "Valid but replaced",
    ),
}


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home with two charts."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("replacing") / "home"))
    with (folder / "kho.toml").open("a") as settings:
        settings.write("[work]\nprocesses = 1\n")  # no pool to wait for
    with Home.open(folder) as home:
        take(home, chart(1), chart(2))
        with pages_of(home) as address:
            yield address


@pytest.mark.parametrize(("screen", "language", "number"), [("desk", "vi", 1), ("phone", "en", 2)])
def test_from_the_wrong_paper_to_both_versions(
    browser: Browser, served: str, screen: str, language: str, number: int, tmp_path: Path
) -> None:
    replace, file, reason, submit, older, amber = WORDS[language]
    right = tmp_path / "right.pdf"
    right.write_bytes(plain_pdf("Phieu theo doi dung"))
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        page.set_default_timeout(PATIENCE * 1000)  # a file is converted and sealed
        sign_in(page)
        page.goto("/charts")
        page.get_by_role("link", name=chart(number)["patient"]["name"]).click()
        page.locator(".documents th a").first.click()
        page.get_by_role("link", name=replace).click()
        judge(page, language)
        page.get_by_label(file).set_input_files(right)
        page.get_by_label(reason).fill("Scan 2")
        page.get_by_role("button", name=submit).dblclick()
        expect(page.get_by_text("Scan 2")).to_be_visible()
        judge(page, language)
        page.get_by_role("link", name=older).click()
        expect(page.get_by_text(amber)).to_be_visible()
        expect(page.get_by_text("Scan 2")).to_be_visible()
        judge(page, language)
