"""Pictures of pages, by PDFium. It must not run in two threads at once, so one lock guards it."""

import io
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pypdfium2

from archive.errors import Unknown, Unreadable

_PDFIUM = threading.Lock()
_POINTS = 72  # an inch
_RESOLUTION = 144  # dots an inch: clear on a screen, and small
_LONGEST_SIDE = 4000  # dots; a page may claim to be kilometres wide


def page_count(pdf: bytes) -> int:
    """Return how many pages `pdf` has; raises Unreadable."""
    with _opened(pdf) as document:
        return len(document)


def page_png(pdf: bytes, number: int) -> bytes:
    """Return page `number` (from 1) of `pdf` as PNG, annotations and form fields drawn; raises Unknown, Unreadable."""
    with _opened(pdf) as document:
        if not 1 <= number <= len(document):
            raise Unknown
        with closing(document[number - 1]) as page:
            scale = min(_RESOLUTION / _POINTS, _LONGEST_SIDE / max(*page.get_size(), 1))
            with closing(page.render(scale=scale, may_draw_forms=True)) as bitmap:
                image = bitmap.to_pil().convert("RGB")
    # Papers are black on white with little colour: 64 colours look the same and halve the bytes.
    written = io.BytesIO()
    image.quantize(64).save(written, "PNG", optimize=False)
    return written.getvalue()


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _PDFIUM:
        try:
            with closing(pypdfium2.PdfDocument(pdf)) as document:
                yield document
        except pypdfium2.PdfiumError as error:
            raise Unreadable(why_vi="không dựng được hình trang", why_en="its pages cannot be drawn") from error
