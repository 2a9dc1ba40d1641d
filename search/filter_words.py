"""The table of what is a filter (`filters.toml`), ready to be looked up."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from search import vietnamese
from search.vietnamese import Word

_TABLE = tomllib.loads(Path(__file__).with_name("filters.toml").read_text(encoding="utf-8"))
_Key = tuple[str, ...]


def _keys(text: str) -> Iterator[_Key]:
    """Yield the forms in which a word or words are known: as written, and without diacritics."""
    words = vietnamese.words(text)
    yield tuple(word.exact for word in words)
    yield tuple(word.folded for word in words)


_NAMES = {
    key: filter_
    for filter_, names in _TABLE["names"].items()
    for name in names
    for key in _keys(name)
}
_LOOKS = {
    filter_: re.compile(look, re.ASCII | re.IGNORECASE)
    for filter_, look in _TABLE["values"].items()
}
_WORDS = {
    key: (filter_, value)
    for filter_, values in _TABLE["words"].items()
    for value, texts in values.items()
    for text in texts
    for key in _keys(text)
}
CLOSED = {filter_: frozenset(values) for filter_, values in _TABLE["words"].items()}
"""The filters whose values are a list."""
LONGEST = max(map(len, _WORDS))
"""The most words that are a value."""


def filter_named(name: str) -> str | None:
    """Return the filter that `name` means; None where it is a word like others."""
    return _NAMES.get(tuple(word.exact for word in vietnamese.words(name)))


def looks_like(filter_: str, value: str) -> bool:
    """Tell whether `value` after the filter's name and a space is meant as its value."""
    look = _LOOKS.get(filter_)
    return look is not None and look.fullmatch(value) is not None


def value_of(words: Sequence[Word]) -> tuple[str, str] | None:
    """Return the filter and the value that these words mean by themselves, or None."""
    return _WORDS.get(tuple(word.exact for word in words))


def listed(filter_: str, typed: str) -> str | None:
    """Return the value of a filter with a list of them: by its code, or by its words."""
    if typed.lower() in CLOSED[filter_]:
        return typed.lower()
    meant = value_of(vietnamese.words(typed))
    return meant[1] if meant is not None and meant[0] == filter_ else None
