"""Files made to break their reader end in an answer or in `Unreadable`, never in another error."""

import zlib

import pytest

from archive.base.errors import Unreadable
from signing.validation.result.verdict import Verdict
from tests.signing.validation.conftest import Check


def pdf_of(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF of `objects`, the first of which is the catalog."""
    body, offsets = b"%PDF-1.7\n", []
    for number, data in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, data)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, rows)
    ending = b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        len(body),
    )
    return body + table + ending


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a compressed stream."""
    packed = zlib.compress(data, 9)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (
        entries,
        len(packed),
        packed,
    )


CATALOG = b"<</Type/Catalog/Pages 2 0 R%b>>"
PAGES = b"<</Type/Pages/Kids[]/Count 0>>"
FIELD = b"<</FT/Sig/T(TEST)/V 4 0 R>>"
FORM = b"/AcroForm<</Fields[3 0 R]/SigFlags 3>>"
XXE = (
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    b'<x xmlns:p="http://www.aiim.org/pdfa/ns/id/"><p:part>&e;</p:part></x>'
)
HOSTILE = {
    "nested arrays": pdf_of(CATALOG % b"/X 3 0 R", PAGES, b"[" * 5000 + b"]" * 5000),
    "pages that contain themselves": pdf_of(CATALOG % b"", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
    "an update before itself": pdf_of(CATALOG % b"", PAGES, trailer=b"/Prev 9"),
    "fields that contain themselves": pdf_of(CATALOG % FORM, PAGES, b"<</T(TEST)/Kids[3 0 R]>>"),
    "a value that is a number": pdf_of(CATALOG % FORM, PAGES, FIELD, b"7"),
    "a value that is empty": pdf_of(CATALOG % FORM, PAGES, FIELD, b"<<>>"),
    "a value without contents": pdf_of(
        CATALOG % FORM, PAGES, FIELD, b"<</Type/Sig/ByteRange[0 1 2 3]>>"
    ),
    "a negative byte range": pdf_of(
        CATALOG % FORM,
        PAGES,
        FIELD,
        b"<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 -1 5 99999999]/Contents<3000>>>",
    ),
    "fields that are no array": pdf_of(CATALOG % b"/AcroForm<</Fields 7>>", PAGES),
    "metadata that is a bomb": pdf_of(
        CATALOG % b"/Metadata 3 0 R",
        PAGES,
        stream(b" " * (16 << 20), b"/Type/Metadata/Subtype/XML"),
    ),
    "metadata with an external entity": pdf_of(
        CATALOG % b"/Metadata 3 0 R", PAGES, stream(XXE, b"/Type/Metadata/Subtype/XML")
    ),
    "metadata that is no stream": pdf_of(CATALOG % b"/Metadata 7", PAGES),
    "a catalog that is a number": pdf_of(b"7", PAGES),
    "more signatures than any paper has": pdf_of(
        CATALOG % (b"/AcroForm<</Fields[%b]>>" % (b"3 0 R " + b"<</FT/Sig/V<<>>>>" * 501)),
        PAGES,
        FIELD,
        b"<<>>",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_an_answer(check: Check, name: str) -> None:
    try:
        report = check(HOSTILE[name])
    except Unreadable:
        return
    assert report.verdict is not Verdict.VALID
    assert report.pdfa == ()


def test_the_frame_of_these_files_is_sound(check: Check) -> None:
    assert check(pdf_of(CATALOG % b"", PAGES)).verdict is Verdict.UNSIGNED
