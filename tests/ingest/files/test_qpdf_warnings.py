"""A file that shows one thing to one program and another to the next is refused, with the page and
the reason.
"""

import io

import pikepdf
import pytest

from archive.base.errors import SubmissionRejected
from tests.ingest.files.papers import plain_pdf
from tests.ingest.files.test_examiner import examined

CONTENT = b"0 0 50 50 re f 60 60 9 9 re f"


def written(content: bytes, page: bytes = b"") -> bytes:
    """Return a PDF of two pages, written by hand; the second has `content` and the entries
    `page`.
    """
    empty = b"<</Length 0>>\nstream\n\nendstream"
    head = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>",
        head + b"/Contents 4 0 R>>",
        empty,
        head + b"/Contents 6 0 R" + page + b">>",
        content,
    ]
    out, places = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    return out + b"trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def stream(length: int | None, content: bytes = CONTENT) -> bytes:
    """Return a stream that says that it has `length` bytes."""
    said = b"" if length is None else b"/Length %d" % length
    return b"<<" + said + b">>\nstream\n" + content + b"\nendstream"


def test_a_file_without_a_warning_is_taken() -> None:
    assert examined(written(stream(len(CONTENT)))).pages == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (written(stream(14)), "trang 2: một luồng dữ liệu không dài như nó ghi"),
        (written(stream(len(CONTENT) + 30)), "trang 2: một luồng dữ liệu không dài như nó ghi"),
        (written(stream(None)), "trang 2: một luồng dữ liệu không ghi độ dài"),
        (written(stream(len(CONTENT)), b"/Contents 4 0 R"), "trang 2: một mục được ghi hai lần"),
        (written(stream(len(CONTENT)), b"/Odd word"), "trang 2: có từ không thuộc ngôn ngữ PDF"),
    ],
    ids=["shorter", "longer", "no length", "twice", "word"],
)
def test_a_file_that_masks_content_is_refused_with_page_and_reason(data: bytes, says: str) -> None:
    with pytest.raises(SubmissionRejected) as refused:
        examined(data)
    (fault,) = refused.value.faults
    assert fault.code == "pdf.ambiguous"
    assert says in fault.message.vi


def test_a_warning_that_changes_nothing_shown_is_no_fault() -> None:
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        pdf.Root.Pages.Kids.append(pdf.pages[0].obj)
        pdf.Root.Pages.Count = 2
        out = io.BytesIO()
        pdf.save(out)
    assert examined(out.getvalue()).nature == "pdf"
