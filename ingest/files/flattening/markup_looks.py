"""What an annotation shows that brings no appearance, as readers draw it (ISO 32000-2, 12.5.6)."""

from collections.abc import Callable
from itertools import pairwise
from math import atan2, cos, pi, sin

import pikepdf
from pikepdf import Array, Dictionary, Name

from ingest.files.flattening.drawing import Drawing, colour, ellipse, inset, polyline, rectangle
from ingest.files.flattening.field_looks import default_look, quadding
from ingest.files.flattening.typed_text import Typed
from ingest.files.pdf_entries import border_width, box_of, dictionary, items, text_of

Point = tuple[float, float]
_ARROW, _SPREAD = 9.0, pi / 7
_ICON = 20.0  # points: a note's symbol, whatever its rectangle says
_DASH = 2  # points: of a squiggly line
# of QuadPoints: upper left, upper right, lower left, lower right, as all writers do
_CORNERS = 4


def markup_drawing(annotation: Dictionary) -> Drawing | None:
    """Return what readers draw for `annotation`; None where they draw nothing."""
    draw = _KINDS.get(str(annotation.get("/Subtype")))
    return draw(annotation) if draw else None


def _pen(annotation: Dictionary) -> tuple[str, float]:
    style, thick = dictionary(annotation, "/BS"), border_width(annotation)
    dashes = style.get("/D") if style.get("/S") == Name.D else None
    dash = ""
    if isinstance(dashes, Array):
        dash = f"[{' '.join(f'{float(each):.2f}' for each in dashes)}] 0 d "
    line = colour(annotation.get("/C"), stroke=True)
    return f"{line or '0 G '}{thick:.3f} w {dash}", thick


def _drawn(annotation: Dictionary, operators: str, *, multiply: bool = False) -> Drawing | None:
    if not operators:
        return None
    opacity = min(1.0, max(0.0, float(annotation.get("/CA", 1))))
    return Drawing(box_of(annotation.Rect), f"q {operators}Q ", opacity=opacity, multiply=multiply)


def _shape(annotation: Dictionary) -> Drawing | None:
    pen, thick = _pen(annotation)
    box = box_of(annotation.Rect)
    differences = annotation.get("/RD")
    if isinstance(differences, Array):
        left, bottom, right, top = (float(each) for each in differences)
        box = box[0] + left, box[1] + bottom, box[2] - right, box[3] - top
    inner = inset(box, thick / 2)
    fill = colour(annotation.get("/IC"))
    paint = {(True, True): "B", (True, False): "f", (False, True): "S"}.get((bool(fill), thick > 0))
    if paint is None:
        return None
    shape = rectangle if annotation.Subtype == Name.Square else ellipse
    return _drawn(annotation, pen + fill + shape(inner, paint))


def _line(annotation: Dictionary) -> Drawing | None:
    points = _points(annotation.get("/L"))
    pen, _ = _pen(annotation)
    drawn = polyline(points, "S")
    endings = items(annotation, "/LE")
    if len(points) > 1 and len(endings) > 1:
        ends = (points[0], points[-1]), (points[-1], points[0])
        for ending, (tip, other) in zip(endings, ends, strict=False):
            drawn += _arrow(tip, other) if "Arrow" in str(ending) else ""
    return _drawn(annotation, pen + drawn) if drawn else None


def _arrow(tip: Point, other: Point) -> str:
    angle = atan2(other[1] - tip[1], other[0] - tip[0])
    wings = [
        (tip[0] + _ARROW * cos(angle + turn), tip[1] + _ARROW * sin(angle + turn))
        for turn in (_SPREAD, -_SPREAD)
    ]
    return polyline([wings[0], tip, wings[1]], "S")


def _path(annotation: Dictionary) -> Drawing | None:
    pen, _ = _pen(annotation)
    closed = annotation.Subtype == Name.Polygon
    fill = colour(annotation.get("/IC")) if closed else ""
    paint = ("b" if fill else "s") if closed else "S"
    drawn = polyline(_points(annotation.get("/Vertices")), paint)
    return _drawn(annotation, pen + fill + drawn) if drawn else None


def _ink(annotation: Dictionary) -> Drawing | None:
    pen, _ = _pen(annotation)
    drawn = "".join(polyline(_points(each), "S") for each in items(annotation, "/InkList"))
    return _drawn(annotation, f"1 J 1 j {pen}{drawn}") if drawn else None


def _highlight(annotation: Dictionary) -> Drawing | None:
    fill = colour(annotation.get("/C")) or "1 1 0 rg "
    drawn = "".join(polyline([a, b, d, c], "f") for a, b, c, d in _quads(annotation))
    return _drawn(annotation, fill + drawn, multiply=True) if drawn else None


