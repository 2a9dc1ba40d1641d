"""An inspector chooses charts in the table, looks at the set, and takes it away with its proof."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, expect

from api.home import Home
from signing.validation.isolated import validate_isolated
from signing.validation.result.verdict import Verdict
from tests.fixtures.answering import pages_of
from tests.fixtures.home import chart, paper, take
from tests.fixtures.windows import SCREENS, judge, opened, sign_in

pytestmark = pytest.mark.judge
WORDS = {
    "vi": ("Danh sách", "Thêm hồ sơ đã chọn vào tập", "Tập kiểm tra", "Mang về một tệp ZIP", "Bỏ"),
    "en": (
        "Charts",
        "Add the chosen charts to the set",
        "Inspection set",
        "Take away one ZIP",
        "R",
    ),
}


@pytest.fixture(scope="module")
def own_home(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with two charts; the second has three papers."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("inspected") / "home"))
    with Home.open(folder) as home:
        take(home, chart(1), chart(2, papers=[paper(key, key) for key in "123"]))
        yield home


@pytest.fixture(scope="module")
def served(own_home: Home) -> Iterator[str]:
    """The address of that home."""
    with pages_of(own_home) as address:
        yield address


@pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])
def test_from_the_table_of_charts_to_the_zip(
    browser: Browser, served: str, own_home: Home, screen: str, language: str, tmp_path: Path
) -> None:
    table, add, title, take_away, remove = WORDS[language]
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page, {"desk": "doc", "phone": "luutru"}[screen])
        entries = page.locator("nav.entries")
        entries.get_by_role("link", name=table).click()
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_role("button", name=add).click()
        expect(page.get_by_role("status").first).to_contain_text("4")
        entries.get_by_role("link", name=title).click()
        papers = page.locator("ol.sheets > li")
        expect(papers).to_have_count(4)
        picture = papers.first.locator("img")
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 265
        judge(page, language)
        papers.last.get_by_role("button", name=remove).click()
        expect(papers).to_have_count(3)
        with page.expect_download() as download:
            page.get_by_role("button", name=take_away).click()
        download.value.save_as(tmp_path / "set.zip")
    with zipfile.ZipFile(tmp_path / "set.zip") as file:
        assert file.testzip() is None
        sealed = file.read("bien-ban-xac-minh.pdf")
        record = json.loads(file.read("record.json"))
    assert record["counts"] == {"valid": 3}
    assert validate_isolated(sealed, own_home.trust).verdict is Verdict.VALID
