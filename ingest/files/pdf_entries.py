"""Entries of a stranger's dictionaries: what is of a wrong kind counts as absent."""

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

Box = tuple[float, float, float, float]
_MOST_PARENTS = 50
_WIDTH = 2  # its place in /Border (12.5.4)


def dictionary(thing: pikepdf.Object, key: str) -> Dictionary:
    """Return the dictionary that `thing` has at `key`; an empty one where it has none."""
    value = thing.get(key)
    return value if isinstance(value, Dictionary) else Dictionary()


def items(thing: pikepdf.Object, key: str) -> list[Any]:
    """Return the members of the array that `thing` has at `key`; [] where it has none."""
    value = thing.get(key)
    return list(value) if isinstance(value, Array) else []


def entries(thing: pikepdf.Object) -> dict[str, Any]:
    """Return the entries of a dictionary."""
    return {key: thing[key] for key in thing.keys()}  # noqa: SIM118 - it has no iterator of keys


def remove(thing: pikepdf.Object, *keys: str) -> None:
    """Remove those entries of a dictionary that are there."""
    for key in keys:
        if key in thing:
            del thing[key]


def filters(stream: pikepdf.Object) -> list[str]:
    """Return the names of the filters of a stream (7.3.8.2), the outermost first.

    What is no name is a filter that no program has.
    """
    stated = stream.get("/Filter", Array())
    return [str(each) for each in (stated if isinstance(stated, Array) else [stated])]


def inherited(thing: pikepdf.Object, key: str, default: object = None) -> Any:
    """Return what a page or a field says of `key`, itself or by its parents (7.7.3.4, 12.7.4.1)."""
    for _ in range(_MOST_PARENTS):
        if key in thing:
            return thing[key]
        parent = thing.get("/Parent")
        if not isinstance(parent, Dictionary):
            break
        thing = parent
    return default


def text_of(value: pikepdf.Object | None) -> str:
    """Return the text of a value, its lines ended by line feeds: a text string, a name, or a text
    stream; "" for any other.
    """
    if isinstance(value, Stream):
        value = String(value.read_bytes())
    if isinstance(value, String | str):
        return str(value).replace("\r\n", "\n").replace("\r", "\n")
    return str(value)[1:] if isinstance(value, Name) else ""


def border_width(annotation: pikepdf.Object) -> float:
    """Return how thick the border of an annotation is, in points (12.5.4)."""
    border = items(annotation, "/Border")
    usual = border[_WIDTH] if len(border) > _WIDTH else 1
    return float(dictionary(annotation, "/BS").get("/W", usual))


def box_of(rectangle: pikepdf.Object) -> Box:
    """Return a rectangle (7.9.5) with its lower left corner first."""
    a, b, c, d = (float(edge) for edge in Array(rectangle))
    return min(a, c), min(b, d), max(a, c), max(b, d)
