"""Pictures of pages, by PDFium, in a child process for each, because archived files may be
untrusted.
"""

import io
import re
from contextlib import closing

import pypdfium2

from archive.base.errors import NotFound, Unreadable
from archive.isolation.child import Limits, isolated, preload

preload(__name__)
_LIMITS = Limits(seconds=20)
_POINTS = 72  # an inch
RESOLUTION = 144  # dots an inch: clear on a screen, and small
THUMBNAIL = 32  # dots an inch: a page of A4 is 264 dots wide, twice what the pages show
_LONGEST_SIDE = 4000  # dots; a page may claim to be kilometres wide
_NO_SUCH_PAGE = b""
_NUMBER = re.compile(rb"[0-9]{1,7}")


def page_count(pdf: bytes) -> int:
    """Return how many pages `pdf` has; raises Unreadable."""
    return read_count(isolated(_LIMITS, _count, pdf))


def read_count(answer: bytes) -> int:
    """Return the number that a child counted; raises TooDemanding where it says anything else."""
    if not _NUMBER.fullmatch(answer):
        raise _LIMITS.exceeded
    return int(answer)


def page_png(pdf: bytes, number: int, resolution: int = RESOLUTION) -> bytes:
    """Return page `number` (from 1) of `pdf` as PNG, annotations and form fields drawn.

    `resolution` is in dots an inch. Raises NotFound, Unreadable.
    """
    picture = isolated(_LIMITS, _draw, pdf, number, resolution)
    if picture == _NO_SUCH_PAGE:
        raise NotFound
    return picture


def _count(pdf: bytes) -> bytes:
    with closing(_opened(pdf)) as document:
        return b"%d" % len(document)


def _draw(pdf: bytes, number: int, resolution: int) -> bytes:
    with closing(_opened(pdf)) as document:
        if not 1 <= number <= len(document):
            return _NO_SUCH_PAGE
        with closing(document[number - 1]) as page:
            scale = min(resolution / _POINTS, _LONGEST_SIDE / max(*page.get_size(), 1))
            with closing(page.render(scale=scale, may_draw_forms=True)) as bitmap:
                image = bitmap.to_pil().convert("RGB")
    # Papers are black on white with little colour: 64 colours look the same and halve the bytes.
    written = io.BytesIO()
    image.quantize(64).save(written, "PNG", optimize=False)
    return written.getvalue()


def _opened(pdf: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(
            why_vi="không dựng được hình trang", why_en="its pages cannot be drawn"
        ) from error
