"""The document's page, its pictures, and the original."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from flask import Flask
from PIL import Image
from structlog.testing import capture_logs

from api.home import Home
from api.web.app import create_app
from archive.base.identifiers import sha256
from archive.catalog import records
from archive.catalog.tables import DocumentRow
from tests.fixtures.browsing import Visitor, counted_queries, with_accounts
from tests.fixtures.home import chart, take


def a_document(home: Home, department: str = "K02") -> DocumentRow:
    """Return a document of a chart of `department`."""
    with home.catalog.read() as session:
        row = next(
            row for row in records.charts(session, home.scope) if row.department == department
        )
    return row.documents[0]


def test_the_page_shows_facts_verdict_and_pictures(clerk: Visitor, demo_home: Home) -> None:
    document = a_document(demo_home)
    page = clerk.get(f"/documents/{document.id}").text
    assert "Hợp lệ" in page
    assert "Nội dung đã ký còn nguyên vẹn" in page
    assert "TEST Bệnh viện Đa khoa Thử Nghiệm" in page
    assert f"#{document.act_index}" in page
    assert " ".join(document.sha256[i : i + 8] for i in range(0, 64, 8)) in page
    # a folder: Kho's software keeps the lock; this chart is open
    assert "Khóa không thể gỡ" not in page
    lock = '<small title="COMPLIANCE">Khóa do phần mềm Kho giữ, tự gia hạn cho đến khi nộp lưu, '
    assert lock in page
    assert 'alt="Hình trang 1 trên 1 của giấy Phiếu theo dõi điều trị.' in page


def test_the_attached_record_is_there_as_words(clerk: Visitor, demo_home: Home) -> None:
    page = clerk.get(f"/documents/{a_document(demo_home).id}").text
    assert "Dữ liệu của giấy" in page
    assert '<th scope="row">Chẩn đoán</th>' in page
    assert "S: ho, sốt." in page


def test_a_page_is_a_picture(clerk: Visitor, demo_home: Home) -> None:
    document = a_document(demo_home)
    answer = clerk.get(f"/documents/{document.id}/pages/1.png")
    assert answer.mimetype == "image/png"
    assert answer.headers["Cache-Control"] == "no-store"
    assert Image.open(io.BytesIO(answer.data)).size == (1191, 1684)
    assert clerk.get(f"/documents/{document.id}/pages/2.png").status_code == 404
    assert clerk.get(f"/documents/{document.id}/pages/0.png").status_code == 404


def test_the_original_comes_byte_for_byte_under_a_neutral_name(
    clerk: Visitor, demo_home: Home
) -> None:
    document = a_document(demo_home)
    answer = clerk.get(f"/documents/{document.id}/original")
    assert sha256(answer.data) == document.sha256
    assert answer.headers["ETag"] == f'"{document.sha256}"'
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="36-BV2_{document.id}.pdf"'
    )
    assert answer.mimetype == "application/pdf"
    again = clerk.get(
        f"/documents/{document.id}/original", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("what", ["", "/original", "/pages/1.png"])
def test_another_departments_document_is_not_there(site: Flask, demo_home: Home, what: str) -> None:
    visitor = Visitor(site)
    visitor.sign_in("khoa")
    assert visitor.get(f"/documents/{a_document(demo_home, 'K01').id}{what}").status_code == 200
    assert visitor.get(f"/documents/{a_document(demo_home, 'K02').id}{what}").status_code == 404
    assert visitor.get(f"/documents/{uuid4()}{what}").status_code == 404


def test_a_page_asks_the_catalogue_a_fixed_number_of_questions(
    clerk: Visitor, demo_home: Home
) -> None:
    counts = []
    for department in ("K01", "K02"):
        path = f"/documents/{a_document(demo_home, department).id}"
        clerk.get(path)  # the signed act is read once and kept
        with counted_queries(demo_home) as statements:
            clerk.get(path)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 13


@pytest.mark.parametrize("what", ["", "/original", "/pages/1.png"])
def test_nothing_of_a_damaged_original_is_served(fresh_home: Callable[[], Home], what: str) -> None:
    home = fresh_home()
    take(home, chart(1))
    document = a_document(home, "K01")
    stored = Path(home.folder, "vault", document.object_key)
    damaged = bytearray(stored.read_bytes())
    damaged[5000] ^= 1
    stored.chmod(0o644)
    stored.write_bytes(damaged)
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    with capture_logs() as logged:
        answer = visitor.get(f"/documents/{document.id}{what}")
    assert answer.status_code == 500
    assert "Bản lưu này bị hỏng hoặc bị mất" in answer.text
    (number,) = re.findall(r"Mã lỗi để báo CNTT: ([0-9a-f-]{36})", answer.text)
    (line,) = [each for each in logged if each["event"] == "web.damaged"]
    assert (line["id"], line["object"]) == (number, document.object_key)


def test_a_file_without_our_record_has_no_table(demo_home: Home) -> None:
    from api.web.record_table import in_sections, read_record

    empty = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(empty)
    archive = demo_home.open_for_reading()
    record = read_record(empty.getvalue())
    assert in_sections(record, archive.forms, "vi", archive.departments.names()) == ()
