"""Updates that change what a viewer shows without touching what a page says of itself: through a
parent, a second generation, an adopted annotation, an empty field, the order of annotations.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from signing import revisions
from signing.validation.result.verdict import Verdict
from tests.signing.validation import attacks
from tests.signing.validation.authority import NOW, Authority
from tests.signing.validation.conftest import Check
from tests.signing.validation.raw_updates import (
    CORNER,
    PAGE,
    Update,
    add_annotation,
    appended,
    page_of,
    painting,
    picture,
    unused,
    updated,
    with_entry,
    written,
)


def add_two_stamps(document: pikepdf.Pdf) -> None:
    """Let one stamp lie over another."""
    for paint in (b"0 g 0 0 500 800 re f", b"1 g 0 0 500 800 re f"):
        add_annotation(document, Subtype=Name.Stamp, Rect=PAGE, AP=picture(document, paint))


def add_text_field(document: pikepdf.Pdf) -> None:
    """Add a form with one field, which has a picture of its value but no /V."""
    field = add_annotation(
        document, Subtype=Name.Widget, FT=Name.Tx, T="TEST", Rect=CORNER, AP=picture(document)
    )
    document.Root.AcroForm = document.make_indirect(Dictionary(Fields=Array([field])))


def describe(document: pikepdf.Pdf) -> None:
    """Give the file a title that is an object of its own."""
    title = document.make_indirect(pikepdf.String("TEST honest"))
    document.trailer.Info = document.make_indirect(Dictionary(Title=title))


def colour(document: pikepdf.Pdf) -> None:
    """Add colours whose table is a string of its own."""
    table = document.make_indirect(pikepdf.String(b"\0\0\0\xff\xff\xff"))
    space = Array([Name.Indexed, Name.DeviceRGB, 1, table])
    page_of(document).Resources.ColorSpace = Dictionary(TEST=space)


def add_a_page(document: pikepdf.Pdf) -> None:
    """Add a second page, and give each page a list of its contents in its own dictionary."""
    first = page_of(document)
    first.Contents = Array([first.Contents])
    other = document.make_stream(b"0 g 72 72 200 200 re f")
    document.add_blank_page(page_size=(500, 800)).obj.Contents = Array([other])


def nothing(document: pikepdf.Pdf) -> None:
    """Seal the paper as it is."""


# Updates without a signature


def move_the_page(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Let the page inherit from a node that does not have it."""
    page, number = page_of(document), unused(document)
    parent = b"/Parent %d 0 R" % page.Parent.objgen[0]
    node = b"<</Type/Pages/Kids[%d 0 R]/Count 1/Rotate 180/CropBox[0 0 200 200]>>"
    return {
        **written(page, (parent, b"/Parent %d 0 R" % number)),
        number: node % page.objgen[0],
    }


