"""Task of the clerk: send a packet to another hospital."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.sharing.verification import verify_packet
from tests.fixtures.home import CLERK
from tests.fixtures.hospitals import Hospitals
from tests.fixtures.windows import SCREENS
from tests.tasks.between_hospitals import elsewhere, fits, signed_in

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def served(hospitals: Hospitals) -> str:
    """The sender's address; the browser starts after all that is sealed for it."""
    return hospitals.sender.address


@pytest.mark.parametrize("screen", SCREENS)
def test_send_a_packet_to_another_hospital(
    browser: Browser, hospitals: Hospitals, tmp_path: Path, screen: str
) -> None:
    home, chart_id = hospitals.sender.home, hospitals.sender.charts[0]
    reason = f"Chuyển tuyến điều trị ({screen})"  # the same order again gives the same packet
    with signed_in(browser, hospitals.sender.address, screen) as page:
        page.goto(f"/charts/{chart_id}")
        page.get_by_role("link", name="Lập gói chuyển tuyến").click()
        page.get_by_label("Mã cơ sở nhận").fill("7900")
        page.get_by_label("Lý do chuyển").fill(reason)
        page.get_by_role("button", name="Lập gói").click()
        expect(page.get_by_role("alert")).to_contain_text("5 chữ số hoặc chữ hoa")
        assert page.get_by_label("Lý do chuyển").input_value() == reason
        assert fits(page)

        before = len(
            home.open_for_reading().packet_register.sent(None, 99, CLERK, home.scope).packets
        )
        page.get_by_label("Mã cơ sở nhận").fill("79002")
        page.get_by_role("button", name="Lập gói").dblclick()
        expect(page.get_by_role("heading", name="Gói đã gửi")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Chờ biên nhận")).to_be_visible()
        assert fits(page)
        with page.expect_download() as download:
            page.get_by_role("link", name="Tải tệp gói").click()
        download.value.save_as(tmp_path / "goi.asice")

        page.get_by_role("link", name="Gói chuyển tuyến", exact=True).first.click()
        page.get_by_role("link", name="Chờ biên nhận").click()
        assert fits(page)
    data = (tmp_path / "goi.asice").read_bytes()
    packets = home.open_for_reading().packet_register.sent(None, 99, CLERK, home.scope).packets
    assert len(packets) == before + 1  # the button was pressed twice
    assert packets[0].packet.sha256 == hashlib.sha256(data).hexdigest()
    trust = hospitals.receiver.home.trust
    assert elsewhere(lambda: verify_packet(data, trust)).verdict.value == "valid"
