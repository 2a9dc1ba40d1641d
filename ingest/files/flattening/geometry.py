"""How a page lies on the sheet that a reader sees (ISO 32000-2, 7.7.3.3, 14.11.2)."""

from dataclasses import dataclass

import pikepdf
from pikepdf import Matrix

from ingest.files.pdf_entries import Box, box_of, inherited


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is seen: `width` and `height` in points, and the `matrix` from the page's own
    coordinates to points from the lower left corner of the sheet.
    """

    width: float
    height: float
    matrix: Matrix

    def seen(self, box: Box) -> Box:
        """Return where `box` of the page lies on the sheet."""
        return _moved(box, self.matrix)

    def on_page(self, box: Box) -> Box:
        """Return where `box` of the sheet lies on the page."""
        return _moved(box, self.matrix.inverse())


def sheet(page: pikepdf.Page) -> Sheet:
    """Return how `page` is seen."""
    left, bottom, right, top = _visible_box(page)
    unit = float(page.obj.get("/UserUnit", 1))
    width, height = (right - left) * unit, (top - bottom) * unit
    plain = Matrix(unit, 0, 0, unit, -left * unit, -bottom * unit)
    match rotation(page):
        case 90:
            return Sheet(height, width, plain @ Matrix(0, -1, 1, 0, 0, width))
        case 180:
            return Sheet(width, height, plain @ Matrix(-1, 0, 0, -1, width, height))
        case 270:
            return Sheet(height, width, plain @ Matrix(0, 1, -1, 0, height, 0))
        case _:
            return Sheet(width, height, plain)


def rotation(page: pikepdf.Page) -> int:
    """Return by how many degrees `page` is turned; it may inherit that (7.7.3.4)."""
    return int(inherited(page.obj, "/Rotate", 0)) % 360


def _visible_box(page: pikepdf.Page) -> Box:
    """Return the crop box, as far as it lies within the media box."""
    media, crop = box_of(page.mediabox), box_of(page.cropbox)
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _moved(box: Box, matrix: Matrix) -> Box:
    corners = [matrix.transform((x, y)) for x in box[::2] for y in box[1::2]]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(down), max(across), max(down)
