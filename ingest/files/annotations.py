"""Which annotations a reader shows, and how they look (ISO 32000-2, 12.5)."""

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from ingest.files.layers import Layers
from ingest.files.pdf_entries import box_of, dictionary, inherited, items

# 12.5.3: not for a screen, or for no use at all
_NOT_SHOWN = 0b100011  # Invisible, Hidden, NoView
PRINT = 1 << 2
NO_ROTATE = 1 << 4
# they look like nothing: a comment's window, and a place to click on
NO_LOOK = frozenset({"/Popup", "/Link"})


def annotations(page: pikepdf.Page) -> list[Dictionary]:
    """Return the annotations of `page`: dictionaries with a rectangle."""
    return [
        each
        for each in items(page.obj, "/Annots")
        if isinstance(each, Dictionary) and isinstance(each.get("/Rect"), Array)
    ]


def is_link(annotation: Dictionary) -> bool:
    """Return whether `annotation` is a place to click on (12.5.6.5)."""
    return bool(annotation.get("/Subtype") == Name.Link)


def is_field(annotation: Dictionary) -> bool:
    """Return whether `annotation` is the widget of a field (12.5.6.19)."""
    return bool(annotation.get("/Subtype") == Name.Widget)


def is_shown(annotation: Dictionary, layers: Layers) -> bool:
    """Return whether a reader shows `annotation` on a screen."""
    flags = int(annotation.get("/F", 0))
    return not flags & _NOT_SHOWN and not layers.hidden(annotation.get("/OC"))


def shown(page: pikepdf.Page, layers: Layers) -> Iterator[Dictionary]:
    """Yield the annotations of `page` that look like something, the lowest first.

    Readers draw fields above all others.
    """
    seen = [
        each
        for each in annotations(page)
        if str(each.get("/Subtype")) not in NO_LOOK and is_shown(each, layers) and _has_area(each)
    ]
    yield from sorted(seen, key=is_field)


def _has_area(annotation: Dictionary) -> bool:
    left, bottom, right, top = box_of(annotation.Rect)
    return left < right and bottom < top


def own_look(annotation: Dictionary) -> Stream | None:
    """Return the normal appearance that `annotation` brings, in its present state (12.5.5)."""
    normal = dictionary(annotation, "/AP").get("/N")
    if isinstance(normal, Stream):
        return normal
    if not isinstance(normal, Dictionary):
        return None
    state = annotation.get("/AS")
    if state is None:
        state = inherited(annotation, "/V")
    look = normal.get(str(state)) if isinstance(state, Name) else None
    return look if isinstance(look, Stream) else None


def has_states(annotation: Dictionary) -> bool:
    """Return whether `annotation` brings a look for each state, as a box to tick does."""
    normal = dictionary(annotation, "/AP").get("/N")
    return isinstance(normal, Dictionary) and not isinstance(normal, Stream)
