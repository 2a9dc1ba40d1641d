"""Two clerks have one paper open: what each types is saved while it is typed, they see each other,
and neither undoes the other.
"""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, Page, expect

from api.access.accounts import Accounts
from api.home import Home
from tests.fixtures.answering import pages_of
from tests.fixtures.browsing import give_account
from tests.fixtures.home import NAMES, chart, take
from tests.fixtures.windows import SCREENS, judge, opened, sign_in

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def served(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a home with a chart, and two clerks."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("writing") / "home"))
    with Home.open(folder) as home:
        take(home, chart(1))
        with pages_of(home) as address:
            give_account(Accounts(home.catalog, home.code, home.clock), "thuky", "clerk")
            yield address


def begun(page: Page) -> str:
    sign_in(page, "luutru")
    page.goto("/charts")
    page.get_by_role("main").get_by_role("link", name=NAMES[1]).first.click()
    page.get_by_role("link", name="Viết giấy theo mẫu").click()
    page.locator("select[name=code]").select_option("27/BV2")
    page.get_by_role("button", name="Bắt đầu viết").click()
    return page.url


def test_two_clerks_write_one_paper(browser: Browser, served: str) -> None:
    with (
        opened(browser, served, SCREENS["desk"], locale="vi") as first,
        opened(browser, served, SCREENS["phone"], locale="vi") as second,
    ):
        address = begun(first)
        diagnosis = "input[name=chan_doan], textarea[name=chan_doan]"
        first.locator(diagnosis).fill("Viêm phổi nặng")
        first.keyboard.press("Tab")
        expect(first.locator("#kept")).to_contain_text("đã tự lưu")
        judge(first, "vi")
        sign_in(second, "thuky")
        second.goto(address)
        expect(second.locator(diagnosis)).to_have_value("Viêm phổi nặng")
        expect(second.locator("#beside")).to_contain_text("luutru")
        judge(second, "vi")
        second.locator(diagnosis).fill("Viêm phổi nặng, suy hô hấp")
        second.keyboard.press("Tab")
        expect(second.locator("#kept")).to_contain_text("đã tự lưu")
        first.locator(diagnosis).fill("Viêm phế quản")
        first.keyboard.press("Tab")
        expect(first.locator("#kept")).to_contain_text("Người khác vừa lưu")
        first.reload()
        expect(first.locator(diagnosis)).to_have_value("Viêm phổi nặng, suy hô hấp")
        expect(first.locator("#beside")).to_contain_text("thuky")


def test_a_button_that_is_pressed_while_a_save_is_under_way_saves_all(
    browser: Browser, served: str
) -> None:
    with opened(browser, served, SCREENS["desk"], locale="vi") as page:
        address = begun(page)
        page.locator("[name=chan_doan]").fill("Viêm ruột thừa")
        page.get_by_role("button", name="Lưu nháp", exact=True).last.click()  # leaves the field
        expect(page.get_by_text("Đã lưu nháp.")).to_be_visible()
        page.goto(address)
        expect(page.locator("[name=chan_doan]")).to_have_value("Viêm ruột thừa")
