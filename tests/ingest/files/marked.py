"""PDFs with annotations, fields and layers, made here: each a change of a good PDF."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from tests.ingest.files.papers import plain_pdf, scanned_pdf

BOX = (300, 500, 420, 530)
INK = b"1 0 0 RG 4 w 4 4 m 116 26 l S 4 26 m 116 4 l S"
HIDDEN_FLAGS = {"invisible": 1, "hidden": 2, "no view": 32, "no view, printed": 36}
BASES: Mapping[str, Callable[[], bytes]] = {"text": plain_pdf, "scan": scanned_pdf}


@dataclass(frozen=True, slots=True)
class Look:
    """An appearance stream, before it belongs to a file."""

    content: bytes
    size: tuple[float, float]
    more: Mapping[str, Any]


Entries = dict[str, Any]


def marked(base: bytes, *annotations: Entries, form: Entries | None = None) -> bytes:
    """Return `base` with annotations on its first page; `form` is what is said of its fields."""
    with pikepdf.open(io.BytesIO(base)) as pdf:
        listed = [pdf.make_indirect(owned(pdf, each)) for each in annotations]
        pdf.pages[0].obj.Annots = Array(listed)
        fields = [each for each in listed if each.Subtype == Name.Widget]
        if fields:
            pdf.Root.AcroForm = owned(pdf, form or {})
            pdf.Root.AcroForm.Fields = Array(fields)
        return saved(pdf)


def owned(pdf: Pdf, thing: Any) -> Any:
    """Return `thing` as an object of `pdf`."""
    if isinstance(thing, Look):
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        return pdf.make_stream(
            thing.content,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, *thing.size]),
            Resources=Dictionary(Font=Dictionary(Helv=font)),
            **thing.more,
        )
    if isinstance(thing, dict):
        return Dictionary({f"/{key}": owned(pdf, value) for key, value in thing.items()})
    return thing


def saved(pdf: Pdf) -> bytes:
    """Return the bytes of `pdf`."""
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def look(content: bytes = INK, size: tuple[float, float] = (120, 30), **more: Any) -> Look:
    """Return an appearance."""
    return Look(content, size, more)


def annotation(subtype: str, box: tuple[float, ...] = BOX, **entries: Any) -> Entries:
    """Return an annotation without an appearance, which is printed."""
    return {
        "Type": Name.Annot,
        "Subtype": Name(f"/{subtype}"),
        "Rect": Array(list(box)),
        "F": 4,
        **entries,
    }


def drawn(subtype: str, content: bytes = INK, **entries: Any) -> Entries:
    """Return an annotation with an appearance."""
    return annotation(subtype, **{"AP": {"N": look(content)}, **entries})


def field(kind: str, **entries: Any) -> Entries:
    """Return a field with its widget: `Tx`, `Btn`, `Ch` or `Sig`."""
    said = {"FT": Name(f"/{kind}"), "T": String("o"), "DA": String("/Helv 12 Tf 0 g")}
    return annotation("Widget", **{**said, **entries})


def ticked(state: str = "Yes") -> Entries:
    """Return a box with a look for each state."""
    on = look(b"2 w 2 15 m 10 4 l 28 28 l S", (30, 30))
    off = look(b"", (30, 30))
    return field(
        "Btn",
        Rect=Array([300, 500, 330, 530]),
        AP={"N": {"Yes": on, "Off": off}},
        V=Name(f"/{state}"),
        AS=Name(f"/{state}"),
    )


def seen(pdf: bytes, page: int = 0, *, annotations: bool = True, scale: float = 2) -> Image.Image:
    """Return a page as a reader shows it; without annotations: as its content alone shows it."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    try:
        picture = document[page].render(
            scale=scale, may_draw_forms=annotations, draw_annots=annotations
        )
        shown: Image.Image = picture.to_pil().convert("RGB")
    finally:
        document.close()
    return shown


def darkness(pdf: bytes, box: tuple[float, ...] = BOX, height: float = 842) -> int:
    """Return how many dots of the content of page 1 are not white within `box`."""
    left, bottom, right, top = box
    part = (
        seen(pdf, annotations=False)
        .convert("L")
        .crop((int(left * 2), int((height - top) * 2), int(right * 2), int((height - bottom) * 2)))
    )
    return sum(part.histogram()[:250])
