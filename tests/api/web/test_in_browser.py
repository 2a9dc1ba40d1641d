"""A records clerk's way through the pages, in a real browser, on a large screen and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.home import Home
from tests.api.web.test_document_page import a_document
from tests.api.web.test_verify_pages import flipped
from tests.fixtures.browsing import PASSWORD
from tests.fixtures.windows import fits

pytestmark = pytest.mark.judge
SCREENS = {"desk": (1200, 850), "phone": (375, 800)}


@pytest.fixture(params=SCREENS)
def page(browser: Browser, served: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window in which somebody has signed in;
    whatever the browser complains of fails the test.
    """
    width, height = SCREENS[request.param]
    context = browser.new_context(
        base_url=served, viewport={"width": width, "height": height}, locale="vi-VN"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    page.get_by_label("Tên đăng nhập").fill("luutru")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", name="Tìm hồ sơ bệnh án")).to_be_visible()
    try:
        yield page
        assert not complaints
    finally:
        context.close()


def test_from_the_search_to_the_original_and_its_verification(page: Page, tmp_path: Path) -> None:
    page.get_by_role("searchbox").fill("nguyen hoa")
    page.get_by_role("button", name="Tìm", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Tìm thấy 1 tài liệu trong 1 hồ sơ")
    assert fits(page)
    assert "nguyen" not in page.url

    page.get_by_role("link", name="Nguyễn Thị Mẫu Hòa").click()
    expect(page.get_by_role("heading", name="Nguyễn Thị Mẫu Hòa")).to_be_visible()
    assert fits(page)
    # the results are still there, and nothing asks whether a form shall be sent again
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("Tìm thấy 1 tài liệu trong 1 hồ sơ")
    page.go_forward()

    page.get_by_role("link", name="Phiếu theo dõi điều trị").click()
    expect(page.get_by_text("Nội dung đã ký còn nguyên vẹn")).to_be_visible()
    picture = page.get_by_role("img", name="Hình trang 1")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1191
    assert fits(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bản gốc đã ký").click()
    download.value.save_as(tmp_path / "original.pdf")
    (tmp_path / "flipped.pdf").write_bytes(flipped((tmp_path / "original.pdf").read_bytes()))

    page.get_by_role("link", name="Xác minh tệp").click()
    for file, verdict in (("original.pdf", "✓Hợp lệ"), ("flipped.pdf", "✕Không hợp lệ")):
        page.get_by_label("Tệp PDF").set_input_files(tmp_path / file)
        page.get_by_role("button", name="Xác minh").click()
        expect(page.get_by_text(verdict)).to_be_visible()
        assert fits(page)

    page.get_by_role("link", name="Tìm hồ sơ").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_text("Bạn đã đăng xuất.")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Mật khẩu")).to_be_visible()


def test_the_pages_can_be_used_by_keyboard_alone(page: Page) -> None:
    page.keyboard.type("nguyen hoa")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Tới nội dung chính")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_scanned_code_opens_without_sign_in(
    browser: Browser, served: str, demo_home: Home
) -> None:
    context = browser.new_context(
        base_url=served, viewport={"width": 375, "height": 800}, locale="vi-VN"
    )
    page = context.new_page()
    page.goto(f"/v/{a_document(demo_home).id}")
    expect(page.get_by_role("heading", name="Kiểm tra bản giấy hoặc tệp")).to_be_visible()
    assert fits(page)
    context.close()
