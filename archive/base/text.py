"""Text from outside in one form: Unicode normalisation whose work is proportional to its length.

Normalising sorts each run of combining marks, and that takes the square of the run's length: 200 kB
of one letter with two marks in turn took 20 s. UAX #15, section 13, bounds the runs (Stream-Safe
Text Format, at most 30 non-starters), which no language needs to exceed. Only this module calls
:mod:`unicodedata` to normalise; the linter sees to that.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

LONGEST_RUN = 30  # non-starters one after another in NFKD: UAX #15, UAX15-D3
# COMBINING GRAPHEME JOINER, a starter: UAX #15, UAX15-D4, puts it between two runs
_JOINER = "\u034f"
# characters: one mark becomes 2 non-starters at most, and the letter before brings 3
_SHORTEST_LONG_RUN = 14
# where the non-starters of Unicode are; `tests/archive/base/test_text.py` looks
_MARKS = range(0x300, 0x20000)

# Control characters but tabs and line ends, lone surrogates, and the last two code points of each
# plane. One search: a chart has tens of thousands of characters, and each is checked several times.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    + "".join(
        chr(plane | last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
    )
    + "]"
)

# Left behind by word processors and web pages: soft hyphen, zero-width space and joiners, byte
# order mark.
_SHAPELESS = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
# Ends of lines, tabs, marks and overrides of direction, tags: what makes a line look like something
# else.
_NOT_IN_A_LINE = re.compile(
    "[\t\n\r\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_EMPTY = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that are drawn as nothing
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng
# Ð and Ɖ are drawn like Đ, and old keyboards typed them
_LOOKALIKES = str.maketrans({"ð": "đ", "ɖ": "đ"})


class NotALine(ValueError):
    """A text that must be one line has a line end, a tab or a direction mark."""


class Blank(ValueError):
    """A text has characters, and a reader sees none of them."""


class ControlCharacter(ValueError):
    """A text holds NUL or another control character, a lone surrogate, or a noncharacter."""


class TooManyMarks(ValueError):
    """A text has more than :data:`LONGEST_RUN` combining marks on one letter.

    See UAX #15, section 13.
    """


def normal(text: str, form: Form = "NFC") -> str:
    """Return `text` in a normalisation form (UAX #15), in time proportional to its length.

    Raises :class:`TooManyMarks` where it is not in Stream-Safe Text Format.
    """
    if text.isascii():
        return text
    if next(_breaks(text), None) is not None:
        raise TooManyMarks("too many combining marks in a row")
    return unicodedata.normalize(form, text)  # noqa: TID251  # the one place


def nfc(text: str) -> str:
    """Return `text` in NFC; tabs, line ends and private-use characters stay.

    Word processors' bullets are private-use characters.

    Raises :class:`ControlCharacter` and :class:`TooManyMarks`.
    """
    if _FORBIDDEN.search(text):
        raise ControlCharacter("control character in text")
    return normal(text)


def stream_safe(text: str) -> str:
    """Return `text` with a joiner in each run of more than 30 marks.

    This is the Stream-Safe Text Process (UAX #15, UAX15-D4).

    For text that is used and not stored: what is searched for, what a PDF shows. :func:`normal`
    takes the result.
    """
    if text.isascii():
        return text
    pieces, start = [], 0
    for place in _breaks(text):
        pieces.append(text[start:place])
        start = place
    return _JOINER.join([*pieces, text[start:]])


def line(text: str) -> str:
    """Return `text` as one line of a record: an id, a name, an address.

    Two lines that look the same are the same.

    White space at its ends and marks without a shape are left out, white space inside is one space,
    and the result is in NFC. Raises :class:`NotALine` for line ends, tabs and marks that turn the
    direction of text inside it (UAX #9), :class:`Blank` where there is something and a reader sees
    nothing, and what :func:`nfc` raises.
    """
    kept = nfc(_SHAPELESS.sub("", text)).strip()
    if _NOT_IN_A_LINE.search(kept):
        raise NotALine("a line end, a tab or a mark of direction inside a line")
    kept = " ".join(kept.split())
    if text.strip() and not any(
        unicodedata.category(letter)[0] in "LNPS" and letter not in _EMPTY for letter in kept
    ):
        raise Blank("nothing that a reader sees")
    return kept


def same_name(name: str, other: str) -> bool:
    """Tell whether two names are the same.

    `Hoà` (new place of the tone mark) is `HÒA` (old); `Hoa` is neither.
    """
    return _spoken(name) == _spoken(other)


def _spoken(name: str) -> list[str]:
    """Return the words of a name without case, each with its tone behind it.

    A Vietnamese syllable has one tone.
    """
    small = normal(stream_safe(name), "NFD").casefold().translate(_LOOKALIKES)
    # the sort is stable
    return ["".join(sorted(word, key=_TONES.__contains__)) for word in small.split()]


def _breaks(text: str) -> Iterator[int]:
    """Yield where a run of marks has to be cut, so that none has more than :data:`LONGEST_RUN`."""
    if len(text) < _SHORTEST_LONG_RUN or _marks().isdisjoint(text):
        return  # nearly every text: a set finds that out ten times as fast as the pattern
    for run in _long_runs().finditer(text):
        start, end = run.span()
        count = _trailing(text[start - 1]) if start else 0
        for place in range(start, end):
            count += len(_decomposed(text[place]))
            if count > LONGEST_RUN:
                yield place
                count = len(_decomposed(text[place]))


@cache
def _marks() -> frozenset[str]:
    """Return the characters of Unicode that are marks."""
    return frozenset(filter(_is_mark, map(chr, _MARKS)))


@cache
def _long_runs() -> re.Pattern[str]:
    """Return the pattern of the shortest runs that may be more than 30 non-starters."""
    marks = "".join(_marks())
    return re.compile(f"[{marks}]{{{_SHORTEST_LONG_RUN},}}")


def _is_mark(character: str) -> bool:
    """Tell whether a character is nothing but non-starters when it is decomposed."""
    return unicodedata.combining(_decomposed(character)[0]) != 0


def _trailing(character: str) -> int:
    """Return how many non-starters a starter ends with when it is decomposed: `ệ` with two."""
    decomposed = _decomposed(character)
    return next(
        (n for n, c in enumerate(reversed(decomposed)) if not unicodedata.combining(c)),
        len(decomposed),
    )


def _decomposed(character: str) -> str:
    return unicodedata.normalize("NFKD", character)  # noqa: TID251  # one character: 18 at most
