"""Where things lie on the pages of a PDF: characters by the text layer, ink by the picture, lines
by the paths.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pypdfium2
from PIL import ImageChops

_PATH = 2  # FPDF_PAGEOBJ_PATH
_MILLIMETRE = 72 / 25.4
_CELL = 12  # points: side of the squares in which neighbours are looked for

Box = tuple[float, float, float, float]  # left, bottom, right, top in points


@dataclass(frozen=True)
class Letter:
    """A character that is seen, and the box of its ink."""

    character: str
    box: Box


@dataclass(frozen=True)
class Sheet:
    """One page: its width and height, its letters, its vertical lines, the box of all its ink."""

    size: tuple[float, float]

    letters: tuple[Letter, ...]
    uprights: tuple[Box, ...]
    ink: Box


def sheets(pdf: bytes) -> list[Sheet]:
    """Return every page of `pdf`."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return [_sheet(page) for page in document]


def astray(sheet: Sheet) -> list[str]:
    """Return what is wrong on a page: ink in its margins, letters upon letters, letters upon a
    vertical line.
    """
    left, bottom, right, top = sheet.ink
    width, height = sheet.size
    faults = []
    if (
        left < 14 * _MILLIMETRE
        or right > width - 11 * _MILLIMETRE
        or bottom < 4 * _MILLIMETRE
        or top > height - 3 * _MILLIMETRE
    ):
        faults.append(
            f"ink outside the margins: {[round(edge / _MILLIMETRE) for edge in sheet.ink]} mm"
        )
    faults += [
        f"{collision.character!r} upon {other.character!r} at {collision.box}"
        for collision, other in _collisions(sheet.letters)
    ]
    faults += [
        f"{letter.character!r} upon a line at {letter.box}"
        for letter in sheet.letters
        for line in sheet.uprights
        if _covers(letter.box, line)
    ]
    return faults


def _sheet(page: pypdfium2.PdfPage) -> Sheet:
    with closing(page):
        scale, height = 2, page.get_height()
        drawn = ImageChops.invert(page.render(scale=scale).to_pil().convert("L"))
        box = drawn.point(lambda level: 255 if level > 48 else 0).getbbox() or (100, 100, 100, 100)
        ink = (box[0] / scale, height - box[3] / scale, box[2] / scale, height - box[1] / scale)
        lines = [each.get_bounds() for each in page.get_objects(filter=[_PATH])]
        uprights = tuple(
            line for line in lines if line[2] - line[0] < 1.5 and line[3] - line[1] > 6
        )
        with closing(page.get_textpage()) as layer:
            text = layer.get_text_range()
            count = layer.count_chars()
            boxes = [layer.get_charbox(index) for index in range(count)]
            characters = [
                chr(pypdfium2.raw.FPDFText_GetUnicode(layer, index)) for index in range(count)
            ]
        assert text
        letters = tuple(
            Letter(character, box)
            for character, box in zip(characters, boxes, strict=True)
            if not character.isspace() and box[2] > box[0] and box[3] > box[1]
        )
        return Sheet(page.get_size(), letters, uprights, ink)


def _collisions(letters: tuple[Letter, ...]) -> Iterator[tuple[Letter, Letter]]:
    near: dict[tuple[int, int], list[Letter]] = defaultdict(list)
    for letter in letters:
        left, bottom, right, top = letter.box
        middle = int((left + right) / 2 / _CELL), int((bottom + top) / 2 / _CELL)
        for across in (-1, 0, 1):
            for up in (-1, 0, 1):
                for other in near[middle[0] + across, middle[1] + up]:
                    if _overlap(letter.box, other.box) > 0.5:
                        yield letter, other
        near[middle].append(letter)


def _overlap(this: Box, other: Box) -> float:
    width = min(this[2], other[2]) - max(this[0], other[0])
    height = min(this[3], other[3]) - max(this[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (this, other))
    return max(width, 0) * max(height, 0) / smaller


def _covers(letter: Box, line: Box) -> bool:
    middle, height = (line[0] + line[2]) / 2, (letter[1] + letter[3]) / 2
    return letter[0] + 1 < middle < letter[2] - 1 and line[1] < height < line[3]
