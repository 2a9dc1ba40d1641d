"""A clerk photographs a paper page by page, begins its chart, and puts the pages into order."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, expect

from api.home import Home
from tests.fixtures.answering import pages_of
from tests.fixtures.windows import SCREENS, judge, opened, sign_in
from tests.ingest.files.papers import image_file
from tests.judges.missing import require_program
from tests.waiting import PATIENCE

pytestmark = pytest.mark.judge
WORDS = {
    "vi": (
        "Hồ sơ mới, chưa có trong kho",
        "Họ và tên người bệnh",
        "Hình thức",
        "Nội trú",
        "Ghép các ảnh thành một giấy",
        "Mã lượt điều trị",
        "Đưa vào kho",
        "Xem thứ tự mới",
        "Đưa vào kho thành một giấy",
    ),
    "en": (
        "New chart, not in the archive yet",
        "Name of the patient",
        "Kind of care",
        "Inpatient",
        "Make the images one paper",
        "Episode of the chart",
        "Archive",
        "Show the new order",
        "Archive as one paper",
    ),
}


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home without a chart."""
    require_program("gs", "tesseract")
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("photographs") / "home"))
    with (folder / "kho.toml").open("a") as settings:
        settings.write("[work]\nprocesses = 1\n")  # no pool to wait for
    with Home.open(folder) as home, pages_of(home) as address:
        yield address


@pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])
def test_from_photographs_to_one_paper_of_a_new_chart(
    browser: Browser, served: str, screen: str, language: str, tmp_path: Path
) -> None:
    new, name, kind, inpatient, together, episode, archive, order, as_one = WORDS[language]
    photographs = []
    for number, resolution in enumerate((60, 70, 80), start=1):
        photograph = tmp_path / f"IMG_{screen}_{number}.jpg"
        photograph.write_bytes(image_file("JPEG", resolution=resolution))
        photographs.append(photograph)
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        page.set_default_timeout(PATIENCE * 1000)  # the photographs are recognised and sealed
        sign_in(page)
        page.goto("/bring-in")
        page.locator("input[type=file]").first.set_input_files(photographs)
        page.get_by_label(together).check()
        page.get_by_label(episode).fill(f"LK-{screen}")
        page.get_by_text(new).click()
        page.get_by_label(name).fill("Lê Thị Giả Sử")
        page.get_by_role("button", name=archive, exact=True).click()
        judge(page, language)  # the kind of care is missing
        page.get_by_label(kind, exact=True).select_option(inpatient)
        page.locator("input[type=file]").first.set_input_files(photographs)
        page.get_by_role("button", name=archive, exact=True).click()
        names = page.locator("main .file-name")
        expect(names).to_have_text([each.name for each in photographs], timeout=PATIENCE * 1000)
        judge(page, language)
        page.locator("main li input[type=text], main li input:not([type])").last.fill("1")
        page.get_by_role("button", name=order).click()
        expect(names.first).to_have_text(photographs[-1].name)
        judge(page, language)
        page.get_by_role("button", name=as_one).click()
        page.wait_for_url("**/documents/*")
        judge(page, language)
        assert "IMG" not in page.url
