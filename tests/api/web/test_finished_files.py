"""Finished files on the pages: what they are, their pages, the file as received, and whose
signatures are whose.
"""

import io

import pytest
from PIL import Image

from api.web.app import create_app
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.finished import Finished


@pytest.fixture(scope="module")
def reader(finished: Finished) -> Visitor:
    """Somebody who may read that home."""
    visitor = Visitor(create_app(finished.home, with_accounts(finished.home)))
    assert visitor.sign_in().status_code == 303
    return visitor


@pytest.mark.parametrize(
    ("name", "pages", "words"),
    [
        ("signed-archival.pdf", 1, "đã ký ở nơi khác, giữ đúng như khi nhận"),
        ("signed.pdf", 1, "đã ký ở nơi khác, đính kèm một bìa do Kho ký"),
        ("plain.pdf", 2, "tệp chưa ký, Kho đã đổi sang PDF/A"),
        ("scan.jpg", 1, "bản chụp hoặc quét"),
    ],
)
def test_a_page_names_the_received_file_and_shows_its_pages(
    reader: Visitor, finished: Finished, name: str, pages: int, words: str
) -> None:
    address = f"/documents/{finished.receipts[name].document_id}"
    page = reader.get(address).text
    assert words in page
    assert name in page
    assert ("Chữ ký trong tệp đính kèm" in page) == (name == "signed.pdf")
    for number in range(1, pages + 1):
        picture = reader.get(f"{address}/pages/{number}.png")
        assert Image.open(io.BytesIO(picture.data)).height == 1684
    assert reader.get(f"{address}/pages/{pages + 1}.png").status_code == 404


def test_the_pages_of_a_cover_are_those_of_its_file(reader: Visitor, finished: Finished) -> None:
    address = f"/documents/{finished.receipts['signed.pdf'].document_id}/pages/1.png"
    other = f"/documents/{finished.receipts['signed-archival.pdf'].document_id}/pages/1.png"
    # both files say the same; the cover looks otherwise
    assert reader.get(address).data == reader.get(other).data


@pytest.mark.parametrize("name", ["signed.pdf", "plain.pdf", "scan.jpg"])
def test_the_received_file_is_offered_as_a_download_only(
    reader: Visitor, finished: Finished, name: str
) -> None:
    answer = reader.get(f"/documents/{finished.receipts[name].document_id}/received")
    assert answer.data == finished.files[name]
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "nosniff" in answer.headers["X-Content-Type-Options"]


def test_verifying_reports_a_cover_and_a_covered_file(reader: Visitor, finished: Finished) -> None:
    for data, words in (
        (finished.archived("signed.pdf"), "Chữ ký trong tệp đính kèm"),
        (finished.files["signed.pdf"], "Kho này giữ tệp này trong một tài liệu"),
    ):
        page = reader.send("/verify", file=(io.BytesIO(data), "a.pdf")).text
        assert words in page
