"""What people do to sealed PDFs after the fact: each function returns a changed file."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

_XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>
<?xpacket end="w"?>"""


def pdf_dictionary(items: dict[str, Any]) -> generic.DictionaryObject:
    """Return a PDF dictionary."""
    return generic.DictionaryObject({pdf_name(key): value for key, value in items.items()})


class QuietWriter(IncrementalPdfFileWriter):
    """Changes what it is ordered to, and nothing else."""

    def _update_meta(self) -> None:
        """Leave XMP and the information dictionary as they are."""

    def root_has_changed(self) -> None:
        """Rewrite the catalog."""
        self.update_root()  # type: ignore[no-untyped-call]


Change = Callable[[QuietWriter], None]


def update(pdf: bytes, change: Change) -> bytes:
    """Return `pdf` with an incremental update made by `change`."""
    stream = BytesIO(pdf)
    # Other makers use the number of a cross-reference stream again.
    writer = QuietWriter(stream, strict=False)
    change(writer)
    writer.write_in_place()  # type: ignore[no-untyped-call]
    return stream.getvalue()


def _page(writer: QuietWriter) -> generic.DictionaryObject:
    page: generic.DictionaryObject = writer.root["/Pages"]["/Kids"][0]
    writer.update_container(page)
    return page


def add_annotation(writer: QuietWriter) -> None:
    """Cover the page with a note."""
    page = _page(writer)
    note = pdf_dictionary(
        {
            "/Type": pdf_name("/Annot"),
            "/Subtype": pdf_name("/FreeText"),
            "/Contents": generic.pdf_string("TEST"),
        }
    )
    note["/Rect"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500)))
    show_annotation(writer, page, note)


def show_annotation(
    writer: QuietWriter, page: generic.DictionaryObject, note: generic.DictionaryObject
) -> None:
    """Put `note` on `page` after what is there."""
    # `get` would give the reference of an array that is an object of its own.
    there = page["/Annots"] if "/Annots" in page else []  # noqa: SIM401
    page["/Annots"] = generic.ArrayObject([*there, writer.add_object(note)])


def add_attachment(writer: QuietWriter) -> None:
    """Add an embedded file."""
    stream = generic.StreamObject(
        stream_data=b"TEST", dict_data={pdf_name("/Type"): pdf_name("/EmbeddedFile")}
    )
    spec = pdf_dictionary({"/Type": pdf_name("/Filespec"), "/F": generic.pdf_string("other.json")})
    spec["/EF"] = pdf_dictionary({"/F": writer.add_object(stream)})
    writer.root["/AF"] = generic.ArrayObject([writer.add_object(spec)])
    writer.root_has_changed()


def replace_page(writer: QuietWriter) -> None:
    """Show another page."""
    _page(writer)["/Contents"] = writer.add_object(
        generic.StreamObject(stream_data=b"0 0 500 500 re f")
    )


def replace_content_in_place(writer: QuietWriter) -> None:
    """Rewrite the page's content stream under its own number."""
    contents = writer.root["/Pages"]["/Kids"][0]["/Contents"]
    contents._data = b"0 0 500 500 re f"
    contents._encoded_data = None
    contents.pop("/Filter", None)
    writer.update_container(contents)


def replace_xmp(writer: QuietWriter) -> None:
    """Claim another title."""
    xmp = generic.StreamObject(
        stream_data=_XMP,
        dict_data={
            pdf_name("/Type"): pdf_name("/Metadata"),
            pdf_name("/Subtype"): pdf_name("/XML"),
        },
    )
    writer.root["/Metadata"] = writer.add_object(xmp)
    writer.root_has_changed()


def add_script(writer: QuietWriter) -> None:
    """Run JavaScript when the file is opened."""
    action = pdf_dictionary(
        {"/S": pdf_name("/JavaScript"), "/JS": generic.pdf_string("app.alert('TEST')")}
    )
    writer.root["/OpenAction"] = writer.add_object(action)
    writer.root_has_changed()


