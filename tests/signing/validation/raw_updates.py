"""Incremental updates written byte by byte: what no library writes, an attacker does."""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

# what an update writes, from the file before it
Update = Callable[[pikepdf.Pdf], dict[int, bytes]]
PAGE = Array([0, 0, 500, 800])
CORNER = Array([300, 20, 400, 40])


def appended(pdf: bytes, objects: Mapping[int, bytes], generation: int = 0) -> bytes:
    """Return `pdf` with an incremental update of `objects` (ISO 32000-2, 7.5.6)."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        size, root = int(opened.trailer.Size), opened.Root.objgen[0]
        info = opened.trailer.get("/Info")
        description = b"/Info %d 0 R" % info.objgen[0] if info is not None else b""
    before, out, rows = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1]), bytearray(pdf), b""
    for number, text in objects.items():
        rows += b"%d 1\n%010d %05d n \n" % (number, len(out), generation)
        out += b"%d %d obj\n%b\nendobj\n" % (number, generation, text)
    table = len(out)
    size = max(size, *(number + 1 for number in objects))
    out += b"xref\n%btrailer\n<</Size %d/Root %d 0 R%b/Prev %d>>\n" % (
        rows,
        size,
        root,
        description,
        before,
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def updated(pdf: bytes, change: Update) -> bytes:
    """Return `pdf` with what `change` writes of it."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return appended(pdf, change(document))


def written(thing: pikepdf.Object, *replaced: tuple[bytes, bytes]) -> dict[int, bytes]:
    """Return an object by its number, with something else in its text."""
    text = thing.unparse(resolved=True)
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {thing.objgen[0]: text}


def with_entry(thing: pikepdf.Object, entry: bytes) -> dict[int, bytes]:
    """Return an object by its number, with another entry."""
    return written(thing, (b"<<", b"<<" + entry))


def unused(document: pikepdf.Pdf) -> int:
    """Return a number that no object has."""
    return int(document.trailer.Size)


def page_of(document: pikepdf.Pdf) -> pikepdf.Object:
    """Return the first page."""
    return document.pages[0].obj


def painting(number: int, paint: bytes = b"1 g 0 0 500 800 re f") -> dict[int, bytes]:
    """Return an appearance that paints over a page."""
    start = b"<</Type/XObject/Subtype/Form/BBox[0 0 500 800]/Length %d>>\nstream\n" % len(paint)
    return {number: start + paint + b"\nendstream"}


def add_annotation(document: pikepdf.Pdf, **entries: Any) -> pikepdf.Object:
    """Put an annotation on the first page of a file that is not sealed yet."""
    page = page_of(document)
    thing = document.make_indirect(Dictionary(Type=Name.Annot, F=4, P=page, **entries))
    page.Annots = Array([*list(page.get("/Annots", Array())), thing])
    return thing


def picture(document: pikepdf.Pdf, paint: bytes = b"0 0 500 800 re f") -> pikepdf.Object:
    """Return an appearance for a file that is not sealed yet."""
    return Dictionary(
        N=document.make_stream(paint, Type=Name.XObject, Subtype=Name.Form, BBox=PAGE)
    )
