"""Shadow attacks: the signer signs a file whose other face an update shows later (NDSS 2021)."""

import io
from collections.abc import Callable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from tests.signing.validation import attacks
from tests.signing.validation.attacks import QuietWriter, pdf_dictionary
from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.manipulated.updates import first_page, form_object
from tests.signing.validation.corpus.manipulated.victims import Victims, manipulated
from tests.signing.validation.corpus.specimen import Specimen

_COVER = b"1 g 0 0 300 40 re f"
Prepare = Callable[[Pdf], None]
Show = Callable[[QuietWriter], None]


def specimens(victims: Victims) -> Iterator[Specimen]:
    """Yield every shadow attack, on a file of DSS and on one of pyHanko."""
    workshop = victims.workshop
    for name, (prepare, show) in ATTACKS.items():
        shadow = attacks.with_catalog(base("classic"), prepare)
        signed = {
            "dss": workshop.dss.sign(shadow, level="B-LTA"),
            "pyhanko": workshop.pyhanko.sign(shadow, level="B-LT"),
        }
        for maker, pdf in signed.items():
            level = "B-LTA" if maker == "dss" else "B-LT"
            attacked = attacks.update(pdf, show)
            yield manipulated(f"shadow-{name}-{maker}", level, attacked, f"a shadow attack: {name}")
    shadow, offset, number = _twice(base("classic"))
    for maker, pdf in (
        ("dss", workshop.dss.sign(shadow, level="B-LTA")),
        ("pyhanko", workshop.pyhanko.sign(shadow)),
    ):
        attacked = _table_alone(pdf, number, offset)
        note = "a shadow attack: a cross reference to an object that nothing used"
        yield manipulated(f"shadow-replace-by-table-{maker}", "B-LTA", attacked, note)


def _cover_annotation(document: Pdf) -> None:
    cover = Stream(
        document, _COVER, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 40])
    )
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Square,
        Rect=Array([55, 715, 355, 755]),
        F=4,
        AP=Dictionary(N=cover),
    )
    document.pages[0].obj.Annots = Array([document.make_indirect(note)])


def _uncover_annotation(writer: QuietWriter) -> None:
    page = first_page(writer)
    page["/Annots"] = generic.ArrayObject(list(page["/Annots"])[1:])


def _cover_drawing(document: Pdf) -> None:
    page = document.pages[0]
    cover = Stream(
        document, _COVER, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 40])
    )
    page.obj.Resources.XObject = Dictionary(Cover=document.make_indirect(cover))
    page.contents_add(b"q 1 0 0 1 55 715 cm /Cover Do Q")


def _uncover_drawing(writer: QuietWriter) -> None:
    drawings = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/XObject"]
    drawn = drawings["/Cover"]
    drawn._data, drawn._encoded_data = b" ", None
    drawn.pop("/Filter", None)
    writer.update_container(drawn)


def _layers(document: Pdf) -> None:
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("TEST")))
    document.Root.OCProperties = Dictionary(
        OCGs=Array([layer]), D=document.make_indirect(Dictionary(Order=Array([layer])))
    )
    page = document.pages[0]
    page.obj.Resources.Properties = Dictionary(Layer=layer)
    page.contents_add(b"/OC /Layer BDC", prepend=True)
    page.contents_add(b"EMC")


def _switch_off(writer: QuietWriter) -> None:
    wanted = writer.root["/OCProperties"]["/D"]
    wanted["/OFF"] = writer.root["/OCProperties"]["/OCGs"]
    writer.update_container(wanted)


def _nothing(_: Pdf) -> None:
    """Prepare nothing: what the signer signs is enough."""


def _other_font(writer: QuietWriter) -> None:
    font = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]["/F1"]
    font["/BaseFont"] = pdf_name("/ZapfDingbats")
    writer.update_container(font)


def _text_field(document: Pdf) -> None:
    shown = Stream(
        document,
        b"/Tx BMC BT /F1 12 Tf 2 4 Td (5 mg) Tj ET EMC",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 200, 20]),
        Resources=Dictionary(Font=document.pages[0].obj.Resources.Font),
    )
    field = document.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("dose"),
            V=String("5 mg"),
            F=4,
            Rect=Array([60, 600, 260, 620]),
            AP=Dictionary(N=document.make_indirect(shown)),
        )
    )
    document.pages[0].obj.Annots = Array([field])
    document.Root.AcroForm = Dictionary(Fields=Array([field]))


def _other_appearance(writer: QuietWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    fonts = field["/AP"]["/N"]["/Resources"]
    drawn = form_object(b"BT /F1 12 Tf 2 4 Td (500 mg) Tj ET", 200, 20)
    drawn["/Resources"] = fonts
    field["/AP"] = pdf_dictionary({"/N": writer.add_object(drawn)})
    writer.update_container(field)


def _moved_field(writer: QuietWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/Rect"] = generic.ArrayObject(map(generic.NumberObject, (60, 730, 260, 750)))
    writer.update_container(field)


def _hidden_page(document: Pdf) -> None:
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, 595, 842]),
        Resources=document.pages[0].obj.Resources,
        Contents=Stream(document, b"BT /F1 14 Tf 60 740 Td (TEST dose 500 mg) Tj ET"),
        Parent=document.Root.Pages,
    )
    document.Root.PieceInfo = Dictionary(
        TEST=Dictionary(Private=Array([document.make_indirect(page)]))
    )


def _other_kids(writer: QuietWriter) -> None:
    hidden = writer.root["/PieceInfo"]["/TEST"]["/Private"].raw_get(0)
    pages = writer.root["/Pages"]
    pages["/Kids"][0] = hidden
    writer.update_container(pages)


ATTACKS: dict[str, tuple[Prepare, Show]] = {
    "hide-by-annotation": (_cover_annotation, _uncover_annotation),
    "hide-by-drawing": (_cover_drawing, _uncover_drawing),
    "hide-by-layer": (_layers, _switch_off),
    "replace-font": (_nothing, _other_font),
    "replace-appearance": (_text_field, _other_appearance),
    "replace-place": (_text_field, _moved_field),
    "hide-and-replace-page": (_hidden_page, _other_kids),
}


def _twice(pdf: bytes) -> tuple[bytes, int, int]:
    """Return `pdf` with a second content stream under the first one's number, which no cross
    reference names; its offset; the number.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        number = document.pages[0].Contents.objgen[0]
    content = b"BT /F1 14 Tf 60 740 Td (TEST dose 500 mg) Tj ET"
    hidden = b"%d 0 obj\n<</Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        number,
        len(content),
        content,
    )
    table = pdf.rindex(b"xref\n0 ")
    whole = pdf[:table] + hidden + pdf[table:]
    start = whole.rindex(b"startxref\n") + 10
    end = whole.index(b"\n", start)
    return whole[:start] + b"%d" % (table + len(hidden)) + whole[end:], table, number


def _table_alone(pdf: bytes, number: int, offset: int) -> bytes:
    """Return `pdf` with an update that is a cross reference and nothing else."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        size, root = int(document.trailer.Size), document.Root.objgen[0]
    last = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    at = len(pdf)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, offset)
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + table + trailer % (size, root, last, at)
