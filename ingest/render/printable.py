"""Text as the fonts can show it: nothing vanishes silently, nothing breaks PDF/A, nothing runs out
of the page.

A character without a glyph would make a PDF/A file invalid (ISO 19005-3, 6.2.11.4.1), and an
invisible control could reorder what a reader sees. Such characters are printed by their code point,
`‹U+4E2D›`; the attached record keeps the text itself, and the paper says so.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

from archive.base.text import normal, stream_safe
from ingest.render.fonts import coverage

# put before and after a long word, which lib/text.typ then breaks at any place if needed
MARK = "\u200b"
LONGEST_WORD = 10  # characters of 11 pt that fit into every place of every form
_CODED = re.compile(r"‹U\+[0-9A-F]{4,6}›")
# where a line breaks of itself (UAX #14, classes SP and BA)
_BREAKING = " \n\u2000-\u2006\u2008-\u200a\u205f"
_SPACES = re.compile(f"[{_BREAKING}\t\r\x0b\x0c\x85\u2028\u2029]")
# A short number with its unit in which a line would break after the slash: "96 mg/L".
_RATE = re.compile(
    f"(?<![^ \\n])\\d[\\d.,]*\u00a0[^ \\n\u00a0{MARK}/]+/[^ \\n\u00a0{MARK}]+(?![^ \\n])"
)
_NO_BREAK = re.compile("[\u00a0\u2007\u202f]")
_MEASURE = re.compile("\\d[\\d.,/]{0,11}\u00a0[^\u00a0]{1,12}\\Z")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# the bullets of Word's Symbol and Wingdings
_SYMBOLS = {0xF02D: "-", 0xF0A7: "▪", 0xF0B7: "•", 0xF0E0: "→"}
# left by word processors
_MEANINGLESS = {0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10)}


class _Glyphs(dict[int, str]):
    """A translation table that fills itself on demand: code point -> what is printed for it."""

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


def printable(text: str, *, longest_word: int = LONGEST_WORD) -> str:
    """Return `text` in NFC with only line feeds and characters that the fonts show.

    A word of more than `longest_word` characters is put between two :data:`MARK`, so that it cannot
    leave its column. So is a number with its unit where a line would break in it (`96 mg/L`). A
    code `‹U+…›` is a word of its own. No-break spaces hold short words together and become spaces
    in long ones.
    """
    shown = _LINE_ENDS.sub("\n", normal(stream_safe(text))).translate(_GLYPHS)
    broken = _words(longest_word).sub(lambda word: _breakable(word[0], longest_word), shown)
    if "\u00a0" in broken:
        return _RATE.sub(lambda rate: _marked(rate[0]), broken)
    return broken


@cache
def _words(longest: int) -> re.Pattern[str]:
    return re.compile(f"[^{_BREAKING}]{{{longest + 1},}}")


def _breakable(run: str, longest: int) -> str:
    if _MEASURE.match(run):
        return _marked(run)  # a number with its unit moves to the next line as a whole
    words = _NO_BREAK.sub(" ", run).split(" ")
    return " ".join(_marked(word) if len(word) > longest else word for word in words)


def _marked(word: str) -> str:
    pieces = [piece for piece in re.split(f"({_CODED.pattern})", word) if piece]
    return "".join(f"{MARK}{piece}{MARK}" for piece in pieces)


def longest_run(text: str) -> int:
    """Return how many characters of `text` follow each other at most without a
    space or a line end.
    """
    return max(map(len, _SPACES.split(text)))


def codes(text: str) -> int:
    """Return how many characters of `text` are printed by their code point."""
    if text.isascii():
        return 0
    counted = Counter(text)  # a look at each distinct character, not at each character
    return sum(
        count for character, count in counted.items() if len(_GLYPHS[ord(character)]) > len("    ")
    )


def has_codes(text: str) -> bool:
    """Return whether `text` shows a character by its code point."""
    return bool(_CODED.search(text))
