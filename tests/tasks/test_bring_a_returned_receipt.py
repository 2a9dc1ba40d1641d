"""Task of the sending clerk: bring a returned receipt to its packet."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.fixtures.hospitals import Hospitals
from tests.tasks.between_hospitals import fits, signed_in

pytestmark = pytest.mark.judge


@pytest.fixture(scope="module")
def served(hospitals: Hospitals) -> str:
    """The sender's address; the browser starts after all that is sealed for it."""
    return hospitals.sender.address


def test_bring_a_returned_receipt(browser: Browser, hospitals: Hospitals, tmp_path: Path) -> None:
    file = tmp_path / "bien-nhan.asice"
    file.write_bytes(hospitals.receipts[0])
    with signed_in(browser, hospitals.sender.address, "desk", "en-GB") as page:
        page.get_by_role("link", name="Referral packets", exact=True).click()
        page.get_by_role("link", name="Receive a packet or a receipt").click()
        page.get_by_label("Packet or receipt").set_input_files(file)
        page.get_by_role("button", name="Check").click()

        expect(page.get_by_text("A genuine receipt")).to_be_visible()
        assert fits(page)
        page.get_by_label("Check code that they read out").fill(
            hospitals.receiver.identity.check_code
        )
        page.get_by_role("button", name="Confirm the partner").click()
        page.get_by_role("button", name="Bring it to its packet").dblclick()

        expect(page.get_by_role("heading", name="Packet sent")).to_be_visible()
        expect(page.get_by_text("Receipt came")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the receipt").click()
        download.value.save_as(tmp_path / "again.asice")
        assert (tmp_path / "again.asice").read_bytes() == hospitals.receipts[0]
