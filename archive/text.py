"""Text from outside in one form: Unicode normalisation whose work is proportional to its length.

Normalising sorts each run of combining marks, and that takes the square of the run's length: 200 kB of one letter with
two marks in turn took 20 s. UAX #15, section 13, bounds the runs (Stream-Safe Text Format, at most 30 non-starters),
which no language needs to exceed. Only this module calls :mod:`unicodedata` to normalise; the linter sees to that.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

LONGEST_RUN = 30  # non-starters one after another in NFKD: UAX #15, UAX15-D3
_JOINER = "\u034f"  # COMBINING GRAPHEME JOINER, a starter: UAX #15, UAX15-D4, puts it between two runs
_SHORTEST_LONG_RUN = 14  # characters: one mark becomes 2 non-starters at most, and the letter before brings 3
_MARKS = range(0x300, 0x20000)  # where the non-starters of Unicode are; `tests/archive/test_text.py` looks

# Control characters but tabs and line ends, lone surrogates, and the last two code points of each plane. One search: a
# chart has tens of thousands of characters, and each is looked at several times.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
    + "".join(chr(plane | last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)


class ControlCharacter(ValueError):
    """A text holds NUL or another control character, a lone surrogate, or a noncharacter."""


class TooManyMarks(ValueError):
    """A text has more than :data:`LONGEST_RUN` combining marks on one letter (UAX #15, section 13)."""


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
    """Return `text` in NFC; tabs, line ends and private-use characters stay (word processors' bullets are such).

    Raises :class:`ControlCharacter` and :class:`TooManyMarks`.
    """
    if _FORBIDDEN.search(text):
        raise ControlCharacter("control character in text")
    return normal(text)


def stream_safe(text: str) -> str:
    """Return `text` with a joiner in each run of more than 30 marks (Stream-Safe Text Process, UAX #15, UAX15-D4).

    For text that is looked at and not kept: what is searched for, what a PDF shows. :func:`normal` takes the result.
    """
    if text.isascii():
        return text
    pieces, start = [], 0
    for place in _breaks(text):
        pieces.append(text[start:place])
        start = place
    return _JOINER.join([*pieces, text[start:]])


def _breaks(text: str) -> Iterator[int]:
    """Yield where a run of marks has to be cut, so that none has more than :data:`LONGEST_RUN`."""
    for run in _long_runs().finditer(text):
        start, end = run.span()
        count = _trailing(text[start - 1]) if start else 0
        for place in range(start, end):
            count += len(_decomposed(text[place]))
            if count > LONGEST_RUN:
                yield place
                count = len(_decomposed(text[place]))


@cache
def _long_runs() -> re.Pattern[str]:
    """Return the pattern of the shortest runs of characters that may be more than 30 non-starters."""
    marks = "".join(filter(_is_mark, map(chr, _MARKS)))
    return re.compile(f"[{marks}]{{{_SHORTEST_LONG_RUN},}}")


def _is_mark(character: str) -> bool:
    """Tell whether a character is nothing but non-starters when it is decomposed."""
    return unicodedata.combining(_decomposed(character)[0]) != 0


def _trailing(character: str) -> int:
    """Return how many non-starters a starter ends with when it is decomposed: `ệ` with two."""
    decomposed = _decomposed(character)
    return next((n for n, c in enumerate(reversed(decomposed)) if not unicodedata.combining(c)), len(decomposed))


def _decomposed(character: str) -> str:
    return unicodedata.normalize("NFKD", character)  # noqa: TID251  # one character: 18 at most
