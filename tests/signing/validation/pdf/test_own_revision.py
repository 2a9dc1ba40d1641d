"""The archival revision that Kho writes is known by writing it again; anything else is left to
pyHanko's rules.
"""

from io import BytesIO

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.pdf.content import read_content
from signing.validation.pdf.own_revision import is_our_archival_revision
from signing.validation.pdf.signatures import read_signatures
from signing.validation.result.verdict import Verdict
from tests.signing.validation import attacks
from tests.signing.validation.attacks import QuietWriter
from tests.signing.validation.authority import DAY, NOW, Authority
from tests.signing.validation.conftest import Check, Original


def recognised(pdf: bytes) -> bool:
    reader = PdfFileReader(BytesIO(pdf), strict=True)
    return is_our_archival_revision(
        pdf, reader, read_signatures(reader), read_content(pdf).references
    )


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


def test_the_revision_that_archives_an_original_is_recognised(
    original: Original, sealed: bytes
) -> None:
    assert recognised(original.pdf)
    assert recognised(sealed)


@pytest.mark.parametrize("name", attacks.UPDATES)
def test_nothing_else_is(sealed: bytes, name: str) -> None:
    assert not recognised(attacks.update(sealed, attacks.UPDATES[name]))


def test_a_further_timestamp_is_left_to_the_rules(
    authority: Authority, sealed: bytes, check: Check
) -> None:
    renewed = authority.renew(sealed, NOW + DAY, authority)
    assert not recognised(renewed)
    assert check(renewed).verdict is Verdict.VALID


def test_a_seal_without_archival_revision_is_left_to_the_rules(
    authority: Authority, paper_pdf: bytes
) -> None:
    assert not recognised(authority.seal(paper_pdf, "B-LT"))
    assert not recognised(authority.seal(paper_pdf, "B-T"))


def test_a_page_that_waits_for_the_revision_s_objects_is_noticed(
    authority: Authority, paper_pdf: bytes, check: Check
) -> None:
    # The same bytes as Kho writes, and yet they change the page: the store's certificate becomes
    # its content.
    number = dss_number(authority.seal(attacks.update(paper_pdf + b"\n", point_at(9999))))
    shadow = authority.seal(attacks.update(paper_pdf + b"\n", point_at(number)))
    assert dss_number(shadow) == number
    assert not recognised(shadow)
    assert check(shadow).verdict is Verdict.INVALID


def test_a_catalogue_with_a_second_use_is_noticed(authority: Authority, paper_pdf: bytes) -> None:
    assert not recognised(
        authority.seal(attacks.update(paper_pdf + b"\n", use_the_catalogue_as_resources))
    )
