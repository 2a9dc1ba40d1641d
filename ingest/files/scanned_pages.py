"""The pages of a PDF that are recognised, apart from those that have text.

Runs in a child process: see `inspect_file.py`.

Pages with text are kept from OCRmyPDF: Ghostscript 10.0.0 to 10.02.0 corrupts them there, and it
refuses to start.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO

import pypdfium2
from pikepdf import Pdf


def textless(pdf: bytes) -> bytes:
    """Return the numbers of the pages of `pdf` without text, from 0, and how many pages it has, as
    JSON.
    """
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        numbers = [number for number, page in enumerate(document) if not _has_text(page)]
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


def _has_text(page: pypdfium2.PdfPage) -> bool:
    with closing(page), closing(page.get_textpage()) as text:
        return bool(text.get_text_range().strip())


def _saved(pdf: Pdf) -> bytes:
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
