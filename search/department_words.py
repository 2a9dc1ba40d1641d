"""Names of departments in a query: `hồi sức cấp cứu` finds the charts of K02.

The index holds codes only. Names are resolved when a query is planned, so a department that gets
another name needs no new index, and its earlier names are found, too.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from archive.base.departments import Departments
from search import vietnamese
from search.contract import DepartmentAlias
from search.vietnamese import Word

_DEPARTMENT = "khoa"  # the first word of nearly every name; people leave it out
_Names = dict[tuple[str, ...], tuple[tuple[tuple[Word, ...], str], ...]]


def aliases(departments: Departments) -> tuple[DepartmentAlias, ...]:
    """Return every name that a department has or had, with the department's code."""
    return tuple(
        DepartmentAlias(name, code)
        for code in departments.codes
        for name in departments.names(code)
    )


def codes_named(typed: str, known: tuple[DepartmentAlias, ...]) -> frozenset[str]:
    """Return the codes of the departments that `typed` names as a whole.

    A name counts with `khoa` before it or without. Diacritics count where some were typed.
    """
    return _named(vietnamese.words(typed), _names(known))


def runs(
    words: Sequence[Word], known: tuple[DepartmentAlias, ...]
) -> Iterable[tuple[range, frozenset[str]]]:
    """Yield the places of typed words that are a name, with the codes of its departments.

    A name of one word counts with `khoa` before it only: `mắt` is no department, `khoa mắt` is.
    """
    names = _names(known)
    longest = max(map(len, names), default=0)
    for first in range(len(words)):
        for last in range(first + 2, min(first + longest, len(words)) + 1):
            if codes := _named(words[first:last], names):
                yield range(first, last), codes


def _named(words: Sequence[Word], names: _Names) -> frozenset[str]:
    folded = tuple(word.folded for word in words)
    return frozenset(code for name, code in names.get(folded, ()) if all(map(_same, words, name)))


def _same(typed: Word, name: Word) -> bool:
    return not typed.has_diacritics or typed.exact == name.exact


@lru_cache(maxsize=4)
def _names(known: tuple[DepartmentAlias, ...]) -> _Names:
    """Return the names by their folded words, each with `khoa` and without."""
    by_words: dict[tuple[str, ...], list[tuple[tuple[Word, ...], str]]] = {}
    for alias in known:
        words = vietnamese.words(alias.name)
        if not words:
            continue
        bare = words[1:] if words[0].folded == _DEPARTMENT and len(words) > 1 else words
        for form in {bare, (*vietnamese.words(_DEPARTMENT), *bare)}:
            folded = tuple(word.folded for word in form)
            by_words.setdefault(folded, []).append((form, alias.code))
    return {folded: tuple(names) for folded, names in by_words.items()}
