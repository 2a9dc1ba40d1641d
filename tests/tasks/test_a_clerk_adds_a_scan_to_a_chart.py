"""A clerk opens a chart, adds a scanned paper to it, and reads the paper."""

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
    "vi": ("Bổ sung giấy vào hồ sơ này", "Các tệp", "Ngày trên giấy", "Tên giấy", "Đưa vào kho"),
    "en": ("Add papers to this chart", "Files", "Date on the paper", "Title", "Archive"),
}


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home with one chart."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("adding") / "home"))
    with (folder / "kho.toml").open("a") as settings:
        settings.write("[work]\nprocesses = 1\n")  # no pool to wait for
    with Home.open(folder) as home:
        take(home, chart(1))
        with pages_of(home) as address:
            yield address


@pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])
def test_from_the_chart_to_the_paper(
    browser: Browser, served: str, screen: str, language: str, tmp_path: Path
) -> None:
    add, files, dated, title, archive = WORDS[language]
    scan = tmp_path / f"{screen}.pdf"
    scan.write_bytes(plain_pdf(f"Đơn xin ra viện {screen}"))
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        page.set_default_timeout(PATIENCE * 1000)  # a file is converted and sealed
        sign_in(page)
        page.goto("/charts")
        page.get_by_role("link", name=chart(1)["patient"]["name"]).click()
        page.get_by_role("link", name=add).click()
        judge(page, language)
        page.get_by_label(title, exact=True).fill(f"Don {screen}")
        page.get_by_label(dated).fill("13/2026")
        page.get_by_role("button", name=archive).click()
        judge(page, language)  # with a problem; what was typed is there
        expect(page.get_by_label(title, exact=True)).to_have_value(f"Don {screen}")
        page.get_by_label(dated).fill("20/01/2026")
        page.get_by_label(files).first.set_input_files(scan)
        page.get_by_role("button", name=archive).click()
        expect(page.get_by_role("status")).to_contain_text("1")
        judge(page, language)
        page.reload()  # the form is sent again: the same paper
        page.get_by_role("main").get_by_role("link", name="KHAC").click()
        expect(page.get_by_text(f"Don {screen}.pdf")).to_be_visible()
        assert "Trần" not in page.url
