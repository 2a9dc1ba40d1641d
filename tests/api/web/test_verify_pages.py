"""Verifying a file: for a user who is signed in, and for a person who scanned a QR code."""

import io
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.home import Home
from api.web.app import create_app
from archive.base.identifiers import ObjectKey
from archive.catalog import records
from ingest.render.view import address_in_words
from tests.api.web.test_document_page import a_document
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import chart, paper, take


@pytest.fixture
def original(demo_home: Home) -> bytes:
    """A signed original of the demonstration home."""
    document = a_document(demo_home)
    return demo_home.vault.read(ObjectKey(document.object_key), document.object_version)


def flipped(data: bytes) -> bytes:
    """Return `data` with one bit in the middle turned over."""
    middle = len(data) // 3
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def upload(visitor: Visitor, path: str, data: bytes) -> TestResponse:
    """Send a file by the form on `path`."""
    return visitor.send(path, file=(io.BytesIO(data), "tep.pdf"))


def test_an_original_is_valid_and_leads_to_the_document(
    clerk: Visitor, original: bytes, demo_home: Home
) -> None:
    page = upload(clerk, "/verify", original).text
    assert "Hợp lệ" in page
    assert "Kho này đang giữ đúng bản gốc này." in page
    assert f'href="/documents/{a_document(demo_home).id}"' in page
    assert "Dấu thời gian lưu trữ" in page


def test_one_bit_makes_it_invalid_and_unknown(clerk: Visitor, original: bytes) -> None:
    page = upload(clerk, "/verify", flipped(original)).text
    assert "Không hợp lệ" in page
    assert "Không phải bản gốc nào trong kho này" in page


def test_a_pdf_without_a_signature_proves_nothing(clerk: Visitor, paper_pdf: bytes) -> None:
    assert "Không có chữ ký số" in upload(clerk, "/verify", paper_pdf).text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff\xd8\xff\xe0 photo", "Đây là ảnh chụp"),
        (b"\x89PNG\r\n\x1a\n photo", "Đây là ảnh chụp"),
        (b"\0\0\0\x18ftypheic photo of a phone", "Đây là ảnh chụp"),
        (b"PK\x03\x04 docx", "Đây là tệp văn phòng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 doc", "Đây là tệp văn phòng"),
        ("Giấy ra viện\nHọ tên".encode(), "Đây là tệp chữ"),
        (b"<html>", "Đây là tệp chữ"),
        (b"", "Tệp này trống"),
    ],
)
def test_a_file_that_carries_no_signature_is_named_in_words(
    clerk: Visitor, stranger: Visitor, demo_home: Home, data: bytes, sentence: str
) -> None:
    for visitor, path in ((clerk, "/verify"), (stranger, f"/v/{a_document(demo_home).id}")):
        answer = upload(visitor, path, data)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "tệp PDF gốc" in answer.text


def test_the_address_that_a_paper_prints_opens_the_same_page(
    stranger: Visitor, original: bytes, demo_home: Home
) -> None:
    document = a_document(demo_home)
    (host, code) = address_in_words(f"https://kho.example/v/{document.id}")
    assert host.replace("\u200b", "") == "kho.example/v/"
    assert "Đúng là bản gốc" in upload(stranger, f"/v/{code}", original).text
    assert "Đúng là bản gốc" in upload(stranger, f"/v/{code.upper()}", original).text
    for path in ("/v/1", f"/v/{code}-x", f"/v/{code[:-1]}"):
        assert stranger.get(path).status_code == 404


def test_a_changed_copy_is_named_apart_from_another_pdf(
    stranger: Visitor, original: bytes, paper_pdf: bytes, demo_home: Home
) -> None:
    path = f"/v/{a_document(demo_home).id}"
    assert "nói là giấy ấy nhưng khác bản gốc" in upload(stranger, path, flipped(original)).text
    assert "Đây là một PDF khác" in upload(stranger, path, paper_pdf).text


@pytest.mark.parametrize("data", [b"\x01no pdf at all", b"%PDF-1.7 but no more"])
def test_what_is_no_pdf_is_refused_with_a_message(clerk: Visitor, data: bytes) -> None:
    answer = upload(clerk, "/verify", data)
    assert answer.status_code in (200, 422)
    assert (
        "Không đọc được tệp" in answer.text
        or "Không hợp lệ" in answer.text
        or "Không có chữ ký" in answer.text
    )


def test_a_form_without_a_file_asks_for_one(clerk: Visitor) -> None:
    answer = clerk.send("/verify")
    assert answer.status_code == 422
    assert "Hãy chọn một tệp." in answer.text


def test_another_departments_original_is_valid_but_not_known_to_be_here(
    site: Flask, original: bytes
) -> None:
    visitor = Visitor(site)
    visitor.sign_in("khoa")
    page = upload(visitor, "/verify", original).text
    assert "Hợp lệ" in page
    assert "Không phải bản gốc nào trong kho này" in page


def test_nothing_of_an_uploaded_file_stays(
    clerk: Visitor, original: bytes, demo_home: Home
) -> None:
    before = {path for path in Path(demo_home.folder).rglob("*") if path.is_file()}
    upload(clerk, "/verify", flipped(original))
    assert {path for path in Path(demo_home.folder).rglob("*") if path.is_file()} == before


def test_a_scanned_code_shows_the_same_page_whether_or_not_the_document_exists(
    stranger: Visitor, demo_home: Home
) -> None:
    document = a_document(demo_home)
    pages = [stranger.get(f"/v/{name}").text for name in (document.id, uuid4())]
    without_token = [
        page.partition('name="csrf_token"')[0] + page.partition('for="file"')[2] for page in pages
    ]
    assert without_token[0] == without_token[1]
    assert "mã QR" in pages[0]
    for secret in (document.title_vi, document.sha256, "Hòa", "K02"):
        assert secret not in pages[0]


def test_a_holder_of_the_original_learns_that_it_is_original(
    stranger: Visitor, original: bytes, demo_home: Home
) -> None:
    page = upload(stranger, f"/v/{a_document(demo_home).id}", original).text
    assert "Đúng là bản gốc của mã QR này" in page
    assert "Hợp lệ" in page
    assert "/documents/" not in page


@pytest.mark.parametrize("known", [True, False])
def test_another_file_is_not_the_original_whether_or_not_there_is_one(
    stranger: Visitor, original: bytes, demo_home: Home, known: bool
) -> None:
    name = a_document(demo_home, "K01").id if known else uuid4()
    page = upload(stranger, f"/v/{name}", original).text
    assert "Tệp này không phải bản gốc của mã QR mà bạn đã quét." in page
    assert "Hợp lệ" not in page


def test_only_a_signed_in_user_may_go_on_to_the_document(clerk: Visitor, stranger: Visitor) -> None:
    name = uuid4()
    assert f'href="/documents/{name}"' in clerk.get(f"/v/{name}").text
    assert "/documents/" not in stranger.get(f"/v/{name}").text


def test_a_paper_that_was_replaced_says_so_wherever_it_is_checked(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[paper("1", "Viêm phế quản")]))
    take(home, chart(1, papers=[paper("1", "Viêm phổi thùy")]))
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    with home.catalog.read() as session:
        (row,) = records.charts(session, home.scope)
        documents = list(row.documents)
    assert {document.superseded_by is None for document in documents} == {True, False}
    for document in documents:
        data = home.vault.read(ObjectKey(document.object_key), document.object_version)
        for path in ("/verify", f"/v/{document.id}"):
            warned = "Giấy này đã được thay bằng bản mới hơn" in upload(visitor, path, data).text
            assert warned == (document.superseded_by is not None)
