"""Task of anybody who holds a paper: check a printed copy, on a phone, without an account."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.home import Home
from archive.base.identifiers import ObjectKey
from ingest.render.view import SHORT_ID
from tests.api.web.test_document_page import a_document
from tests.api.web.test_verify_pages import flipped
from tests.fixtures.windows import SCREENS
from tests.tasks.between_hospitals import fits

pytestmark = pytest.mark.judge

WORDS = {
    "vi-VN": ("Tệp PDF", "Kiểm tra", "Đây là ảnh chụp", "khác bản gốc", "Đúng là bản gốc"),
    "en-GB": (
        "PDF file",
        "Check",
        "This is a photograph",
        "differs from the",
        "This is the orig",
    ),
}


@pytest.mark.parametrize(("screen", "locale"), [("phone", "vi-VN"), ("desk", "en-GB")])
def test_check_a_printed_copy(
    browser: Browser, served: str, demo_home: Home, tmp_path: Path, screen: str, locale: str
) -> None:
    document = a_document(demo_home)
    original = demo_home.vault.read(ObjectKey(document.object_key), document.object_version)
    files = (b"\xff\xd8\xff\xe0 photo", flipped(original), original)
    label, button, *answers = WORDS[locale]
    width, height = SCREENS[screen]
    context = browser.new_context(
        base_url=served, viewport={"width": width, "height": height}, locale=locale
    )
    try:
        page = context.new_page()
        page.goto(f"/v/{document.id[:SHORT_ID]}")  # the address below the QR code
        for name, data, answer in zip(("a.jpg", "b.pdf", "c.pdf"), files, answers, strict=True):
            (tmp_path / name).write_bytes(data)
            page.get_by_label(label).set_input_files(tmp_path / name)
            page.get_by_role("button", name=button).click()
            expect(page.get_by_text(answer).first).to_be_visible()
            assert fits(page)
            assert demo_home.open_for_reading().facility.name in page.content()
            assert "Nguyễn" not in page.content()  # nothing of the record
    finally:
        context.close()
