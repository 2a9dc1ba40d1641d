"""Files that are rare and sound: odd cross references, a signature in a linearised file, and files
that hold a signature which is none of the document.
"""

import io
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from tests.signing.validation import attacks
from tests.signing.validation.corpus import handmade
from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.specimen import Specimen
from tests.signing.validation.corpus.workshop import Workshop

MAKER = "by hand"
_NOTHING = Name("/Dangles900")  # becomes a reference of the same length once the file is written


def specimens(workshop: Workshop) -> Iterator[Specimen]:
    """Yield every odd file."""
    yield from _odd_bases(workshop)
    yield from _whole_files(workshop)
    yield from _typed_as_signature(workshop)
    yield from _unsigned(workshop)


def _specimen(name: str, level: str, pdf: bytes, note: str) -> Specimen:
    return Specimen(f"odd-{name}", MAKER, level, pdf, note=note)


def _odd_bases(workshop: Workshop) -> Iterator[Specimen]:
    classic = base("classic")
    odd = {
        "two-line-ends": (classic.rstrip() + b"\r\n\n", "two line ends behind %%EOF"),
        "no-line-end": (classic.rstrip(), "no line end behind %%EOF"),
        "hybrid": (attacks.make_hybrid(classic), "hybrid cross references"),
        "dangling": (
            attacks.with_catalog(classic, _dangle).replace(b"/Dangles900", b" 900 0 R   "),
            "references to nothing",
        ),
        "version": (attacks.with_catalog(classic, _state_version), "/Version in the catalog"),
        "freed": (_freed(classic), "an object freed by an update"),
        "last-generation": (
            classic.replace(b"0000000000 65535 f", b"0000000000 65536 f", 1),
            "generation 65536 of object 0",
        ),
    }
    for name, (pdf, note) in odd.items():
        for level in ("B-LT", "B-LTA"):
            signed = workshop.dss.sign(pdf, level=level)
            yield _specimen(f"{name}-dss-{level}", level, signed, note)
        if name not in ("hybrid", "last-generation"):  # pyHanko does not sign these
            signed = workshop.pyhanko.sign(pdf, "seal-ec")
            yield _specimen(f"{name}-pyhanko", "B-LTA", signed, note)


def _dangle(document: Pdf) -> None:
    document.Root.PieceInfo = document.Root.Collection = _NOTHING
    document.pages[0].obj.Annots = Array([_NOTHING])


def _state_version(document: Pdf) -> None:
    document.Root.Version = Name("/1.7")
    document.Root.Extensions = Dictionary(
        ADBE=Dictionary(BaseVersion=Name("/1.7"), ExtensionLevel=8)
    )


def _freed(pdf: bytes) -> bytes:
    """Return `pdf` with an object that an update adds, and one more that frees it."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        number, root = int(document.trailer.Size), document.Root.objgen[0]
    last = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    at = len(pdf)
    pdf += b"%d 0 obj\n(TEST)\nendobj\n" % number
    table = len(pdf)
    pdf += b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    pdf += trailer % (number + 1, root, last, table)
    freed = len(pdf)
    pdf += b"xref\n0 1\n%010d 65535 f \n%d 1\n0000000000 00001 f \n" % (number, number)
    return pdf + trailer % (number + 1, root, table, freed)


def _whole_files(workshop: Workshop) -> Iterator[Specimen]:
    sign = handmade.signs_with(workshop.pyhanko.signer("seal"))
    for name, linearised in (("linearised", True), ("whole", False)):
        with pikepdf.open(io.BytesIO(base("classic"))) as document:
            handmade.with_signature_field(document, handmade.signature_value(document))
            signed = handmade.complete(handmade.saved(document, linearize=linearised), sign)
        note = f"a {name} file that holds the signature itself"
        yield _specimen(name, "B-B", signed, note)
        later = workshop.dss.make(signed, action="extend", level="B-LTA")
        yield _specimen(f"{name}-extended", "B-LTA", later, note + ", extended by DSS")


def _typed_as_signature(workshop: Workshop) -> Iterator[Specimen]:
    with pikepdf.open(io.BytesIO(base("classic"))) as document:
        value = handmade.signature_value(document, "/ETSI.RFC3161")
        handmade.with_signature_field(document, value)
        stamp = handmade.stamps_with(workshop.pyhanko.stamper("tsa-ec"))
        stamped = handmade.complete(handmade.saved(document), stamp)
    signed = workshop.pyhanko.sign(stamped, field_name="Later")
    note = "a document timestamp whose /Type is /Sig, then a signature"
    yield _specimen("typed-as-signature", "B-LTA", signed, note)


def _unsigned(workshop: Workshop) -> Iterator[Specimen]:
    signed = workshop.pyhanko.sign(base("classic"), level="B-B")
    with pikepdf.open(io.BytesIO(base("rich"))) as document:
        document.attachments["signed.pdf"] = signed
        yield _specimen("attachment", "none", handmade.saved(document), "a signed PDF attached")
    with pikepdf.open(io.BytesIO(base("classic"))) as document:
        words = b"BT /F1 9 Tf 60 500 Td (/Type /Sig /ByteRange [0 9 9 9] /Contents <00>) Tj ET"
        document.pages[0].contents_add(words)
        yield _specimen("words", "none", handmade.saved(document), "/ByteRange in the text")
    stranger = handmade.signs_with(workshop.pyhanko.signer("stranger"))
    with pikepdf.open(io.BytesIO(base("form"))) as document:
        rights = Dictionary(
            Type=Name.TransformParams, V=Name("/2.2"), Document=Array([Name.FullSave])
        )
        reference = Dictionary(Type=Name.SigRef, TransformMethod=Name.UR3, TransformParams=rights)
        value = handmade.signature_value(document, Reference=Array([reference]))
        document.Root.Perms = Dictionary(UR3=value)
        signed = handmade.complete(handmade.saved(document), stranger)
    yield _specimen("usage-rights", "none", signed, "/UR3 usage rights alone")
