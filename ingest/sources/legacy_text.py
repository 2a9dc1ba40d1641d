"""Text in an encoding from before Unicode, recognised by its letters: TCVN3 (TCVN 5712:1993, fonts
`.Vn…`) and VNI.

Such text arrives as Latin letters: `NguyÔn V¨n Thö` or `Nguyeãn Vaên Thöû` is Nguyễn Văn Thử. It
looks right in one old font only, and no search finds it. A text is recognised where each word that
is no Vietnamese syllable becomes one by the encoding; a foreign name (`Müller`) does not.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from archive.base.text import TooManyMarks, normal

_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+")
_LETTER = re.compile(r"[A-Za-z]")
# characters: a syllable has 7 letters at most, and VNI writes a mark behind some
_LONGEST_WORD = 14
_MOST_CHARACTERS = 4096  # of one text that are looked at
_MOST_NOTICES = 20  # of one chart: more would add nothing
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# A syllable without its tone: onset, glide, vowels, coda (the spelling rules of QĐ 240/QĐ, 1984).
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:iê|yê|uô|ươ|uyê|uya|uy|oo|ia|ya|ua|ưa|(?:[ou]?[aăâeêoôơiuưy]))"
    r"(?:ng|nh|ch|[cmnptiouy])?\Z"
)


class Legacy(NamedTuple):
    """A text in an old encoding: where it is, which encoding, and what it says."""

    path: str
    encoding: str
    suggestion: str


def legacy_texts(texts: Iterable[tuple[str, str]]) -> tuple[Legacy, ...]:
    """Return those of `texts` (each with its path) that are in an old encoding; 20 at most."""
    legacy: list[Legacy] = []
    for path, text in texts:
        if len(legacy) < _MOST_NOTICES and (read := recognise(text)):
            legacy.append(Legacy(path, *read))
    return tuple(legacy)


def recognise(text: str) -> tuple[str, str] | None:
    """Return the encoding of a text and what it says in Unicode; None for text that is Unicode
    already.
    """
    if text.isascii():
        return None
    text = text[:_MOST_CHARACTERS]
    words = {word for word in _WORD.findall(text) if not word.isascii() and _LETTER.search(word)}
    odd = [word for word in words if not _is_vietnamese(word)]
    for encoding, letters in _encodings().items() if odd else ():
        if all(_is_vietnamese(_decoded(word, letters)) for word in odd):
            return encoding, _decoded(text, letters)
    return None


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a JSON value with its JSON Pointer."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_of(inner, f"{path}/{name}")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from texts_of(inner, f"{path}/{place}")


def _decoded(text: str, letters: dict[str, str]) -> str:
    """Return a text with each letter of the old encoding as its Unicode letter; of two that fit the
    longer counts.
    """
    decoded, place = [], 0
    while place < len(text):
        size = next((size for size in (2, 1) if text[place : place + size] in letters), 0)
        decoded.append(letters[text[place : place + size]] if size else text[place])
        place += size or 1
    return "".join(decoded)


@lru_cache(maxsize=8192)  # the words of records repeat
def _is_vietnamese(word: str) -> bool:
    """Return whether a word is a Vietnamese syllable: known letters in a known order, and one tone
    at most.

    A capital inside (`MÉu`) is a letter of TCVN3: no Vietnamese word has one.
    """
    if len(word) > _LONGEST_WORD or not (word.isupper() or word[1:].islower() or len(word) == 1):
        return False
    try:
        small = normal(word.lower(), "NFD")
    except TooManyMarks:
        return False
    tones = [letter for letter in small if letter in _TONES]
    toneless = normal("".join(letter for letter in small if letter not in _TONES))
    return len(tones) <= 1 and _SYLLABLE.match(toneless) is not None


@cache
def _encodings() -> dict[str, dict[str, str]]:
    """Return the table of each encoding: the characters that represent a letter -> the letter, of
    both cases.
    """
    text = files("ingest.sources").joinpath("legacy_text.yaml").read_text(encoding="utf-8")
    encodings: dict[str, dict[str, str]] = yaml.safe_load(text)
    return encodings
