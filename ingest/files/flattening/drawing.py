"""What is drawn for an annotation that brings no appearance: shapes, and words upon them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from ingest.files.flattening.typed_text import Typed
from ingest.files.pdf_entries import Box

_FILL = {1: "g", 3: "rg", 4: "k"}
_STROKE = {1: "G", 3: "RG", 4: "K"}
_K = 0.5523  # of a radius: a circle of four Bézier curves


@dataclass(frozen=True, slots=True)
class Drawing:
    """Operators within `box`, in its own coordinates; `text` lies upon them.

    `turned`: degrees by which a field is turned. `opacity` from 0 to 1. `multiply`: like ink of a
    marker, through which the text below is seen.
    """

    box: Box
    operators: str = ""
    text: Typed | None = None
    turned: int = 0
    opacity: float = 1.0
    multiply: bool = False


def as_form(pdf: Pdf, drawing: Drawing, text: Stream | None) -> Stream:
    """Return `drawing` as an appearance stream; `text` is the form of its words."""
    left, bottom, right, top = drawing.box
    resources = Dictionary()
    content = f"{drawing.operators}\n"
    if drawing.opacity < 1 or drawing.multiply:
        state = Dictionary(Type=Name.ExtGState, CA=drawing.opacity, ca=drawing.opacity)
        state.BM = Name.Multiply if drawing.multiply else Name.Normal
        resources.ExtGState = Dictionary(Shown=state)
        content = f"/Shown gs {content}"
    if text is not None:
        resources.XObject = Dictionary(Words=text)
        content += f"q 1 0 0 1 {left:.4f} {bottom:.4f} cm /Words Do Q"
    form = pdf.make_stream(
        content.encode(),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([left, bottom, right, top]),
        Resources=resources,
    )
    turn = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}.get(drawing.turned % 360)
    if turn:
        form.Matrix = Array([*turn, 0, 0])  # moved into the rectangle by 12.5.5
    return form


def colour(parts: pikepdf.Object | None, *, stroke: bool = False) -> str:
    """Return the operator that sets a colour (12.5.2, `C`); nothing for none."""
    if not isinstance(parts, Array) or len(parts) not in _FILL:
        return ""
    numbers = " ".join(f"{float(part):.4f}" for part in parts)
    return f"{numbers} {(_STROKE if stroke else _FILL)[len(parts)]} "


def rectangle(box: Box, paint: str) -> str:
    """Return the operators of a rectangle."""
    left, bottom, right, top = box
    return f"{left:.3f} {bottom:.3f} {right - left:.3f} {top - bottom:.3f} re {paint} "


def ellipse(box: Box, paint: str) -> str:
    """Return the operators of the ellipse within `box`."""
    left, bottom, right, top = box
    x, y, rx, ry = (left + right) / 2, (bottom + top) / 2, (right - left) / 2, (top - bottom) / 2
    kx, ky = rx * _K, ry * _K
    curves = (
        (right, y + ky, x + kx, top, x, top),
        (x - kx, top, left, y + ky, left, y),
        (left, y - ky, x - kx, bottom, x, bottom),
        (x + kx, bottom, right, y - ky, right, y),
    )
    parts = "".join(" ".join(f"{part:.3f}" for part in curve) + " c " for curve in curves)
    return f"{right:.3f} {y:.3f} m {parts}h {paint} "


def polyline(points: Sequence[tuple[float, float]], paint: str) -> str:
    """Return the operators of a line through `points`."""
    if len(points) < 2:
        return ""
    first, *rest = points
    lines = "".join(f"{x:.3f} {y:.3f} l " for x, y in rest)
    return f"{first[0]:.3f} {first[1]:.3f} m {lines}{paint} "


def inset(box: Box, by: float) -> Box:
    """Return `box`, smaller by `by` at each side, as far as there is room."""
    left, bottom, right, top = box
    by = max(0.0, min(by, (right - left) / 2 - 0.1, (top - bottom) / 2 - 0.1))
    return left + by, bottom + by, right - by, top - by
