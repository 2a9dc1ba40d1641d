"""Files whose first signer signed what a later update turns into something else ("shadow attacks",
Mainka et al. 2021).
"""

import re
from io import BytesIO

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.result.verdict import Verdict
from tests.signing.validation import attacks
from tests.signing.validation.attacks import QuietWriter
from tests.signing.validation.authority import Authority
from tests.signing.validation.conftest import Check


def dss_number(pdf: bytes) -> int:
    """Return the number of the first certificate's object in the security store."""
    number: int = PdfFileReader(BytesIO(pdf)).root["/DSS"]["/Certs"].raw_get(0).idnum
    return number


def point_at(number: int) -> attacks.Change:
    """Let the page's contents go on in an object that does not exist yet."""

    def change(writer: QuietWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        future = generic.IndirectObject(number, 0, writer)
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), future])
        writer.update_container(page)

    return change


def use_the_catalogue_as_resources(writer: QuietWriter) -> None:
    """Let the page find what it paints in the catalogue,
    which the archival revision writes again.
    """
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Resources"] = generic.IndirectObject(writer.root_ref.idnum, 0, writer)
    writer.update_container(page)


def test_a_page_that_waits_for_an_object_of_the_archival_revision_is_noticed(
    authority: Authority, paper_pdf: bytes, check: Check
) -> None:
    # The same bytes as Kho writes, and yet they change the page: the store's certificate becomes
    # its content.
    number = dss_number(authority.seal(attacks.update(paper_pdf + b"\n", point_at(9999))))
    shadow = authority.seal(attacks.update(paper_pdf + b"\n", point_at(number)))
    assert dss_number(shadow) == number
    assert check(shadow).verdict is Verdict.INVALID


def test_a_catalogue_with_a_second_use_is_noticed(
    authority: Authority, paper_pdf: bytes, check: Check
) -> None:
    shadow = authority.seal(attacks.update(paper_pdf + b"\n", use_the_catalogue_as_resources))
    assert check(shadow).verdict is Verdict.INVALID


def test_a_page_that_waits_for_nothing_is_valid(
    authority: Authority, paper_pdf: bytes, check: Check
) -> None:
    """A reference to an object that never comes is null (ISO 32000-2, 7.3.10)."""
    sealed = authority.seal(attacks.update(paper_pdf + b"\n", point_at(9999)))
    assert check(sealed).verdict is Verdict.VALID


def test_an_object_that_was_exchanged_beside_its_twin_is_noticed(
    authority: Authority, paper_pdf: bytes, check: Check
) -> None:
    """The number of the page's content has a second generation, with the bytes of the first."""
    sealed = authority.seal(paper_pdf)
    with pikepdf.open(BytesIO(sealed)) as document:
        content = document.pages[0].obj.Contents
        number, raw = content.objgen[0], content.read_raw_bytes()
        head = content.stream_dict.unparse()
        size, root = int(document.trailer.Size), document.Root.objgen[0]
    before = int(re.findall(rb"startxref\s+(\d+)", sealed)[-1])
    first = len(sealed)
    out = (
        sealed
        + b"%d 0 obj\n<</Length 17>>\nstream\n0 0 500 500 re f \nendstream\nendobj\n" % number
    )
    second = len(out)
    out += b"%d 1 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, head, raw)
    table = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n%d 1\n%010d 00001 n \n" % (number, first, number, second)
    out += b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        root,
        before,
        table,
    )
    assert check(out).verdict is Verdict.INVALID
