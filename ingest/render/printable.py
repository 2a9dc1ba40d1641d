"""Text as the fonts can show it: nothing vanishes silently, nothing breaks PDF/A, nothing runs out of the page.

A character without a glyph would make a PDF/A file invalid (ISO 19005-3, 6.2.11.4.1), and an invisible control could
reorder what a reader sees. Such characters are printed by their code point, `‹U+4E2D›`; the attached record keeps the
text itself, and the paper says so.
"""

import re
import unicodedata

from archive.text import normal, stream_safe
from ingest.render.fonts import coverage

BREAK = "\u200b"  # where a long word may break; the layouts turn it into a place without text (lib/text.typ)
_CODED = re.compile(r"‹U\+[0-9A-F]{4,6}›")
_UNITS = re.compile(rf"{_CODED.pattern}|\S")  # what is never broken
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SYMBOLS = {0xF02D: "-", 0xF0A7: "▪", 0xF0B7: "•", 0xF0E0: "→"}  # the bullets of Word's Symbol and Wingdings
_MEANINGLESS = {0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10)}  # left by word processors


class _Glyphs(dict[int, str]):
    """A translation table that learns: code point -> what is printed for it."""

    def __missing__(self, point: int) -> str:
        if point in coverage() or point == 0x0A:
            shown = chr(point)
        elif point == 0x09:
            shown = "    "
        elif unicodedata.category(chr(point)) == "Zs":
            shown = " "
        else:
            shown = f"‹U+{point:04X}›"
        self[point] = shown
        return shown


_GLYPHS = _Glyphs(dict.fromkeys(_MEANINGLESS, "") | _SYMBOLS)


def printable(text: str, *, longest_word: int = 30) -> str:
    """Return `text` in NFC with only line feeds and characters that the fonts show.

    A word of more than `longest_word` characters may break about every third of that, by :data:`BREAK`, so that it
    cannot leave its column.
    """
    shown = _LINE_ENDS.sub("\n", normal(stream_safe(text))).translate(_GLYPHS)
    return re.sub(rf"\S{{{longest_word + 1},}}", lambda word: _breakable(word[0], longest_word // 3), shown)


def _breakable(word: str, step: int) -> str:
    pieces, length = [""], 0
    for unit in _UNITS.findall(word):
        if length and length + len(unit) > step:
            pieces.append("")
            length = 0
        pieces[-1] += unit
        length += len(unit)
    return BREAK.join(pieces)


def has_codes(text: str) -> bool:
    """Tell whether `text` shows a character by its code point."""
    return bool(_CODED.search(text))
