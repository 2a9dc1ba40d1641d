"""Where letters lie on a page, and how far their dots may have moved.

A letter is drawn at whole dots, so a hair's breadth in the file moves it by a dot. Letters of a
font that the file does not bring have the shapes of the program that shows them.

Runs in a child process.
"""

import ctypes
from contextlib import closing

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.files.likeness import Loose

_SHARE = 0.2  # of a letter's size: by so much the shapes of substitutes differ, as the leg of an R
_LEAST, _MOST = 2, 16  # dots
_FOREIGN = 0.25  # a dot of a foreign letter counts less: some are bolder, or have another slope
_MOST_TEXTS = 5_000


def loose_letters(page: pypdfium2.PdfPage, scale: float) -> list[Loose]:
    """Return where letters lie on a picture of `page` with `scale` dots a point, one region for
    each piece of text.
    """
    regions: dict[int, tuple[list[float], float]] = {}
    embedded: dict[int, bool] = {}
    with closing(page.get_textpage()) as text:
        for index in range(text.count_chars()):
            thing = pdfium.FPDFText_GetTextObject(text, index)
            key = ctypes.cast(thing, ctypes.c_void_p).value
            if key is None:
                continue
            if key not in embedded:
                font = pdfium.FPDFTextObj_GetFont(thing)
                embedded[key] = pdfium.FPDFFont_GetIsEmbedded(font) == 1
            if key not in regions and len(regions) > _MOST_TEXTS:
                continue
            left, bottom, right, top = text.get_charbox(index, loose=True)
            size = max(abs(top - bottom), abs(right - left))
            box, largest = regions.setdefault(key, ([left, bottom, right, top], size))
            box[:] = min(box[0], left), min(box[1], bottom), max(box[2], right), max(box[3], top)
            regions[key] = box, max(largest, size)
    return [
        _loose(page, box, 0 if embedded[key] else size, scale)
        for key, (box, size) in regions.items()
    ]


def _loose(page: pypdfium2.PdfPage, box: list[float], size: float, scale: float) -> Loose:
    width, height = (round(side * scale) for side in page.get_size())
    corners = [_device(page, width, height, x, y) for x in box[::2] for y in box[1::2]]
    weight = _FOREIGN if size else 1.0
    radius = min(_MOST, max(_LEAST, round(size * scale * _SHARE)))
    across, down = [x for x, _ in corners], [y for _, y in corners]
    region = min(across) - radius, min(down) - radius, max(across) + radius, max(down) + radius
    return Loose(region, radius, weight)


def _device(
    page: pypdfium2.PdfPage, width: int, height: int, x: float, y: float
) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return across.value, down.value
