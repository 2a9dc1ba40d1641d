"""The signs that clinicians write and Liberation Serif lacks, added to Kho Serif.

Signs made of letters (HCO₃⁻, ℃, Ⅳ, ㎎) are made from the font's own glyphs. Symbols are from
Noto Sans Symbols, Noto Sans Symbols 2 and Noto Sans Math (SIL OFL 1.1, no reserved name), upright
in all four styles.
"""

from pathlib import Path

from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

# Letters side by side: the sign -> what it is made of.
WORDS = {
    "℃": "°C", "℉": "°F", "‑": "-", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl",
    "㎎": "mg", "㎍": "µg", "㎏": "kg", "㎖": "ml", "㎕": "µl", "㎗": "dl", "㎜": "mm", "㎝": "cm",
    "㎞": "km", "㎡": "m²", "㎥": "m³", "㏄": "cc", "㎐": "Hz", "㎲": "µs", "㎳": "ms",
    "Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "Ⅵ": "VI", "Ⅶ": "VII", "Ⅷ": "VIII",
    "Ⅸ": "IX", "Ⅹ": "X", "Ⅺ": "XI", "Ⅻ": "XII", "Ⅼ": "L", "Ⅽ": "C", "Ⅾ": "D", "Ⅿ": "M",
    "ⅰ": "i", "ⅱ": "ii", "ⅲ": "iii", "ⅳ": "iv", "ⅴ": "v", "ⅵ": "vi", "ⅶ": "vii", "ⅷ": "viii",
    "ⅸ": "ix", "ⅹ": "x", "ⅺ": "xi", "ⅻ": "xii", "ⅼ": "l", "ⅽ": "c", "ⅾ": "d", "ⅿ": "m",
}  # fmt: skip
RAISED = {
    "⁰": "0", "ⁱ": "i", "⁺": "+", "⁻": "−", "⁼": "=", "⁽": "(", "⁾": ")",
    "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9", "ⁿ": "n",
}  # fmt: skip
LOWERED = {
    "₊": "+",
    "₋": "−",
    "₌": "=",
    "₍": "(",
    "₎": ")",
    "ₙ": "n",
    "ₘ": "m",
    "ₚ": "p",
    "ₛ": "s",
    "ₜ": "t",
}
SYMBOLS = (
    "☐☑☒✓✔✗✘♀♂⚥⚠★☆☎◆◇△▽▷▶◀▼①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
    "⇐⇑⇒⇓↗↘↖↙⟶➔➜➢∼∝∅∈∥∠≅≃≪≫⩽⩾⊕⊖⊘∴∵∀∃∇∘⌀‱ℓ∕"
)  # fmt: skip


def add_signs(font: TTFont, symbols: tuple[TTFont, ...]) -> None:
    """Add every sign of the tables above that `font` does not show."""
    shown = font.getBestCmap()
    for sign, letters in WORDS.items():
        if ord(sign) not in shown:
            _add(font, sign, [(letter, 1.0, 0) for letter in letters])
    scale, raised, lowered = _small(font)
    for signs, middle in ((RAISED, raised), (LOWERED, lowered)):
        for sign, letter in signs.items():
            if ord(sign) not in shown:
                _add(font, sign, [(letter, scale, middle)])
    for sign in SYMBOLS:
        source = next((each for each in symbols if ord(sign) in each.getBestCmap()), None)
        if ord(sign) not in shown and source is not None:
            _copy(font, sign, source)


def symbol_fonts(folder: Path) -> tuple[TTFont, ...]:
    """Return the fonts of `folder` that symbols are taken from, the first that has a sign wins."""
    names = ("NotoSansSymbols-Regular", "NotoSansSymbols2-Regular", "NotoSansMath-Regular")
    return tuple(TTFont(folder / f"{name}.ttf") for name in names)


def _small(font: TTFont) -> tuple[float, float, float]:
    """Return how much smaller the font's raised figures are, and the middle of raised and lowered
    ones.
    """
    cmap, shapes = font.getBestCmap(), font["glyf"]
    four, high, low = (shapes[cmap[ord(each)]] for each in "4⁴₄")
    return (
        (high.yMax - high.yMin) / (four.yMax - four.yMin),
        (high.yMax + high.yMin) / 2,
        (low.yMax + low.yMin) / 2,
    )


def _add(font: TTFont, sign: str, parts: list[tuple[str, float, float]]) -> None:
    """Draw `sign` from letters, each with its scale and, where it is scaled, the height of its
    middle.
    """
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    pen, at = TTGlyphPen(glyphs), 0.0
    lift = _figure_middle(font)
    for letter, scale, middle in parts:
        name = cmap[ord(letter)]
        up = middle - lift * scale if middle else 0
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, scale, at, up)))
        at += font["hmtx"][name][0] * scale
    _store(font, sign, pen, round(at))


def _figure_middle(font: TTFont) -> float:
    figure = font["glyf"][font.getBestCmap()[ord("4")]]
    return float((figure.yMin + figure.yMax) / 2)


def _copy(font: TTFont, sign: str, source: TTFont) -> None:
    scale = font["head"].unitsPerEm / source["head"].unitsPerEm
    name = source.getBestCmap()[ord(sign)]
    pen = TTGlyphPen(None)
    source.getGlyphSet()[name].draw(_Decomposed(source, pen, scale))
    _store(font, sign, pen, round(source["hmtx"][name][0] * scale))


class _Decomposed(TransformPen):  # type: ignore[misc]
    """Draws components as outlines: the other font's glyphs are not in this one."""

    def __init__(self, source: TTFont, pen: TTGlyphPen, scale: float) -> None:
        super().__init__(pen, (scale, 0, 0, scale, 0, 0))
        self._source, self._target, self._scale = source.getGlyphSet(), pen, scale

    def addComponent(self, glyphName: str, transformation: tuple[float, ...], **_: object) -> None:  # noqa: N802, N803
        """Draw a component's outline in its place."""
        self._source[glyphName].draw(TransformPen(self, transformation))


def _store(font: TTFont, sign: str, pen: TTGlyphPen, width: int) -> None:
    name = f"uni{ord(sign):04X}"
    shape = pen.glyph(dropImpliedOnCurves=False)
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = shape
    shape.recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, getattr(shape, "xMin", 0))
    font["GDEF"].table.GlyphClassDef.classDefs[name] = 1
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(sign)] = name
