"""Whether something new on a page lies over what the page shows already: looked at as a picture."""

from typing import TYPE_CHECKING, Any

import pikepdf

from signing.validation.pdf.fields import Field
from signing.validation.pdf.snapshot import Snapshot

if TYPE_CHECKING:
    from PIL import Image

_SCALE = 1.5  # pixels a point: a hair line of a form is seen
_NOISE = 8  # of 255: a paper's tint is no content
_LONGEST = 4000  # pixels: larger pages are drawn smaller


class Ground:
    """What the pages of a revision show, as pictures; the last picture is kept for the next
    question.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = -1
        self._image: Image.Image | None = None  # None: the page cannot be drawn
        self._positions: Any = None

    def lies_under(self, place: int, annotation: pikepdf.Object) -> bool:
        """Return if an annotation on page `place` (from 0) lies over anything but an even ground;
        also where its own place cannot be read.
        """
        rectangle = annotation.get("/Rect")
        try:
            corners = list(rectangle) if isinstance(rectangle, pikepdf.Array) else []
            box = [float(number) for number in corners]
        except (TypeError, ValueError):
            return True
        return len(box) != 4 or self._has_content(place, box)

    def _has_content(self, place: int, box: list[float]) -> bool:
        if place != self._place:
            self._draw(place)
        if self._image is None:
            return True
        corners = [
            self._positions.to_bitmap(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])
        ]
        across, down = zip(*corners, strict=True)
        width, height = self._image.size
        left, upper = max(0, min(across)), max(0, min(down))
        right, lower = min(width, max(across) + 1), min(height, max(down) + 1)
        if left >= right or upper >= lower:
            return False  # beside the page
        clip: Any = self._image.crop((left, upper, right, lower))  # grey: one pair of extrema
        darkest, lightest = clip.getextrema()
        return bool(lightest - darkest > _NOISE)

    def _draw(self, place: int) -> None:
        import pypdfium2  # only where something new is shown

        self._place, self._image = place, None
        try:
            document = pypdfium2.PdfDocument(self._data)
            document.init_forms()  # else the values of fields are not drawn
            page: Any = document[place]
            scale = min(_SCALE, _LONGEST / max(page.get_size()))
            bitmap = page.render(scale=scale, grayscale=True)
            self._positions = bitmap.get_posconv(page)  # it keeps the document open
            self._image = bitmap.to_pil()
        except pypdfium2.PdfiumError:
            return


def field_covers(ground: Ground, new: Snapshot, field: Field) -> bool:
    """Return if the picture of `field` lies over content of a page as of `ground`."""
    shown = [widget for widget in field.widgets if "/AP" in widget]
    return any(
        ground.lies_under(place, widget)
        for place, page in enumerate(new.pages)
        for widget in shown
        if _holds(page, widget)
    )


def _holds(page: pikepdf.Object, widget: pikepdf.Object) -> bool:
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return False
    return any(
        isinstance(each, pikepdf.Object) and each.objgen == widget.objgen
        for each in list(annotations)
    )
