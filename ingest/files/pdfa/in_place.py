"""A file that needs little to be PDF/A-3b gets that, and is not converted: pages, fonts, structure,
bookmarks and links stay what they are.
"""

from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from ingest.files.flattening.entries import dictionary, inherited, items
from ingest.files.pdfa.check import check_pdfa
from ingest.files.pdfa.intent import srgb
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
_PRINTED = 4  # ISO 19005-3, 6.3.2


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
    for key in _CATALOG:
        if key in pdf.Root:
            del pdf.Root[key]
    names = dictionary(pdf.Root, "/Names")
    pdf.Root.Names = Dictionary({key: names[key] for key in ("/Dests",) if key in names})
    for page in pdf.pages:
        if "/Resources" not in page.obj:
            page.obj.Resources = inherited(page.obj, "/Resources", Dictionary())
        for key in _PAGE:
            if key in page.obj:
                del page.obj[key]
        for link in items(page.obj, "/Annots"):
            link.F = _PRINTED
            for key in _LINK:
                if key in link:
                    del link[key]
    for thing in pdf.objects:
        if isinstance(thing, Dictionary | Stream):
            _prepare_object(thing)
    intents = [
        each
        for each in items(pdf.Root, "/OutputIntents")
        if isinstance(each, Dictionary) and each.get("/S") == Name.GTS_PDFA1
    ]
    pdf.Root.OutputIntents = Array(intents or [srgb(pdf)])


def _prepare_object(thing: Dictionary | Stream) -> None:
    # lists of the glyphs in a font: optional, and often wrong
    for key in ("/CIDSet", "/CharSet"):
        if key in thing and "/FontName" in thing:
            del thing[key]
    if thing.get("/Subtype") == Name.Image:
        for key in ("/Interpolate", "/Alternates", "/OPI"):
            if key in thing:
                del thing[key]
    if thing.get("/Subtype") == Name.CIDFontType2 and "/CIDToGIDMap" not in thing:
        thing.CIDToGIDMap = Name.Identity  # what is meant where it is not said
    for key in ("/PieceInfo", "/LastModified"):
        if key in thing and isinstance(thing, Stream):
            del thing[key]


def conformance(pdf: Pdf) -> str:
    """Return the level that `pdf` may go on to claim: that of its own claim where it has the
    structure that level A wants, else B.
    """
    is_a = any(claim.endswith("A") for claim in _claims(pdf))
    marked = dictionary(pdf.Root, "/MarkInfo").get("/Marked", False)
    return "A" if is_a and marked and "/StructTreeRoot" in pdf.Root else "B"
