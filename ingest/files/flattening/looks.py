"""One appearance for each annotation that a page shows: its own, or the one that Kho draws."""

from pikepdf import Array, Dictionary, Name, Pdf, Stream

from archive.base.bilingual import Text
from archive.base.errors import Unreadable
from ingest.files.annotations import (
    annotations,
    has_states,
    is_field,
    is_link,
    is_shown,
    own_look,
    shown,
)
from ingest.files.flattening.drawing import Drawing, as_form
from ingest.files.flattening.field_looks import field_drawing
from ingest.files.flattening.flat import Mark
from ingest.files.flattening.geometry import sheet
from ingest.files.flattening.markup_looks import markup_drawing
from ingest.files.flattening.typed_text import typed, unshowable
from ingest.files.layers import Layers
from ingest.files.pdf_entries import box_of, dictionary, entries, inherited, remove, text_of


def give_looks(pdf: Pdf, layers: Layers) -> list[Mark]:
    """Leave links and shown annotations on each page, each of these with one appearance.

    Return what is shown.
    """
    form = dictionary(pdf.Root, "/AcroForm")
    marks: list[Mark] = []
    drawings: list[tuple[Dictionary, Drawing]] = []
    for number, page in enumerate(pdf.pages):
        kept = [each for each in annotations(page) if is_link(each) and is_shown(each, layers)]
        for annotation in shown(page, layers):
            look = _look_to_use(annotation, form)
            drawing = None if look else _drawing(annotation, form)
            if look:
                _prepare(pdf, annotation, look, form)
            elif drawing:
                _check_letters(drawing, number)
                drawings.append((annotation, drawing))
            else:
                continue
            kept.append(annotation)
            box = sheet(page).seen(box_of(annotation.Rect))
            marks.append(Mark(number, box, _kind(annotation), drawn=drawing is not None))
        page.obj.Annots = Array(kept)
    _draw(pdf, drawings)
    return marks


def _kind(annotation: Dictionary) -> str:
    kind = text_of(annotation.get("/Subtype"))
    return kind if kind.isalnum() else "Unknown"


def _look_to_use(annotation: Dictionary, form: Dictionary) -> Stream | None:
    """Return the appearance that `annotation` brings, unless its form asks readers to draw it."""
    is_signature = inherited(annotation, "/FT") == Name.Sig
    is_asked = is_field(annotation) and form.get("/NeedAppearances", False)
    if is_asked and not is_signature and not has_states(annotation):
        return None
    return own_look(annotation)


def _drawing(annotation: Dictionary, form: Dictionary) -> Drawing | None:
    """Return what readers draw for an annotation without an appearance; None: nothing."""
    if has_states(annotation):
        return None
    return field_drawing(annotation, form) if is_field(annotation) else markup_drawing(annotation)


def _draw(pdf: Pdf, drawings: list[tuple[Dictionary, Drawing]]) -> None:
    """Give each annotation its drawing as its appearance; all texts are set at once."""
    texts = iter(typed(pdf, [drawing.text for _, drawing in drawings if drawing.text]))
    for annotation, drawing in drawings:
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
    if is_field(annotation):
        # fields may use the form's fonts without naming them as theirs (12.7.4.3)
        shared = dictionary(dictionary(form, "/DR"), "/Font")
        resources = dictionary(look, "/Resources")
        fonts = dictionary(resources, "/Font")
        if any(key not in fonts for key in entries(shared)):
            resources.Font = Dictionary({**entries(shared), **entries(fonts)})
            look.Resources = resources
    annotation.AP = Dictionary(N=look if look.is_indirect else pdf.make_indirect(look))
    remove(annotation, "/AS")