def _under(annotation: Dictionary) -> Drawing | None:
    pen, _ = _pen(annotation)
    drawn = "".join(polyline([c, d], "S") for _, _, c, d in _quads(annotation))
    return _drawn(annotation, pen + drawn) if drawn else None


def _through(annotation: Dictionary) -> Drawing | None:
    pen, _ = _pen(annotation)
    drawn = "".join(
        polyline([_middle(a, c), _middle(b, d)], "S") for a, b, c, d in _quads(annotation)
    )
    return _drawn(annotation, pen + drawn) if drawn else None


def _squiggly(annotation: Dictionary) -> Drawing | None:
    pen, _ = _pen(annotation)
    drawn = ""
    for _, _, (x, y), (end, _) in _quads(annotation):
        steps = max(2, min(2000, int(abs(end - x) / _DASH)))
        width = (end - x) / steps
        drawn += polyline([(x + width * i, y + i % 2 * _DASH) for i in range(steps + 1)], "S")
    return _drawn(annotation, pen + drawn) if drawn else None


def _free_text(annotation: Dictionary) -> Drawing | None:
    words = text_of(annotation.get("/Contents"))
    box = box_of(annotation.Rect)
    size, tint = default_look(str(annotation.get("/DA", "")))
    pen, thick = _pen(Dictionary(BS=dictionary(annotation, "/BS")))
    fill = colour(annotation.get("/C"))
    frame = f"q {fill}{rectangle(box, 'f')}Q " if fill else ""
    if thick > 0 and "/BS" in annotation:
        frame += f"q {pen}{rectangle(inset(box, thick / 2), 'S')}Q "
    if not words.strip():
        return Drawing(box, frame) if frame else None
    text = Typed(
        words,
        box[2] - box[0],
        box[3] - box[1],
        size,
        tint,
        quadding(annotation.get("/Q", 0)),
        lines=True,
    )
    return Drawing(box, frame, text)


def _stamp(annotation: Dictionary) -> Drawing | None:
    """Draw the name of a stamp within a red frame: readers have pictures of their own for it."""
    name = str(annotation.get("/Name", "/Draft"))[1:]
    box = box_of(annotation.Rect)
    frame = f"q 0.7 0 0 RG 2 w {rectangle(inset(box, 1), 'S')}Q "
    text = Typed(name, box[2] - box[0], box[3] - box[1], 0, (0.7, 0, 0), 1, padding=4)
    return Drawing(box, frame, text)


def _note(annotation: Dictionary) -> Drawing | None:
    """Draw a sheet with three lines: the symbol of a comment or an attached file."""
    if "/IRT" in annotation:
        return None  # an answer to a comment lies in that comment's window
    left, bottom, right, top = box_of(annotation.Rect)
    side = min(_ICON, right - left, top - bottom)
    box = left, top - side, left + side, top
    fill = colour(annotation.get("/C")) or "1 0.9 0.3 rg "
    lines = "".join(
        polyline([(left + side * 0.2, top - side * at), (left + side * 0.8, top - side * at)], "S")
        for at in (0.3, 0.5, 0.7)
    )
    return _drawn(annotation, f"0.2 G 1 w {fill}{rectangle(inset(box, 0.5), 'B')}{lines}")


def _caret(annotation: Dictionary) -> Drawing | None:
    left, bottom, right, top = box_of(annotation.Rect)
    fill = colour(annotation.get("/C")) or "0 0 1 rg "
    triangle = [(left, bottom), ((left + right) / 2, top), (right, bottom)]
    return _drawn(annotation, fill + polyline(triangle, "f"))


_KINDS: dict[str, Callable[[Dictionary], Drawing | None]] = {
    "/Square": _shape,
    "/Circle": _shape,
    "/Line": _line,
    "/Polygon": _path,
    "/PolyLine": _path,
    "/Ink": _ink,
    "/Highlight": _highlight,
    "/Underline": _under,
    "/StrikeOut": _through,
    "/Squiggly": _squiggly,
    "/FreeText": _free_text,
    "/Stamp": _stamp,
    "/Text": _note,
    "/FileAttachment": _note,
    "/Caret": _caret,
}


def _points(numbers: pikepdf.Object | None) -> list[Point]:
    listed = [float(each) for each in numbers] if isinstance(numbers, Array) else []
    return [(x, y) for x, y in pairwise(listed)][::2]


def _quads(annotation: Dictionary) -> list[list[Point]]:
    points = _points(annotation.get("/QuadPoints"))
    groups = [points[at : at + _CORNERS] for at in range(0, len(points), _CORNERS)]
    return [group for group in groups if len(group) == _CORNERS]


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
