"""What a reader gets from a rendered PDF: its text, page by page, and the metadata it claims."""

import io
import re

import pikepdf
import pypdfium2


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, as pypdfium2 extracts it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_text(document, index) for index in range(len(document))]
    finally:
        document.close()


def text(pdf: bytes) -> str:
    """Return the text of all pages with single spaces."""
    return " ".join(" ".join(pages(pdf)).split())


def claims(pdf: bytes) -> tuple[str, str, str]:
    """Return what the XMP claims: PDF/A part and conformance, PDF/UA part."""
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as xmp:
        return (
            str(xmp.get("pdfaid:part")),
            str(xmp.get("pdfaid:conformance")),
            str(xmp.get("pdfuaid:part")),
        )


def squeezed(string: str) -> str:
    """Return `string` without any white space, to compare across line breaks."""
    return re.sub(r"\s+", "", string)


def _text(document: pypdfium2.PdfDocument, index: int) -> str:
    page = document[index]
    layer = page.get_textpage()
    try:
        return str(layer.get_text_range())
    finally:
        layer.close()
        page.close()
