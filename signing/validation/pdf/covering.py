"""Whether something new on a page lies over what the page shows already: looked at as a picture."""

from contextlib import closing
from typing import Any

import pikepdf

from signing.validation.pdf.fields import Field
from signing.validation.pdf.snapshot import Snapshot

_SCALE = 1.5  # pixels a point: a hair line of a form is seen
_NOISE = 8  # of 255: a paper's tint is no content
_LONGEST = 4000  # pixels: larger pages are drawn smaller


def field_covers(old: Snapshot, new: Snapshot, field: Field) -> bool:
    """Return if the picture of `field` lies over content of a page as of `old`."""
    shown = [widget for widget in field.widgets if "/AP" in widget]
    return any(
        annotation_covers(old, place, widget)
        for place, page in enumerate(new.pages)
        for widget in shown
        if _holds(page, widget)
    )


def annotation_covers(old: Snapshot, place: int, annotation: pikepdf.Object) -> bool:
    """Return if an annotation on page `place` (from 0) lies over anything but an even ground of the
    page as of `old`; also where its own place cannot be read.
    """
    rectangle = annotation.get("/Rect")
    try:
        corners = list(rectangle) if isinstance(rectangle, pikepdf.Array) else []
        box = [float(number) for number in corners]
    except (TypeError, ValueError):
        return True
    return len(box) != 4 or _has_content(old.data, place, box)


def _holds(page: pikepdf.Object, widget: pikepdf.Object) -> bool:
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return False
    return any(
        isinstance(each, pikepdf.Object) and each.objgen == widget.objgen
        for each in list(annotations)
    )


def _has_content(data: bytes, place: int, box: list[float]) -> bool:
    import pypdfium2  # only where something new is shown

    try:
        with closing(pypdfium2.PdfDocument(data)) as document:
            page: Any = document[place]
            scale = min(_SCALE, _LONGEST / max(page.get_size()))
            bitmap = page.render(scale=scale, grayscale=True)
            positions = bitmap.get_posconv(page)
            corners = [
                positions.to_bitmap(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])
            ]
            image = bitmap.to_pil()
    except pypdfium2.PdfiumError:
        return True
    across, down = zip(*corners, strict=True)
    left, upper = max(0, min(across)), max(0, min(down))
    right, lower = min(image.width, max(across) + 1), min(image.height, max(down) + 1)
    if left >= right or upper >= lower:
        return False  # beside the page
    darkest, lightest = image.crop((left, upper, right, lower)).getextrema()
    return bool(lightest - darkest > _NOISE)
