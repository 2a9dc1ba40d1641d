"""Kho's own list of what makes a file PDF/A-3b (ISO 19005-3), for files that Kho has written again.

The syntax of the file itself (6.1.2 to 6.1.9) is its writer's: qpdf keeps to the standard.
"""

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from ingest.files.annotations import NO_LOOK, PRINT, annotations
from ingest.files.pdf_entries import box_of, dictionary, entries, filters, items
from ingest.files.pdfa.clauses import Clauses
from ingest.files.pdfa.colours import check_colours
from ingest.files.pdfa.content import ContentReader
from ingest.files.pdfa.fonts import check_fonts
from ingest.files.pdfa.lists import ACTIONS, ANNOTATIONS, BLEND_MODES, INTENTS, NAMED_ACTIONS

_FORBIDDEN_FLAGS = 0b100100011  # Invisible, Hidden, NoView, ToggleNoView
_LONGEST_STRING, _LONGEST_NAME, _LARGEST = 32_767, 127, 2**31 - 1
_SIDES = 3, 14_400
_BITS = frozenset({1, 2, 4, 8, 16})
_DEEPEST = 100


def check_pdfa(pdf: Pdf) -> Clauses:
    """Return which clauses `pdf` breaks, and which could not be checked."""
    clauses = Clauses()
    _catalog(pdf, clauses)
    for page in pdf.pages:
        _page(page, clauses)
    for thing in pdf.objects:
        _value(thing, clauses, 0)
        if isinstance(thing, Dictionary | Stream):
            _thing(thing, clauses)
    drawn = ContentReader(clauses).read(pdf)
    check_fonts(drawn, clauses)
    check_colours(pdf, drawn.devices, clauses)
    return clauses


def _catalog(pdf: Pdf, clauses: Clauses) -> None:
    root = pdf.Root
    for key in ("/AA", "/Requirements", "/NeedsRendering"):
        clauses.require(key not in root, f"6.1, 6.4 {key}")
    if "/OCProperties" in root:
        clauses.unchecked.add("6.9 layers")
    form = dictionary(root, "/AcroForm")
    clauses.require(not form.get("/NeedAppearances", False), "6.4.1 NeedAppearances")
    clauses.require("/XFA" not in form, "6.4.2 XFA")


def _page(page: pikepdf.Page, clauses: Clauses) -> None:
    for key in ("/AA", "/PresSteps"):
        clauses.require(key not in page.obj, f"6.5, 6.10 {key}")
    left, bottom, right, top = box_of(page.mediabox)
    sides = right - left, top - bottom
    clauses.require(all(_SIDES[0] <= side <= _SIDES[1] for side in sides), "6.1.13 page size")
    listed = annotations(page)
    clauses.require(len(listed) == len(items(page.obj, "/Annots")), "6.3 annotation")
    for annotation in listed:
        _annotation(annotation, clauses)


def _annotation(annotation: Dictionary, clauses: Clauses) -> None:
    kind, flags = str(annotation.get("/Subtype")), annotation.get("/F")
    clauses.require(kind in ANNOTATIONS, "6.3.1 subtype")
    if kind != "/Popup":
        lawful = isinstance(flags, int) and flags & PRINT and not flags & _FORBIDDEN_FLAGS
        clauses.require(bool(lawful), "6.3.2 flags")
    clauses.require("/AA" not in annotation, "6.4.1 AA")
    if kind == "/Widget":
        clauses.require("/A" not in annotation, "6.4.1 A")
    if kind == "/FileAttachment":
        clauses.unchecked.add("6.8 attached file")
    left, bottom, right, top = box_of(annotation.Rect)
    if kind in NO_LOOK or (left == right and bottom == top):
        return
    look = annotation.get("/AP")
    if not isinstance(look, Dictionary):
        clauses.broken.add("6.3.3 AP")
        return
    clauses.require(set(look.keys()) == {"/N"}, "6.3.3 AP")
    is_stream = isinstance(look.get("/N"), Stream)
    is_button = kind == "/Widget" and annotation.get("/FT") == Name.Btn
    clauses.require(is_stream or is_button, "6.3.3 N")


