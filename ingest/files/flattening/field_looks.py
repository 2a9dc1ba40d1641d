"""What a field without an appearance shows (ISO 32000-2, 12.7.4.3)."""

import re
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name

from ingest.files.flattening.drawing import Drawing, colour, ellipse, inset, polyline, rectangle
from ingest.files.flattening.typed_text import Typed
from ingest.files.pdf_entries import Box, box_of, dictionary, inherited, text_of

_MULTILINE, _PASSWORD, _RADIO, _PUSH, _COMB = 1 << 12, 1 << 13, 1 << 15, 1 << 16, 1 << 24
_SIZE = re.compile(r"(\d*\.?\d+)\s+Tf")
_COLOUR = re.compile(r"((?:\d*\.?\d+\s+)+)(?:g|rg|k)(?:\s|$)")
_CENTRE = 1
_MOST_CELLS = 200
# ZapfDingbats, by the letter of /MK /CA: what a ticked box shows
_TICK, _CROSS, _CIRCLE = "4", "8", "l"


def field_drawing(widget: Dictionary, form: Dictionary) -> Drawing | None:
    """Return what the field `widget` of the interactive form `form` shows; None: nothing."""
    look = dictionary(widget, "/MK")
    box = box_of(widget.Rect)
    width, height = box[2] - box[0], box[3] - box[1]
    turned = int(look.get("/R", 0)) % 360
    if turned in (90, 270):
        width, height = height, width
    own = (0.0, 0.0, width, height)
    frame = _frame(own, look, widget)
    kind = str(inherited(widget, "/FT", ""))
    content = _KINDS.get(kind, _nothing)(widget, form, own)
    if content is None and not frame:
        return None
    operators, text = content or ("", None)
    return Drawing(own, frame + operators, text, turned)


def _frame(box: Box, look: Dictionary, widget: Dictionary) -> str:
    thick = float(dictionary(widget, "/BS").get("/W", 1))
    fill, line = colour(look.get("/BG")), colour(look.get("/BC"), stroke=True)
    drawn = f"q {fill}{rectangle(box, 'f')}Q " if fill else ""
    if line and thick > 0:
        drawn += f"q {line}{thick:.3f} w {rectangle(inset(box, thick / 2), 'S')}Q "
    return drawn


def _text_field(widget: Dictionary, form: Dictionary, box: Box) -> tuple[str, Typed | None] | None:
    words = text_of(inherited(widget, "/V"))
    flags = int(inherited(widget, "/Ff", 0))
    if flags & _PASSWORD:
        words = "*" * len(words)
    cells = int(inherited(widget, "/MaxLen", 0)) if flags & _COMB else 0
    lines = bool(flags & _MULTILINE)
    return _typed(widget, form, box, words, lines=lines, cells=min(cells, _MOST_CELLS))


def _choice(widget: Dictionary, form: Dictionary, box: Box) -> tuple[str, Typed | None] | None:
    """Draw the chosen options: what else could be chosen says nothing of a patient."""
    value = inherited(widget, "/V")
    chosen = [text_of(each) for each in value] if isinstance(value, Array) else [text_of(value)]
    shown = {text_of(each[0]): text_of(each[1]) for each in _pairs(inherited(widget, "/Opt"))}
    words = "\n".join(shown.get(each, each) for each in chosen if each)
    return _typed(widget, form, box, words, lines="\n" in words)


def _pairs(options: pikepdf.Object | None) -> list[pikepdf.Object]:
    if not isinstance(options, Array):
        return []
    return [each for each in options if isinstance(each, Array) and len(each) > 1]


def _button(widget: Dictionary, form: Dictionary, box: Box) -> tuple[str, Typed | None] | None:
    flags = int(inherited(widget, "/Ff", 0))
    sign = text_of(dictionary(widget, "/MK").get("/CA"))
    if flags & _PUSH:
        return _typed(widget, form, box, sign, centred=True)
    state = widget.get("/AS", inherited(widget, "/V"))
    if not isinstance(state, Name) or state == Name.Off:
        return None
    inner = inset(box, min(box[2], box[3]) * 0.2)
    left, bottom, right, top = inner
    ink = "q 0 G 0 g 1.5 w "
    if sign == _CIRCLE or (flags & _RADIO and not sign):
        return f"{ink}{ellipse(inner, 'f')}Q ", None
    if sign == _CROSS:
        lines = [(left, bottom), (right, top)], [(left, top), (right, bottom)]
        return ink + "".join(polyline(line, "S") for line in lines) + "Q ", None
    if sign not in ("", _TICK):
        return f"{ink}{rectangle(inner, 'f')}Q ", None
    middle = left + (right - left) * 0.35
    tick = [(left, (bottom + top) / 2), (middle, bottom), (right, top)]
    return f"{ink}{polyline(tick, 'S')}Q ", None


def _nothing(widget: Dictionary, form: Dictionary, box: Box) -> None:
    """Draw nothing: a place for a signature that was not made."""


_KINDS: dict[str, Callable[[Dictionary, Dictionary, Box], tuple[str, Typed | None] | None]] = {
    "/Tx": _text_field,
    "/Ch": _choice,
    "/Btn": _button,
}


def _typed(
    widget: Dictionary,
    form: Dictionary,
    box: Box,
    words: str,
    *,
    lines: bool = False,
    cells: int = 0,
    centred: bool = False,
) -> tuple[str, Typed | None] | None:
    if not words.strip():
        return None
    size, tint = default_look(text_of(inherited(widget, "/DA", form.get("/DA"))))
    side = _CENTRE if centred else quadding(inherited(widget, "/Q", form.get("/Q", 0)))
    return "", Typed(words, box[2], box[3], size, tint, side, cells, lines)


def quadding(stated: object) -> int:
    """Return where a text lies (`Q`): 0 left, 1 centre, 2 right."""
    side = int(str(stated))
    return side if side in range(3) else 0


def default_look(appearance: str) -> tuple[float, tuple[float, float, float]]:
    """Return the size and the colour (red, green, blue) that a default appearance (`DA`) states."""
    stated = _SIZE.search(appearance)
    size = min(float(stated[1]), 300.0) if stated else 0.0
    tint = _COLOUR.search(appearance)
    match [min(1.0, float(part)) for part in tint[1].split()] if tint else []:
        case [grey]:
            return size, (grey, grey, grey)
        case [red, green, blue]:
            return size, (red, green, blue)
        case [cyan, magenta, yellow, black]:
            left = 1 - black
            return size, ((1 - cyan) * left, (1 - magenta) * left, (1 - yellow) * left)
    return size, (0.0, 0.0, 0.0)
