"""A file that needs little to be PDF/A-3b gets that, and is not converted: pages, fonts, structure,
bookmarks and links stay what they are.
"""

from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from ingest.files.annotations import PRINT, annotations
from ingest.files.pdf_entries import dictionary, inherited, remove
from ingest.files.pdfa.check import check_pdfa
from ingest.files.pdfa.intent import pdfa_intents, srgb
from signing.validation.pdf.claims import is_pdfa, pdfa_claims
from signing.validation.pdf.description import xmp_of

_CATALOG = (
    "/AcroForm",
    "/AF",
    "/AA",
    "/OpenAction",
    "/Perms",
    "/DSS",
    "/Requirements",
    "/PieceInfo",
    "/Extensions",
)
_PAGE = ("/AA", "/PieceInfo", "/Metadata", "/PresSteps", "/AF")
_LINK = ("/AP", "/AA", "/PA")


def _claims(pdf: Pdf) -> list[str]:
    """Return what `pdf` claims of PDF/A, for example `PDF/A-3A`."""
    return [claim for claim in pdfa_claims(xmp_of(pdf)) if is_pdfa(claim)]


def is_tagged_or_claims_pdfa(pdf: Pdf) -> bool:
    """Return whether converting `pdf` would lose what it has: tags, or a level of PDF/A."""
    return "/StructTreeRoot" in pdf.Root or bool(_claims(pdf))


def in_place(data: bytes) -> bytes:
    """Return the flattened PDF `data` as PDF/A-3b but for its metadata, or b"" where it would not
    be that by Kho's own list.
    """
    with pikepdf.open(BytesIO(data)) as pdf:
        _prepare(pdf)
        out = BytesIO()
        pdf.save(out, deterministic_id=True)
    with pikepdf.open(BytesIO(out.getvalue())) as written:
        return out.getvalue() if check_pdfa(written).is_sound else b""


def _prepare(pdf: Pdf) -> None:
    remove(pdf.Root, *_CATALOG)
    names = dictionary(pdf.Root, "/Names")
    pdf.Root.Names = Dictionary({key: names[key] for key in ("/Dests",) if key in names})
    for page in pdf.pages:
        if "/Resources" not in page.obj:
            page.obj.Resources = inherited(page.obj, "/Resources", Dictionary())
        remove(page.obj, *_PAGE)
        for link in annotations(page):  # flattened: no other kind is left
            link.F = PRINT
            remove(link, *_LINK)
    for thing in pdf.objects:
        if isinstance(thing, Dictionary | Stream):
            _prepare_object(thing)
    pdf.Root.OutputIntents = Array(pdfa_intents(pdf) or [srgb(pdf)])


def _prepare_object(thing: Dictionary | Stream) -> None:
    # lists of the glyphs in a font: optional, and often wrong
    if "/FontName" in thing:
        remove(thing, "/CIDSet", "/CharSet")
    if thing.get("/Subtype") == Name.Image:
        remove(thing, "/Interpolate", "/Alternates", "/OPI")
    if thing.get("/Subtype") == Name.CIDFontType2 and "/CIDToGIDMap" not in thing:
        thing.CIDToGIDMap = Name.Identity  # what is meant where it is not said
    if isinstance(thing, Stream):
        remove(thing, "/PieceInfo", "/LastModified")


def conformance(pdf: Pdf) -> str:
    """Return the level that `pdf` may go on to claim: that of its own claim where it has the
    structure that level A wants, else B.
    """
    is_a = any(claim.endswith("A") for claim in _claims(pdf))
    marked = dictionary(pdf.Root, "/MarkInfo").get("/Marked", False)
    return "A" if is_a and marked and "/StructTreeRoot" in pdf.Root else "B"