def add_text_field(writer: QuietWriter) -> None:
    """Add a form field with a value and an appearance."""
    field = pdf_dictionary(
        {"/FT": pdf_name("/Tx"), "/T": generic.pdf_string("TEST"), "/V": generic.pdf_string("TEST")}
    )
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form)
    writer.update_container(form["/Fields"])


def share_the_value(writer: QuietWriter) -> None:
    """Show the seal in a second field."""
    form = writer.root["/AcroForm"]
    seal = form["/Fields"][0]
    field = pdf_dictionary(
        {"/FT": pdf_name("/Sig"), "/T": generic.pdf_string("Second"), "/V": seal.raw_get("/V")}
    )
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form)
    writer.update_container(form["/Fields"])


def drop_the_store(writer: QuietWriter) -> None:
    """Take the security store out of the catalog."""
    del writer.root["/DSS"]
    writer.root_has_changed()


def drop_the_fields(writer: QuietWriter) -> None:
    """Take all signature fields out of the form."""
    form = writer.root["/AcroForm"]
    form["/Fields"] = generic.ArrayObject([])
    writer.update_container(form)


def add_an_orphan(writer: QuietWriter) -> None:
    """Add an object that nothing uses: the first half of a shadow attack."""
    writer.add_object(generic.StreamObject(stream_data=b"0 0 500 500 re f"))


UPDATES: dict[str, Change] = {
    change.__name__: change
    for change in (
        add_annotation,
        add_attachment,
        replace_page,
        replace_content_in_place,
        replace_xmp,
        add_script,
        add_text_field,
        share_the_value,
        drop_the_store,
        drop_the_fields,
        add_an_orphan,
    )
}


def values(pdf: bytes) -> list[tuple[int, int]]:
    """Return where the hex digits of each signature value stand, in the order of the file's
    signatures.
    """
    ranges = [embedded.byte_range for embedded in PdfFileReader(BytesIO(pdf)).embedded_signatures]
    return [(int(span[1]) + 1, int(span[2]) - 1) for span in ranges]


def revision_ends(pdf: bytes) -> list[int]:
    """Return where each revision ends."""
    ends, at = [], 0
    while (at := pdf.find(b"%%EOF\n", at)) >= 0:
        at += len(b"%%EOF\n")
        ends.append(at)
    return ends


def transplant(source: bytes, target: bytes, index: int) -> bytes:
    """Return `target` with the value of its signature `index` replaced by that of `source`."""
    start, end = values(target)[index]
    other = source[slice(*values(source)[index])].rstrip(b"0")
    return target[:start] + other.ljust(end - start, b"0") + target[end:]


def with_catalog(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Return an unsigned `pdf` rewritten after `change`."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def encrypt(pdf: bytes) -> bytes:
    """Return `pdf` encrypted so that everybody can open it."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="TEST", user=""))
    return out.getvalue()


def make_hybrid(pdf: bytes) -> bytes:
    """Return an unsigned `pdf` with an update that has two tables, the second in /XRefStm (ISO
    32000-1, 7.5.8.4).
    """
    stream = BytesIO(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    reader = PdfFileReader(stream)
    size, root = int(reader.trailer["/Size"]), reader.trailer.raw_get("/Root").idnum
    last = reader.last_startxref or 0
    body = stream.getvalue()
    at = len(body)
    row = b"\1" + at.to_bytes(4, "big") + b"\0"
    body += (
        b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 1]/Index[%d 1]/Root %d 0 R/Length "
        b"%d>>\nstream\n%b\nendstream\nendobj\n"
    ) % (size, size + 1, size, root, len(row), row)
    table = len(body)
    return body + (
        b"xref\n0 1\n0000000000 65535 f \n"
        b"trailer\n<</Size %d/Root %d 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n"
        % (size + 1, root, last, at, table)
    )
