"""A PDF whose pages show by themselves what its fields, annotations and layers show.

Hidden annotations and layers stay behind. Links and comments are no content of a page: they are put
back later (`ingest/files/navigation.py`).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Annotation, Array, Dictionary, Name, Pdf, Stream

from archive.base.bilingual import Text
from archive.base.errors import Unreadable
from archive.isolation.child import Limits, isolated, preload
from ingest.files.flattening.drawing import Drawing, as_form
from ingest.files.flattening.entries import (
    Box,
    box_of,
    dictionary,
    entries,
    inherited,
    items,
    remove,
)
from ingest.files.flattening.field_looks import field_drawing
from ingest.files.flattening.geometry import rotation, sheet
from ingest.files.flattening.layers import Layers, settle_layers
from ingest.files.flattening.markup_looks import markup_drawing
from ingest.files.flattening.typed_text import typed, unshowable
from ingest.files.flattening.visible import (
    NO_ROTATE,
    annotations,
    has_states,
    is_shown,
    own_look,
    shown,
)
from ingest.files.pdfa.in_place import is_tagged_or_claims_pdfa

preload(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """An annotation or field that a page shows.

    `page` counts from 0; `box` is in points from the lower left corner of the sheet; `kind` is its
    subtype. `drawn`: it brought no appearance, so readers draw it in ways of their own.
    """

    page: int
    box: Box
    kind: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class Flat:
    """A flattened PDF.

    `pages` has no annotations but links. `bare` is the same without what annotations show, and
    `looks` has a page for each of the pages `numbers` (from 0) with that and nothing else; they are
    empty where they were not asked for. `seen` is the file as received, without what readers hide:
    what the pages must look like. `is_tagged_or_claims_pdfa`: converting it would lose that.
    """

    pages: bytes
    bare: bytes
    looks: bytes
    numbers: tuple[int, ...]
    seen: bytes
    marks: tuple[Mark, ...]
    is_tagged_or_claims_pdfa: bool


def as_it_is(pdf: bytes) -> Flat:
    """Return `pdf`, which has nothing to flatten."""
    return Flat(pdf, pdf, b"", (), pdf, (), is_tagged_or_claims_pdfa=False)


def flatten(pdf: bytes, limits: Limits, *, apart: bool) -> Flat:
    """Return `pdf` flattened in a child process; `apart`: also as two files, `bare` and `looks`.

    Raises :class:`archive.base.errors.Unreadable`, naming the page, for what cannot be shown.
    """
    return read_flat(pdf, isolated(limits, flattened, pdf, apart), limits)


def read_flat(pdf: bytes, answer: bytes, limits: Limits) -> Flat:
    """Return what a child made of `pdf`; raises TooDemanding for any other answer."""
    head, _, rest = answer.partition(b"\n")
    try:
        stated = json.loads(head)
        sizes = [int(size) for size in stated["sizes"]]
        if min(sizes) < 0 or sum(sizes) != len(rest):
            raise ValueError("parts of other sizes")
        pages, bare, looks, seen = _parts(rest, sizes)
        return Flat(
            pages=pages or pdf,
            bare=bare or pages or pdf,
            looks=looks,
            numbers=tuple(int(number) for number in stated["numbers"]),
            seen=seen or pdf,
            marks=tuple(_mark(each) for each in stated["marks"]),
            is_tagged_or_claims_pdfa=bool(stated["tagged_or_pdfa"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise limits.exceeded from error  # no answer of ours


def _parts(joined: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield joined[at : at + size]
        at += size


def _mark(stated: dict[str, Any]) -> Mark:
    left, bottom, right, top = (float(edge) for edge in stated["box"])
    kind = str(stated["kind"])
    if not kind.removeprefix("/").isalnum():
        raise ValueError("no subtype")
    return Mark(int(stated["page"]), (left, bottom, right, top), kind, bool(stated["drawn"]))


def flattened(data: bytes, apart: bool) -> bytes:
    """Return the parts of a :class:`Flat` behind a line of JSON; a part that is `data` is empty."""
    with pikepdf.open(BytesIO(data)) as pdf:
        layers, keeps = Layers(pdf), is_tagged_or_claims_pdfa(pdf)
        if not layers.exist and not any(annotations(page) for page in pdf.pages):
            return _packed([b"", b"", b"", b""], [], [], keeps)
        marks = list(_with_looks(pdf, layers))
        numbers = sorted({mark.page for mark in marks})
        settle_layers(pdf, layers)
        bare, looks = b"", b""
        if apart and numbers:
            looks = _shown_apart(pdf, numbers)
            bare = _without_annotations(pdf)
        for number in numbers:
            _show(pdf, pdf.pages[number])
        _drop_annotations(pdf)
        parts = [_saved(pdf), bare, looks, _as_seen(data)]
    return _packed(parts, numbers if looks else [], marks, keeps)


def _packed(parts: list[bytes], numbers: list[int], marks: list[Mark], keeps: bool) -> bytes:
    head = {
        "sizes": [len(part) for part in parts],
        "numbers": numbers,
        "marks": [asdict(mark) for mark in marks],
        "tagged_or_pdfa": keeps,
    }
    return json.dumps(head).encode() + b"\n" + b"".join(parts)


def _with_looks(pdf: Pdf, layers: Layers) -> Iterator[Mark]:
    """Leave on each page the annotations that are shown, each with one appearance.

    Yield them.
    """
    form = dictionary(pdf.Root, "/AcroForm")
    wanting: list[tuple[Dictionary, Drawing]] = []
    for number, page in enumerate(pdf.pages):
        kept = [
            each
            for each in annotations(page)
            if each.get("/Subtype") == Name.Link and is_shown(each, layers)
        ]
        for annotation in shown(page, layers):
            is_field = annotation.get("/Subtype") == Name.Widget
            look = own_look(annotation)
            asks = is_field and form.get("/NeedAppearances", False) and not has_states(annotation)
            is_signature = inherited(annotation, "/FT") == Name.Sig
            if look is not None and (not asks or is_signature):
                _prepare(pdf, annotation, look, form)
            else:
                drawing = None
                if not has_states(annotation):
                    drawing = (
                        field_drawing(annotation, form) if is_field else markup_drawing(annotation)
                    )
                if drawing is None:
                    continue
                _check_letters(drawing, number)
                wanting.append((annotation, drawing))
            kept.append(annotation)
            box = sheet(page).seen(box_of(annotation.Rect))
            drawn = bool(wanting) and wanting[-1][0] is annotation
            yield Mark(number, box, str(annotation.get("/Subtype", "/Unknown")), drawn)
        page.obj.Annots = Array(kept)
    texts = iter(typed(pdf, [drawing.text for _, drawing in wanting if drawing.text]))
    for annotation, drawing in wanting:
        words = next(texts) if drawing.text else None
        annotation.AP = Dictionary(N=as_form(pdf, drawing, words))
        remove(annotation, "/AS")


def _check_letters(drawing: Drawing, number: int) -> None:
    strange = unshowable(drawing.text.text) if drawing.text else ""
    if strange:
        codes = ", ".join(f"U+{ord(letter):04X}" for letter in strange[:5])
        why = Text(
            "trang {page}: một ô có ký tự không hiện được ({codes})",
            "page {page}: a field has letters that cannot be shown ({codes})",
        ).fill(page=number + 1, codes=codes)
        raise Unreadable(why_vi=why.vi, why_en=why.en)


def _prepare(pdf: Pdf, annotation: Dictionary, look: Stream, form: Dictionary) -> None:
    """Make `look` the one appearance of `annotation`, and a form XObject by all it needs."""
    look.Type, look.Subtype = Name.XObject, Name.Form
    if "/BBox" not in look:
        left, bottom, right, top = box_of(annotation.Rect)
        look.BBox = Array([0, 0, right - left, top - bottom])
    if annotation.get("/Subtype") == Name.Widget:
        # fields may use the form's fonts without naming them as theirs (12.7.4.3)
        shared = dictionary(dictionary(form, "/DR"), "/Font")
        resources = dictionary(look, "/Resources")
        fonts = dictionary(resources, "/Font")
        if any(key not in fonts for key in entries(shared)):
            resources.Font = Dictionary({**entries(shared), **entries(fonts)})
            look.Resources = resources
    annotation.AP = Dictionary(N=look if look.is_indirect else pdf.make_indirect(look))
    remove(annotation, "/AS")


def _shown_apart(pdf: Pdf, numbers: list[int]) -> bytes:
    """Return a PDF of what the annotations of some pages show, on pages that are else empty."""
    with Pdf.new() as looks:
        for number in numbers:
            source = pdf.pages[number]
            page = looks.add_blank_page()
            page.obj.MediaBox, page.obj.CropBox = Array(source.mediabox), Array(source.cropbox)
            page.obj.Rotate = rotation(source)
            page.obj.UserUnit = source.obj.get("/UserUnit", 1)
            page.contents_add(looks.make_stream(_looks(source, page, looks)))
        return _saved(looks)


def _show(pdf: Pdf, page: pikepdf.Page) -> None:
    """Draw the looks of the annotations of `page` onto it."""
    states = _open_states(page)
    # resources may be shared with other pages, or inherited
    page.obj.Resources = Dictionary(entries(page.resources))
    drawn = _looks(page, page, None)
    page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
    page.contents_add(pdf.make_stream(b"\n" + b"Q " * (1 + states) + b"\n" + drawn))


def _looks(source: pikepdf.Page, page: pikepdf.Page, foreign: Pdf | None) -> bytes:
    """Return operators that draw the annotations of `source`, whose forms `page` has then."""
    turn, drawn = rotation(source), []
    for annotation in items(source.obj, "/Annots"):
        if annotation.get("/Subtype") == Name.Link:
            continue
        form = annotation.AP.N
        name = page.add_resource(
            foreign.copy_foreign(form) if foreign else form, Name.XObject, prefix="Look"
        )
        turned = turn if int(annotation.get("/F", 0)) & NO_ROTATE else 0
        annotation.F = NO_ROTATE if turned else 0
        drawn.append(Annotation(annotation).get_page_content_for_appearance(name, turned))
    return b"\n".join(drawn)


def _open_states(page: pikepdf.Page) -> int:
    """Return how many graphics states the content of `page` leaves open."""
    depth = 0
    for instruction in pikepdf.parse_content_stream(page, "q Q"):
        depth = max(0, depth + (1 if str(instruction.operator) == "q" else -1))
    return depth


def _drop_annotations(pdf: Pdf) -> None:
    """Leave the links only."""
    for page in pdf.pages:
        if "/Annots" in page.obj:
            page.obj.Annots = Array(
                [each for each in annotations(page) if each.get("/Subtype") == Name.Link]
            )
    remove(pdf.Root, "/AcroForm")


def _without_annotations(pdf: Pdf) -> bytes:
    """Return `pdf` without annotations but links; they stay in `pdf`."""
    with pikepdf.open(BytesIO(_saved(pdf))) as copy:
        _drop_annotations(copy)
        return _saved(copy)


def _as_seen(data: bytes) -> bytes:
    """Return the file as received, but for the annotations that its readers hide."""
    with pikepdf.open(BytesIO(data)) as pdf:
        layers = Layers(pdf)
        for page in pdf.pages:
            if "/Annots" in page.obj:
                page.obj.Annots = Array(list(shown(page, layers)))
        if "/AcroForm" not in pdf.Root:
            pdf.Root.AcroForm = Dictionary(Fields=Array([]))  # PDFium shows no field without it
        return _saved(pdf)


def _saved(pdf: Pdf) -> bytes:
    pdf.remove_unreferenced_resources()
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
