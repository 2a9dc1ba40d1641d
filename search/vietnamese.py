"""Vietnamese words as search sees them: the same however a text was typed, encoded or capitalised.

Each word has two forms. *Exact* keeps the diacritics but not the position of the tone mark, so
`hoà` (new placement) equals `hòa` (old), and NFD equals NFC. *Folded* drops every diacritic and
makes `đ` a `d`. `i` and `y` stay distinct (`quí` is not `quý`): names are legal facts, and the two
spellings are two names.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.base.text import normal, stream_safe

_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_PIECE = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng
# Ð and Ɖ are drawn like Đ, and old keyboards typed them
_D_LOOKALIKES = str.maketrans({"ð": "đ", "ɖ": "đ"})
# characters; longer runs are no words, and both documents and queries are cut alike
_LONGEST_WORD = 64


@dataclass(frozen=True, slots=True)
class Word:
    """One word in its two forms; both are lower-case, free of white space, and never empty."""

    exact: str
    folded: str

    @property
    def has_diacritics(self) -> bool:
        """Tell whether the word was written with any diacritic, `đ` included."""
        return self.exact != self.folded


@dataclass(frozen=True, slots=True)
class Span:
    """A word and its place in the source text: from `start` to before `end`, in code points."""

    word: Word
    start: int
    end: int


def words(text: str) -> tuple[Word, ...]:
    """Return the words of `text` in order.

    Everything that is no letter and no digit separates them.
    """
    return tuple(_word(run[:_LONGEST_WORD]) for run in _WORD.findall(_plain(text)))


def spans(text: str) -> tuple[Span, ...]:
    """Return the words of `text` with their places, for showing which of them were meant.

    The text is made plain piece by piece (a character with the marks on it), so that each letter's
    place is known. For scripts whose letters grow together across pieces (Hangul in halves) a word
    may differ from that of :func:`words`.
    """
    if _one_to_one().issuperset(text):  # nearly every text: its letters stay where they are
        runs = _WORD.finditer(_plain(text))
        return tuple(Span(_word(run[0][:_LONGEST_WORD]), run.start(), run.end()) for run in runs)
    plain, places = [], []
    for piece in _PIECE.finditer(text):
        decomposed = _plain(piece[0])
        plain.append(decomposed)
        places += [piece.span()] * len(decomposed)
    return tuple(
        Span(_word(run[0][:_LONGEST_WORD]), places[run.start()][0], places[run.end() - 1][1])
        for run in _WORD.finditer("".join(plain))
    )


def code(text: str) -> str:
    """Return `text` as an identifier: folded, with everything but letters and digits left out.

    `GD-4 01.0112345678` becomes `gd4010112345678`, `J18.9` becomes `j189`; the empty string where
    nothing is left.
    """
    return "".join(word.folded for word in words(text))


@cache
def _one_to_one() -> frozenset[str]:
    """Return the Latin characters that are one character in plain form, too.

    Composed Vietnamese ones are among them.
    """
    latin = (
        *range(0x20, 0x7F),
        *range(0xA0, 0x250),
        *range(0x1E00, 0x1F00),
        *range(0x2010, 0x2030),
    )
    return frozenset(letter for letter in map(chr, latin) if len(_plain(letter)) == 1)


def _plain(text: str) -> str:
    """Return `text` in small letters, in compatibility form, without invisible characters."""
    small = normal(stream_safe(_INVISIBLE.sub("", text)), "NFKC").casefold()
    return normal(stream_safe(small), "NFKC")


@lru_cache(maxsize=1 << 16)
def _word(run: str) -> Word:
    """Analyse one word, lower-case and NFKC.

    The tone is moved from its vowel to the end of the word. A Vietnamese syllable has one tone, so
    only its place is lost; a word of another language always changes in the same way.
    """
    if run.isascii():
        return Word(run, run)
    decomposed = normal(stream_safe(run.translate(_D_LOOKALIKES)), "NFD")
    tones = "".join(c for c in decomposed if c in _TONES)
    exact = "".join(c for c in decomposed if c not in _TONES) + tones
    folded = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")
    return Word(exact, folded)
