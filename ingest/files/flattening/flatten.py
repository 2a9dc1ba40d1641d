"""A PDF whose pages show by themselves what its fields, annotations and layers show.

Hidden annotations and layers stay behind. Links and comments are no content of a page: they are put
back later (`ingest/files/navigation.py`).
"""

from io import BytesIO

import pikepdf
from pikepdf import Annotation, Array, Dictionary, Name, Pdf

from archive.isolation.child import Limits, isolated, preload
from ingest.files.annotations import NO_ROTATE, annotations, is_link, shown
from ingest.files.flattening.flat import Flat, packed, read_flat
from ingest.files.flattening.geometry import rotation
from ingest.files.flattening.looks import give_looks
from ingest.files.layers import Layers, settle_layers
from ingest.files.pdf_entries import entries, items, remove
from ingest.files.pdfa.in_place import is_tagged_or_claims_pdfa

preload(__name__)


def flatten(pdf: bytes, limits: Limits, *, apart: bool) -> Flat:
    """Return `pdf` flattened in a child process; `apart`: also as two files, `bare` and `looks`.

    Raises :class:`archive.base.errors.Unreadable`, naming the page, for what cannot be shown.
    """
    return read_flat(pdf, isolated(limits, flattened, pdf, apart), limits)


def flattened(data: bytes, apart: bool) -> bytes:
    """Return the parts of a :class:`Flat` behind a line of JSON; a part that is `data` is empty."""
    with pikepdf.open(BytesIO(data)) as pdf:
        layers, keeps = Layers(pdf), is_tagged_or_claims_pdfa(pdf)
        if not layers.exist and not any(annotations(page) for page in pdf.pages):
            return packed([b"", b"", b"", b""], [], [], keeps)
        marks = give_looks(pdf, layers)
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
    return packed(parts, numbers if looks else [], marks, keeps)


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
        if is_link(annotation):
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
            page.obj.Annots = Array([each for each in annotations(page) if is_link(each)])
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
