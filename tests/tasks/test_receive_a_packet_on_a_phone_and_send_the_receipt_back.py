"""Task of the receiving clerk: receive a packet on a phone and send the receipt back."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.sharing.receipt_report import verify_receipt
from tests.fixtures.hospitals import Hospitals
from tests.tasks.between_hospitals import elsewhere, fits, signed_in

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def served(hospitals: Hospitals) -> str:
    """The receiver's address; the browser starts after all that is sealed for it."""
    return hospitals.receiver.address


def test_receive_a_packet_on_a_phone_and_send_the_receipt_back(
    browser: Browser, hospitals: Hospitals, tmp_path: Path
) -> None:
    file = tmp_path / "goi.asice"
    file.write_bytes(hospitals.packets[0])
    with signed_in(browser, hospitals.receiver.address, "phone") as page:
        page.get_by_role("link", name="Gói chuyển tuyến", exact=True).click()
        page.get_by_role("link", name="Nhận gói hoặc biên nhận").click()
        page.get_by_label("Tệp gói hoặc biên nhận").set_input_files(file)
        page.get_by_role("button", name="Kiểm tra").click()

        expect(page.get_by_text("Gói thật, nguyên vẹn")).to_be_visible()
        expect(page.get_by_text("Chưa biết cơ sở này.")).to_be_visible()
        assert "Bệnh viện Tuyến Dưới Thử Nghiệm" in page.content()
        assert fits(page)

        page.get_by_role("link", name="Phiếu theo dõi điều trị").click()
        picture = page.get_by_role("img", name="Hình trang 1")
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1191
        assert fits(page)
        page.get_by_role("link", name="Về gói chờ quyết định").click()

        page.get_by_label("Mã đối chiếu mà họ đọc").fill("0000 " * 8)
        page.get_by_role("button", name="Xác nhận đối tác").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Mã đối chiếu mà họ đọc").fill(hospitals.sender.identity.check_code)
        page.get_by_role("button", name="Xác nhận đối tác").click()
        expect(page.get_by_text("Có, đã được xác nhận.")).to_be_visible()

        page.get_by_label("Khoa tiếp nhận").fill("K01")
        page.get_by_role("button", name="Nhận vào kho").dblclick()
        expect(page.get_by_role("heading", name="Gói đã nhận")).to_be_visible(timeout=60_000)
        assert fits(page)
        with page.expect_download() as download:
            page.get_by_role("link", name="Tải biên nhận").click()
        download.value.save_as(tmp_path / "bien-nhan.asice")
        assert "Chờ quyết định" not in page.content()

        page.get_by_role("link", name="Mở hồ sơ").click()
        expect(page.get_by_text("Nhận từ cơ sở 79001")).to_have_count(1)
    receipt, trust = (tmp_path / "bien-nhan.asice").read_bytes(), hospitals.sender.home.trust
    assert elsewhere(lambda: verify_receipt(receipt, trust)).verdict.value == "valid"