def _thing(thing: Dictionary | Stream, clauses: Clauses) -> None:
    kind, subtype = str(thing.get("/Type", "")), str(thing.get("/Subtype", ""))
    action = str(thing.get("/S", ""))
    if kind == "/Action" or (isinstance(thing.get("/A"), Dictionary)):
        action = str(dictionary(thing, "/A").get("/S", action))
        clauses.require(action in ACTIONS, "6.5.1 action")
        if action == "/Named":
            named = dictionary(thing, "/A").get("/N", thing.get("/N"))
            clauses.require(str(named) in NAMED_ACTIONS, "6.5.1 named action")
    clauses.require("/JS" not in thing and action not in ("/JavaScript", "/Launch"), "6.5.1 action")
    states = [thing] if kind == "/ExtGState" or "/BM" in thing else []
    held = dictionary(dictionary(thing, "/Resources"), "/ExtGState")
    for state in (*states, *entries(held).values()):
        if isinstance(state, Dictionary):
            _state(state, clauses)
    if "/EF" in thing:
        clauses.unchecked.add("6.8 embedded file")
    if isinstance(thing, Stream):
        _stream(thing, kind, subtype, clauses)


def _state(state: Dictionary, clauses: Clauses) -> None:
    clauses.require("/TR" not in state and "/HTP" not in state, "6.2.5 TR")
    clauses.require(state.get("/TR2", Name.Default) == Name.Default, "6.2.5 TR2")
    if isinstance(state.get("/HT"), Dictionary | Stream):
        clauses.unchecked.add("6.2.5 HT")
    blend = state.get("/BM", Name.Normal)
    clauses.require(isinstance(blend, Name) and str(blend) in BLEND_MODES, "6.2.10 BM")
    clauses.require(str(state.get("/RI", "/Perceptual")) in INTENTS, "6.2.6 intent")


def _stream(stream: Stream, kind: str, subtype: str, clauses: Clauses) -> None:
    clauses.require(not {"/F", "/FFilter", "/FDecodeParms"} & set(stream.keys()), "6.1.7.1 F")
    clauses.require("/Crypt" not in filters(stream), "6.1.7.2 Crypt")
    if subtype == "/Image":
        clauses.require("/Alternates" not in stream and "/OPI" not in stream, "6.2.8 image")
        clauses.require(not stream.get("/Interpolate", False), "6.2.8 Interpolate")
        clauses.require(str(stream.get("/Intent", "/Perceptual")) in INTENTS, "6.2.6 intent")
        if "/JPXDecode" in filters(stream):
            clauses.unchecked.add("6.2.8.3 JPEG 2000")
        else:
            mask = stream.get("/ImageMask", False)
            clauses.require(bool(mask) or stream.get("/BitsPerComponent") in _BITS, "6.2.8 bits")
    elif subtype == "/Form" or "/BBox" in stream:
        clauses.require(not {"/OPI", "/PS", "/Ref"} & set(stream.keys()), "6.2.9 form")
        clauses.require(stream.get("/Subtype2") != Name.PS, "6.2.9 form")
    clauses.require(subtype != "/PS", "6.2.9 PS")


def _value(value: object, clauses: Clauses, depth: int) -> None:
    """Check the limits of 6.1.13 for a value and its direct parts."""
    if depth > _DEEPEST:
        clauses.unchecked.add("6.1.13 depth")
    elif isinstance(value, String):
        clauses.require(len(bytes(value)) <= _LONGEST_STRING, "6.1.13 string")
    elif isinstance(value, Name):
        clauses.require(len(str(value).encode()) - 1 <= _LONGEST_NAME, "6.1.13 name")
    elif isinstance(value, int):
        clauses.require(abs(value) <= _LARGEST, "6.1.13 integer")
    elif isinstance(value, Dictionary | Stream):
        for key, part in entries(value).items():
            clauses.require(len(key.encode()) - 1 <= _LONGEST_NAME, "6.1.13 name")
            if not (isinstance(part, pikepdf.Object) and part.is_indirect):
                _value(part, clauses, depth + 1)
    elif isinstance(value, Array):
        for part in value:
            if not (isinstance(part, pikepdf.Object) and part.is_indirect):
                _value(part, clauses, depth + 1)
