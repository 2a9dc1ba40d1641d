"""The pages of a PDF that are recognised, apart from those that have text.

Runs in a child process: see `inspect_file.py`.

Pages with text are kept from OCRmyPDF: Ghostscript 10.0.0 to 10.02.0 corrupts them there, and it
refuses to start.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack, closing
from io import BytesIO

import pypdfium2
from pikepdf import Array, Dictionary, Name, Pdf

from ingest.files.flattening.geometry import sheet
from ingest.files.pdf_entries import entries, remove


def textless(pdf: bytes) -> bytes:
    """Return the numbers of the pages of `pdf` without text, from 0, and how many pages it has, as
    JSON.
    """
    numbers = []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for number, page in enumerate(document):
            with closing(page):
                if not has_text(page):
                    numbers.append(number)
        return json.dumps([numbers, len(document)]).encode()


def only(pdf: bytes, numbers: Sequence[int]) -> bytes:
    """Return a PDF of some pages of `pdf`."""
    with Pdf.open(BytesIO(pdf)) as whole, Pdf.new() as part:
        part.pages.extend(whole.pages[number] for number in numbers)
        return _saved(part)


def put_back(pdf: bytes, pages: bytes, numbers: Sequence[int]) -> bytes:
    """Return `pdf` with the pages of another PDF in place of its pages `numbers`."""
    with Pdf.open(BytesIO(pdf)) as whole, Pdf.open(BytesIO(pages)) as others:
        for number, page in zip(numbers, others.pages, strict=True):
            whole.pages[number] = page
        whole.remove_unreferenced_resources()
        return _saved(whole)


def joined(parts: Sequence[bytes]) -> bytes:
    """Return a PDF of the pages of all `parts`."""
    with ExitStack() as opened, Pdf.new() as whole:
        for part in parts:
            whole.pages.extend(opened.enter_context(Pdf.open(BytesIO(part))).pages)
        return _saved(whole)


def lay_over(pdf: bytes, looks: bytes, numbers: Sequence[int]) -> bytes:
    """Return `pdf` with the pages of another PDF laid over its pages `numbers`."""
    with Pdf.open(BytesIO(pdf)) as below, Pdf.open(BytesIO(looks)) as others:
        for number, over in zip(numbers, others.pages, strict=True):
            page = below.pages[number]
            form = below.copy_foreign(over.as_form_xobject())
            # as if it were drawn on the page itself: colours mix with what lies below
            remove(form, "/Group", "/StructParents")
            form.Matrix = Array([1, 0, 0, 1, 0, 0])
            place = sheet(over).matrix @ sheet(page).matrix.inverse()
            page.obj.Resources = Dictionary(entries(page.resources))
            name = page.add_resource(form, Name.XObject, prefix="Look")
            page.contents_add(below.make_stream(b"q\n"), prepend=True)
            drawn = f"\nQ q {place.encode().decode()} cm {name} Do Q"
            page.contents_add(below.make_stream(drawn.encode()))
        return _saved(below)


def has_text(page: pypdfium2.PdfPage) -> bool:
    """Return whether `page` has text."""
    with closing(page.get_textpage()) as text:
        return bool(text.get_text_range().strip())


def _saved(pdf: Pdf) -> bytes:
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
