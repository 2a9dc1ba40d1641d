"""The tasks of an administrator, and of a person who lost a device, by somebody who was given the
address and a role only.
"""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, Page, expect

from api.home import Home
from api.upkeep.check_run import CheckRun
from tests.fixtures.answering import pages_and_api_of
from tests.fixtures.home import chart, take
from tests.fixtures.windows import SCREENS, judge, opened, sign_in

pytestmark = pytest.mark.judge
FIRST, OWN = "một mật khẩu ban đầu", "một câu dài của riêng tôi"
BOTH = pytest.mark.parametrize(("screen", "language"), [("desk", "vi"), ("phone", "en")])


@pytest.fixture(scope="module")
def home(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home of one chart."""
    folder = Path(copytree(home_template, tmp_path_factory.mktemp("administered") / "home"))
    with Home.open(folder) as home:
        take(home, chart(1))
        yield home


@pytest.fixture(scope="module")
def checks(home: Home) -> Iterator[CheckRun]:
    """The checks that the administrator begins."""
    checks = CheckRun(home)
    yield checks
    checks.end()


@pytest.fixture(scope="module")
def served(home: Home, checks: CheckRun) -> Iterator[str]:
    """The address of pages and API of that home."""
    with pages_and_api_of(home, checks) as address:
        yield address


def entry(page: Page, name: str) -> None:
    """Open an entry of the frame."""
    navigation = page.get_by_role("navigation", name="Trang chính").or_(
        page.get_by_role("navigation", name="Main pages")
    )
    navigation.get_by_role("link", name=name).click()


@BOTH
def test_let_a_new_colleague_sign_in(
    browser: Browser, served: str, screen: str, language: str
) -> None:
    words = {
        "vi": ("Người dùng", "Thêm người dùng", "Tạo tài khoản", "Mật khẩu hiện nay"),
        "en": ("Users", "Add a user", "Create the account", "Present password"),
    }[language]
    name = f"lan.{screen}"
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page, "quantri")
        entry(page, words[0])
        page.get_by_role("link", name=words[1]).click()
        page.locator("input[name=name]").fill(name)
        page.locator("select[name=role]").select_option("reader")
        for field in ("password", "again"):
            page.locator(f"input[name={field}]").fill(FIRST)
        page.get_by_role("button", name=words[2]).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        judge(page, language)
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        page.goto("/")
        page.locator("input[name=name]").fill(name)
        page.locator("input[name=password]").fill(FIRST)
        page.get_by_role("main").get_by_role("button").click()
        page.get_by_label(words[3]).fill(FIRST)
        for field in ("new", "again"):
            page.locator(f"input[name={field}]").fill(OWN)
        page.get_by_role("main").get_by_role("button").click()
        expect(page.get_by_role("searchbox")).to_be_visible()


@BOTH
def test_find_out_what_does_not_work_and_what_to_do(
    browser: Browser, served: str, checks: CheckRun, screen: str, language: str
) -> None:
    words = {
        "vi": ("Tình trạng", "Kiểm tra kho", "Kiểm tra ngay", "Kho nguyên vẹn"),
        "en": ("Status", "Check the archive", "Check now", "The archive is sound"),
    }[language]
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page, "quantri")
        entry(page, words[0])
        expect(page.get_by_role("table")).to_be_visible()
        expect(page.locator("tr", has_text="TSA").first).to_be_visible()
        page.get_by_role("link", name=words[1]).click()
        page.get_by_role("button", name=words[2]).click()
        checks.wait()
        page.reload()
        expect(page.get_by_text(words[3])).to_be_visible()
        judge(page, language)


@BOTH
def test_give_the_his_a_key(browser: Browser, served: str, screen: str, language: str) -> None:
    words = {
        "vi": ("Khóa API", "Tạo khóa", "Phần mềm", "Tôi đã chép khóa"),
        "en": ("API keys", "New key", "Program", "I have copied the key"),
    }[language]
    with opened(browser, served, SCREENS[screen], locale=language) as page:
        sign_in(page, "quantri")
        entry(page, words[0])
        page.get_by_role("link", name=words[1]).click()
        page.get_by_label(words[2]).first.fill(f"HIS {screen}")
        page.get_by_role("main").get_by_role("button").click()
        secret = page.locator(".secret").inner_text()
        judge(page, language)
        page.get_by_role("link", name=words[3]).click()
        row = page.locator("tr", has_text=f"HIS {screen}")
        expect(row).to_contain_text(secret[:12])
        assert secret not in page.content()
        answer = page.request.get("/api/v1/charts", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status == 200
        row.get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text(f"HIS {screen}")


@BOTH
def test_sign_out_a_lost_device(browser: Browser, served: str, screen: str, language: str) -> None:
    end = {"vi": "Kết thúc", "en": "End"}[language]
    with (
        opened(browser, served, SCREENS["phone"], locale=language) as lost,
        opened(browser, served, SCREENS[screen], locale=language) as page,
    ):
        for each in (lost, page):
            sign_in(each, "doc")
        page.get_by_role("banner").get_by_role("link", name="doc", exact=True).click()
        rows = page.locator("tbody tr")
        here = {"vi": "thiết bị này", "en": "this device"}[language]
        rows.filter(has_not_text=here).first.get_by_role("button", name=end).click()
        expect(page.get_by_role("status")).to_be_visible()
        judge(page, language)
        lost.reload()
        expect(lost.locator("input[name=password]")).to_be_visible()
