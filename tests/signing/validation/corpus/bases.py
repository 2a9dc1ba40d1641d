"""The six kinds of unsigned PDF that every maker signs: small, made here, nothing is real."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf, Stream, String

from tests.fixtures.pki import PAPER

EMPTY_FIELD = "Reserved"  # the signature field of the form that waits for a signature


def _document() -> Pdf:
    """Return two pages of text in a standard font."""
    document = Pdf.new()
    font = document.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    for number, line in enumerate(("TEST discharge summary, dose 5 mg", "TEST second page"), 1):
        content = b"BT /F1 14 Tf 60 740 Td (%b) Tj 0 -24 Td (Page %d) Tj ET" % (
            line.encode(),
            number,
        )
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, 595, 842]),
            Resources=Dictionary(Font=Dictionary(F1=font)),
            Contents=Stream(document, content),
        )
        document.pages.append(pikepdf.Page(document.make_indirect(page)))
    document.docinfo[Name.Title] = String("TEST paper")
    return document


def _appearance(document: Pdf, box: list[int], content: bytes) -> Stream:
    form = Stream(document, content)
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, box[2] - box[0], box[3] - box[1]])
    form.Resources = Dictionary(
        Font=Dictionary(
            Helv=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        )
    )
    return form


def _with_form(document: Pdf) -> Pdf:
    """Add a text field, a tick box and an empty signature field."""
    page = document.pages[0].obj

    def widget(box: list[int], **entries: Any) -> pikepdf.Object:
        return document.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, Rect=Array(box), F=4, P=page, **entries
            )
        )

    text, tick, seal = [60, 600, 260, 620], [60, 560, 74, 574], [300, 100, 500, 160]
    empty = _appearance(document, text, b"/Tx BMC EMC")
    on, off = (_appearance(document, tick, content) for content in (b"0 0 14 14 re f", b""))
    fields = [
        widget(
            text,
            FT=Name.Tx,
            T=String("doctor"),
            V=String(""),
            DA=String("/Helv 10 Tf 0 g"),
            AP=Dictionary(N=empty),
        ),
        widget(
            tick,
            FT=Name.Btn,
            T=String("agreed"),
            V=Name.Off,
            AS=Name.Off,
            AP=Dictionary(N=Dictionary(Yes=on, Off=off)),
        ),
        widget(seal, FT=Name.Sig, T=String(EMPTY_FIELD)),
    ]
    page.Annots = document.make_indirect(Array(fields))
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    document.Root.AcroForm = document.make_indirect(
        Dictionary(
            Fields=Array(fields),
            DA=String("/Helv 10 Tf 0 g"),
            DR=Dictionary(Font=Dictionary(Helv=document.make_indirect(helvetica))),
        )
    )
    return document


def _with_extras(document: Pdf) -> Pdf:
    """Add annotations, an attachment, an outline and page labels."""
    page, box = document.pages[0].obj, [60, 500, 160, 540]
    square = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Square,
        Rect=Array(box),
        F=4,
        Contents=String("TEST mark"),
        AP=Dictionary(N=_appearance(document, box, b"1 0 0 RG 1 1 98 38 re S")),
    )
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([60, 700, 200, 720]),
        F=4,
        Border=Array([0, 0, 0]),
        Dest=Array([document.pages[1].obj, Name.Fit]),
    )
    page.Annots = Array([document.make_indirect(square), document.make_indirect(link)])
    document.attachments["values.txt"] = b"TEST 5 mg"
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("TEST second page", 1))
    document.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D)]))
    return document


def _saved(document: Pdf, *, object_streams: bool = False, linearised: bool = False) -> bytes:
    out = io.BytesIO()
    mode = ObjectStreamMode.generate if object_streams else ObjectStreamMode.disable
    document.save(out, object_stream_mode=mode, linearize=linearised, deterministic_id=True)
    return out.getvalue()


def _archival() -> bytes:
    pdf: bytes = typst.compile(
        str(PAPER), format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=1_795_300_000
    )
    return pdf + b"\n"  # Typst ends without a line end, and some makers go on right after %%EOF


_MAKE: dict[str, Callable[[], bytes]] = {
    "classic": lambda: _saved(_document()),
    "objstm": lambda: _saved(_document(), object_streams=True),
    "linear": lambda: _saved(_document(), linearised=True),
    "form": lambda: _saved(_with_form(_document())),
    "pdfa": _archival,
    "rich": lambda: _saved(_with_extras(_document())),
}
KINDS = tuple(_MAKE)


@cache
def base(kind: str) -> bytes:
    """Return the base of `kind` (one of :data:`KINDS`)."""
    return _MAKE[kind]()