def name_the_pages_twice(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Name another page tree before the one of the file: poppler takes the first name."""
    root, page, number = document.Root, page_of(document), unused(document)
    pages = b"/Pages %d 0 R" % root.Pages.objgen[0]
    content = b"/Contents %d 0 R" % page.Contents.objgen[0]
    other = page.unparse(resolved=True).replace(content, b"/Contents %d 0 R" % (number + 2))
    return {
        **written(
            root,
            (pages, b"/Pages %d 0 R " % number + pages),
            (b"/Extensions <<", b"/Extensions <</TEST %d 0 R" % number),
        ),
        number: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1),
        number + 1: other,
        **painting(number + 2),
    }


def share_a_list(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Let both pages name one list of contents, which is the first page's."""
    number, contents = unused(document), page_of(document).Contents.unparse()
    pages = [page.obj for page in document.pages]
    named = [written(page, (page.Contents.unparse(), b"%d 0 R" % number)) for page in pages]
    return {**named[0], **named[1], number: contents}


def turn_the_order(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Put the lower stamp above the upper one."""
    page = page_of(document)
    page.Annots = Array(list(page.Annots)[::-1])
    return written(page)


def give_a_parent(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Let a field have the value of a field above it that the form does not name."""
    field, number = document.Root.AcroForm.Fields[0], unused(document)
    kids = b"<</FT/Tx/V(TEST forged)/Kids[%d 0 R]>>" % field.objgen[0]
    return {**with_entry(field, b"/Parent %d 0 R" % number), number: kids}


def rename(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Write the title's own object again."""
    return {document.trailer.Info.Title.objgen[0]: b"(TEST forged)"}


def recolour(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Write the table of the colours again."""
    table: Any = page_of(document).Resources.ColorSpace.TEST[3]
    return {table.objgen[0]: b"<ffffff000000>"}


def leave_data(document: pikepdf.Pdf) -> dict[int, bytes]:
    """Put data beside the page."""
    return with_entry(page_of(document), b"/PieceInfo<</TEST<</Private(TEST)>>>>")


ALONE: dict[str, tuple[Callable[[pikepdf.Pdf], None], Update, Verdict]] = {
    "a page inherits from elsewhere": (nothing, move_the_page, Verdict.INVALID),
    "two page trees": (nothing, name_the_pages_twice, Verdict.INDETERMINATE),
    "two pages with one list": (add_a_page, share_a_list, Verdict.INVALID),
    "annotations in another order": (add_two_stamps, turn_the_order, Verdict.INVALID),
    "a field under another one": (add_text_field, give_a_parent, Verdict.INVALID),
    "a title in its own object": (describe, rename, Verdict.INDETERMINATE),
    "colours in their own object": (colour, recolour, Verdict.INVALID),
    "data beside the page": (nothing, leave_data, Verdict.INDETERMINATE),
}


@pytest.mark.parametrize("name", ALONE)
def test_an_update_without_a_signature_is_noticed(
    authority: Authority, check: Check, paper_pdf: bytes, name: str
) -> None:
    prepare, attack, verdict = ALONE[name]
    pdf = authority.seal(attacks.with_catalog(paper_pdf, prepare))
    assert check(pdf).verdict is Verdict.VALID
    assert check(updated(pdf, attack)).verdict is verdict


def test_a_reference_with_another_generation_is_no_hiding_place(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    """PDFium finds the object by its number alone."""

    def wait(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(b"q Q")
        page_of(document).Contents = Array([page_of(document).Contents, stream])
        document.Root.Extensions = Dictionary(TEST=stream)

    waiting = attacks.with_catalog(paper_pdf, wait)
    with pikepdf.open(BytesIO(waiting)) as document:
        number = page_of(document).Contents[1].objgen[0]
    reference = b" %d 0 R ]" % number
    assert waiting.count(reference) == 1
    shadow = authority.seal(waiting.replace(reference, b" %d 1 R ]" % number))
    assert check(shadow).verdict is Verdict.VALID
    assert check(appended(shadow, painting(number))).verdict is Verdict.INDETERMINATE


# Updates that a further signature covers


def signed(authority: Authority, pdf: bytes, change: Update, field: str = "Late") -> bytes:
    """Return `pdf` with what `change` writes, signed in `field`."""
    draft = revisions.Draft(updated(pdf, change))
    authority.append_seal(draft, field, NOW)
    return draft.getvalue()


def with_field(document: pikepdf.Pdf, field: bytes) -> dict[int, bytes]:
    """Return what gives the form another field."""
    form, number = document.Root.AcroForm, unused(document)
    holder = form.Fields if form.Fields.is_indirect else form
    start = b"[" if form.Fields.is_indirect else b"/Fields ["
    return {**written(holder, (start, start + b" %d 0 R " % number)), number: field}


def empty_field(rectangle: bytes, entries: bytes = b"") -> Update:
    """Return what adds an empty signature field to a page."""

    def change(document: pikepdf.Pdf) -> dict[int, bytes]:
        page, number = page_of(document), unused(document)
        field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Late)/F 4/P %d 0 R/Rect%b%b>>"
        return {
            **with_field(document, field % (page.objgen[0], rectangle, entries)),
            **written(page, (b"/Annots [", b"/Annots [ %d 0 R" % number)),
        }

    return change


def test_an_empty_field_that_grows_when_it_is_signed_covers_the_page(
    authority: Authority, check: Check, sealed: bytes
) -> None:
    def grow(document: pikepdf.Pdf) -> dict[int, bytes]:
        number = unused(document)
        (field,) = (each for each in document.Root.AcroForm.Fields if each.T == "Late")
        field.Rect = PAGE
        return {**with_entry(field, b"/AP<</N %d 0 R>>" % number), **painting(number)}

    waiting = revisions.Draft(updated(sealed, empty_field(b"[0 0 0 0]")))
    authority.append_timestamp(waiting, authority.evidence(NOW), "Stamp", NOW)
    assert check(waiting.getvalue()).verdict is Verdict.VALID
    report = check(signed(authority, waiting.getvalue(), grow))
    assert report.verdict is Verdict.INDETERMINATE
    assert "covering" in {
        change["kind"] for each in report.signatures for change in each["changes_after"]
    }


def test_a_new_field_does_not_hide_an_annotation_as_its_own(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    def adopt(document: pikepdf.Pdf) -> dict[int, bytes]:
        (stamp,) = (each for each in page_of(document).Annots if each.Subtype == Name.Stamp)
        stamp.F = 2  # hidden
        field = b"<</FT/Sig/T(Late)/Kids[%d 0 R]>>" % stamp.objgen[0]
        return {**written(stamp), **with_field(document, field)}

    def stamp(document: pikepdf.Pdf) -> None:
        add_annotation(document, Subtype=Name.Stamp, Rect=PAGE, AP=picture(document))

    pdf = authority.seal(attacks.with_catalog(paper_pdf, stamp))
    assert check(signed(authority, pdf, adopt)).verdict is Verdict.INVALID


def test_a_picture_over_a_field_covers_what_the_page_shows(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    def cover(document: pikepdf.Pdf) -> dict[int, bytes]:
        number = unused(document) + 1
        update = empty_field(b"[300 20 400 40]", b"/AP<</N %d 0 R>>" % number)
        return {**update(document), **painting(number)}

    pdf = authority.seal(attacks.with_catalog(paper_pdf, add_text_field))
    assert check(signed(authority, pdf, cover)).verdict is Verdict.INDETERMINATE
    pdf = authority.seal(paper_pdf)
    assert check(signed(authority, pdf, cover)).verdict is Verdict.VALID


# Notes where the signer allows notes


@pytest.fixture(scope="module")
def certified(authority: Authority, paper_pdf: bytes) -> bytes:
    """Return the paper, certified with DocMDP P=3."""
    metadata = PdfSignatureMetadata(
        field_name="Seal",
        certify=True,
        docmdp_permissions=MDPPerm.ANNOTATE,
        subfilter=SigSeedSubFilter.PADES,
    )
    signer = PdfSigner(metadata, authority.pdf_signer(), timestamper=authority.stamper(NOW))
    writer = attacks.QuietWriter(BytesIO(paper_pdf + b"\n"))
    draft = revisions.Draft(signer.sign_pdf(writer, bytes_reserved=20_000).getvalue())
    authority.append_timestamp(draft, authority.evidence(NOW), "Archive", NOW)
    return draft.getvalue()


def note(entries: bytes, *, drawn: bool) -> Update:
    """Return what adds an annotation to the page, with a picture of its own if `drawn`."""

    def change(document: pikepdf.Pdf) -> dict[int, bytes]:
        page, number = page_of(document), unused(document)
        look = b"/AP<</N %d 0 R>>" % (number + 1) if drawn else b""
        return {
            number: b"<</Type/Annot/F 4/P %d 0 R%b%b>>" % (page.objgen[0], entries, look),
            **(painting(number + 1) if drawn else {}),
            **written(page, (b"/Annots [", b"/Annots [ %d 0 R" % number)),
        }

    return change


WHOLE, BESIDE = b"/Rect[0 0 500 800]", b"/Rect[300 20 320 40]"
POLYGON = b"/Subtype/Polygon/Vertices[0 0 500 0 500 800 0 800]/IC[1 1 1]"
NOTES = {
    "a note with a page for a picture": (note(b"/Subtype/Text" + WHOLE, drawn=True), False),
    "a polygon beyond its rectangle": (note(POLYGON + BESIDE, drawn=False), False),
    "a note beside the text": (note(b"/Subtype/Text" + BESIDE, drawn=True), True),
    "a note without a picture": (note(b"/Subtype/Text" + WHOLE, drawn=False), True),
    "a polygon beside the text": (note(POLYGON + BESIDE, drawn=True), True),
}


@pytest.mark.parametrize("name", NOTES)
def test_a_note_that_is_allowed_covers_nothing(check: Check, certified: bytes, name: str) -> None:
    update, is_sound = NOTES[name]
    assert check(certified).verdict is Verdict.VALID
    verdict = check(updated(certified, update)).verdict
    assert verdict is (Verdict.VALID if is_sound else Verdict.INDETERMINATE)


# Names of a page's own


def test_a_font_named_as_a_link_is_compared(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    """A font that is a signature field, too, becomes another font when the field is signed."""

    def name_it(document: pikepdf.Pdf) -> None:
        field = add_annotation(
            document,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Rect=Array([0, 0, 0, 0]),
            T="TEST",
            FT=Name.Tx,
        )
        document.Root.AcroForm = document.make_indirect(Dictionary(Fields=Array([field])))
        page_of(document).Resources.Font = Dictionary(
            {**page_of(document).Resources.Font.as_dict(), "/P": field}
        )

    def change_it(document: pikepdf.Pdf) -> dict[int, bytes]:
        (field,) = (each for each in document.Root.AcroForm.Fields if each.T == "TEST")
        field.AP = Dictionary()
        return written(field)

    pdf = authority.seal(attacks.with_catalog(paper_pdf, name_it))
    report = check(updated(pdf, change_it))
    assert "content" in {
        change["kind"] for each in report.signatures for change in each["changes_after"]
    }
