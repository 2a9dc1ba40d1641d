"""Incremental updates that no signer allowed: pages replaced, notes, scripts, fields."""

from collections.abc import Iterator

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from tests.signing.validation import attacks
from tests.signing.validation.attacks import QuietWriter, pdf_dictionary
from tests.signing.validation.corpus.manipulated.victims import Victims
from tests.signing.validation.corpus.specimen import Specimen

VICTIMS = ("dss", "dss-objstm", "pyhanko", "kho", "pdfbox")
_STORED = ("dss", "dss-objstm", "pyhanko", "kho")  # what has a document security store


def specimens(victims: Victims) -> Iterator[Specimen]:
    """Yield every victim with every update."""
    for name, change in attacks.UPDATES.items():
        for victim in _STORED if name == "drop_the_store" else VICTIMS:
            attacked = attacks.update(victims[victim], change)
            yield victims.attacked(victim, name.replace("_", "-"), attacked, "an update")
    for change in (add_stamp, move_page, rotate_page, replace_font, hide_layer):
        for victim in ("dss", "pyhanko", "kho"):
            attacked = attacks.update(victims[victim], change)
            yield victims.attacked(victim, change.__name__.replace("_", "-"), attacked, "an update")
    for victim in ("dss", "pyhanko", "pdfbox"):
        attacked = sloppy_update(victims[victim])
        yield victims.attacked(victim, "sloppy-update", attacked, "no cross references")
        attacked = new_catalog(victims[victim])
        yield victims.attacked(victim, "new-catalog", attacked, "another catalog")
    for victim in ("dss", "pyhanko"):
        attacked = victims.workshop.pyhanko.timestamp(
            attacks.update(victims[victim], attacks.replace_page), tsa="tsa-ec"
        )
        yield victims.attacked(victim, "replaced-and-stamped", attacked, "timestamped after it")
        attacked = victims.workshop.pyhanko.sign(
            attacks.update(victims[victim], attacks.replace_content_in_place),
            "seal-ec",
            field_name="Late",
        )
        yield victims.attacked(victim, "replaced-and-signed", attacked, "signed again after it")


def first_page(writer: QuietWriter) -> generic.DictionaryObject:
    """Return the first page, to be changed."""
    page: generic.DictionaryObject = writer.root["/Pages"]["/Kids"][0]
    writer.update_container(page)
    return page


def form_object(content: bytes, width: int, height: int) -> generic.StreamObject:
    """Return a form XObject that draws `content`."""
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, width, height)))
    entries = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Form"),
        pdf_name("/BBox"): box,
        pdf_name("/Resources"): generic.DictionaryObject(),
    }
    return generic.StreamObject(entries, stream_data=content)


def add_stamp(writer: QuietWriter) -> None:
    """Cover the first line of text by a white stamp."""
    note = pdf_dictionary({"/Type": pdf_name("/Annot"), "/Subtype": pdf_name("/Stamp")})
    note["/Rect"] = generic.ArrayObject(map(generic.NumberObject, (50, 700, 350, 760)))
    note["/F"] = generic.NumberObject(4)
    shown = writer.add_object(form_object(b"1 g 0 0 300 60 re f", 300, 60))
    note["/AP"] = pdf_dictionary({"/N": shown})
    attacks.show_annotation(writer, first_page(writer), note)


def move_page(writer: QuietWriter) -> None:
    """Show the pages in another order."""
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject(reversed(pages.raw_get("/Kids")))
    writer.update_container(pages)


def rotate_page(writer: QuietWriter) -> None:
    """Turn the first page and cut it."""
    page = first_page(writer)
    page["/Rotate"] = generic.NumberObject(180)
    page["/CropBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 700)))


def replace_font(writer: QuietWriter) -> None:
    """Have the same codes show other digits: 5 is drawn as 9."""
    page = first_page(writer)
    encoding = pdf_dictionary({"/Type": pdf_name("/Encoding")})
    encoding["/Differences"] = generic.ArrayObject([generic.NumberObject(53), pdf_name("/nine")])
    font = pdf_dictionary(
        {
            "/Type": pdf_name("/Font"),
            "/Subtype": pdf_name("/Type1"),
            "/BaseFont": pdf_name("/Helvetica"),
            "/Encoding": encoding,
        }
    )
    reference = writer.add_object(font)
    fonts = {"/F1": reference}
    page["/Resources"] = pdf_dictionary({"/Font": pdf_dictionary(fonts)})


def hide_layer(writer: QuietWriter) -> None:
    """Put the page's content into a layer that is switched off."""
    layer = pdf_dictionary({"/Type": pdf_name("/OCG"), "/Name": generic.pdf_string("TEST")})
    reference = writer.add_object(layer)
    page = first_page(writer)
    before = generic.StreamObject(stream_data=b"/OC /Hidden BDC")
    after = generic.StreamObject(stream_data=b"EMC")
    page["/Contents"] = generic.ArrayObject(
        [writer.add_object(before), page.raw_get("/Contents"), writer.add_object(after)]
    )
    page["/Resources"]["/Properties"] = pdf_dictionary({"/Hidden": reference})
    off = pdf_dictionary({"/OFF": generic.ArrayObject([reference])})
    groups = {"/OCGs": generic.ArrayObject([reference]), "/D": off}
    writer.root["/OCProperties"] = pdf_dictionary(groups)
    writer.root_has_changed()


def _content_number(pdf: bytes) -> int:
    import io

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return int(document.pages[0].Contents.objgen[0])


def sloppy_update(pdf: bytes) -> bytes:
    """Append a content stream without a cross reference: readers that repair a file show it."""
    content = b"BT /F1 14 Tf 60 740 Td (TEST dose 500 mg) Tj ET"
    number = _content_number(pdf)
    body = b"%d 0 obj\n<</Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        number,
        len(content),
        content,
    )
    return pdf + body + b"trailer\n<<>>\nstartxref\n0\n%%EOF\n"


def new_catalog(pdf: bytes) -> bytes:
    """Append a catalog with other pages and no form: signatures are in the file, in no field."""
    import io

    with pikepdf.open(io.BytesIO(pdf)) as document:
        size = int(document.trailer.Size)
    last = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    content = b"0 0 500 500 re f"
    objects = [
        b"<</Type/Catalog/Pages %d 0 R>>" % (size + 1),
        b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (size + 2),
        b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R>>"
        % (size + 1, size + 3),
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content),
    ]
    body, rows = pdf, []
    for number, data in enumerate(objects, size):
        rows.append(b"%010d 00000 n \n" % len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, data)
    table = b"xref\n%d %d\n%b" % (size, len(rows), b"".join(rows))
    return (
        body
        + table
        + (
            b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
            % (size + 4, size, last, len(body))
        )
    )
