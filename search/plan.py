"""A query, planned: which tokens are looked for in which fields, and what each is worth.

Every engine runs it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from archive.access.scope import Scope
from archive.base.departments import codes_of
from search import dates, department_words, vietnamese
from search.contract import MOST_PHRASES, MOST_WORDS, ContentRight, DepartmentAlias, Query
from search.fields import (
    CODE_FIELDS,
    ENDS_FIELD,
    ENDS_WEIGHT,
    FEWEST_END_DIGITS,
    TEXT_FIELDS,
    WHOLE_NAME_BONUS,
    TextField,
)
from search.vietnamese import Word

_SHORTEST_PREFIX = 4  # characters; shorter beginnings of identifiers find too much to be of use
# chunks: an insurance card is typed in up to six groups, a person's name has up to six words
_LONGEST_RUN = 6
_LONGEST_CODE = 64  # characters
_LONGEST_FILTER = 1_000
_MOST_DEPARTMENTS = 20  # of one filter; a longer list is taken as one code, and nothing has it
BODY = "body"  # the public name of the fields that hold what a document itself says
_DEPARTMENT = "department"


class ClauseKind(Enum):
    """How the tokens of a clause are matched."""

    ANY_OF = auto()  # the field holds one of the tokens; no tokens match nothing
    PREFIX = auto()  # a token in the field begins with the only token
    PHRASE = auto()  # the field holds the tokens one after another


@dataclass(frozen=True, slots=True)
class Clause:
    """Something that an entry matches or not, worth `weight`.

    `why` is the public name of its field.
    """

    kind: ClauseKind
    field: str
    tokens: tuple[str, ...]
    weight: int
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be found, what has to match, and the weight of each match.

    An entry is found if it matches every one of `scope` and `filters`, none of `hidden`, at least
    one clause of every group of `words`, and `stay`: first and last day asked for, as ordinals
    (open ends are None). Its score is the sum of the weightiest matching clause of each group, and
    of every bonus that matches. `ignored` counts typed words that are left out: the number of words
    has a limit, so that no engine ever refuses a query for its size.
    """

    scope: tuple[Clause, ...]
    hidden: tuple[Clause, ...]
    filters: tuple[Clause, ...]
    words: tuple[tuple[Clause, ...], ...]
    bonuses: tuple[Clause, ...]
    stay: tuple[int | None, int | None] | None
    ignored: int = 0

    @property
    def reads_bodies(self) -> bool:
        """Whether a document's own text may be why it is found."""
        return any(clause.why == BODY for group in self.words for clause in group)

    def clauses_by_field(self) -> dict[str, tuple[Clause, ...]]:
        """Return the clauses of words and filters by the public name of their field.

        They tell why a hit was found.
        """
        named: dict[str, list[Clause]] = {}
        for group in (self.filters, *self.words):
            for clause in group:
                named.setdefault(clause.why, []).append(clause)
        return {name: tuple(dict.fromkeys(clauses)) for name, clauses in named.items()}


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What was typed between two spaces: its words, and all of it as one identifier."""

    words: tuple[Word, ...]
    code: str
    date: str | None


def plan(query: Query, scope: Scope, right: ContentRight = ContentRight.NONE) -> Plan:
    """Return how `query` is answered within `scope`; pure, and raises for no typed text.

    The plan of a caller without the `right` to a document's text has no clause of its field.
    """
    fields = tuple(field for field in TEXT_FIELDS if right.covers(field.right))
    chunks, ignored = _chunks(query.text)
    phrases = [vietnamese.words(phrase) for phrase in query.phrases]
    ignored += sum(len(words) for words in phrases[MOST_PHRASES:])
    ignored += sum(max(0, len(words) - MOST_WORDS) for words in phrases[:MOST_PHRASES])
    typed = tuple(word for chunk in chunks for word in chunk.words)
    groups = (
        *_with_departments(_word_groups(chunks, fields), typed, query),
        *(_phrase(words[:MOST_WORDS], fields, query) for words in phrases[:MOST_PHRASES]),
    )
    if query.text.strip() and not chunks:
        # something was asked that holds no word: a group without a clause finds nothing
        groups = ((),)
    stay = (
        query.date_from.toordinal() if query.date_from else None,
        query.date_to.toordinal() if query.date_to else None,
    )
    return Plan(
        scope=tuple(_scope(scope)),
        hidden=tuple(_hidden(scope)),
        filters=tuple(_filters(query)),
        words=groups,
        bonuses=tuple(_bonuses(chunks)),
        stay=None if stay == (None, None) else stay,
        ignored=ignored + query.beyond,
    )


def _chunks(text: str) -> tuple[tuple[_Chunk, ...], int]:
    """Return what is looked for, and how many words behind `MOST_WORDS` are not."""
    chunks: list[_Chunk] = []
    room, ignored = MOST_WORDS, 0
    for typed in text.split():
        words = vietnamese.words(typed)
        kept = words[:room]
        ignored += len(words) - len(kept)
        room -= len(kept)
        if kept:
            typed_date = dates.read(typed.strip(".,;:()"))
            code = "".join(word.folded for word in kept)[:_LONGEST_CODE]
            chunks.append(_Chunk(kept, code, typed_date.token if typed_date else None))
    return tuple(chunks), ignored


def _word_groups(
    chunks: tuple[_Chunk, ...], fields: tuple[TextField, ...]
) -> Iterator[tuple[Clause, ...]]:
    """Yield the clauses of each word.

    An identifier that joins several words counts for each of them.
    """
    spaced: list[list[str]] = [[] for _ in chunks]
    for first, last, joined in _runs(chunks):
        if last > first and any(c.isdigit() for c in joined):
            for index in range(first, last + 1):
                spaced[index].append(joined)
    for chunk, runs in zip(chunks, spaced, strict=True):
        codes = tuple(_code_clauses(chunk, tuple(runs)))
        for word in chunk.words:
            yield (*_text_clauses(word, fields), *codes)


def _with_departments(
    groups: Iterable[tuple[Clause, ...]], typed: Sequence[Word], query: Query
) -> Iterator[tuple[Clause, ...]]:
    """Yield the clauses of each word; words that name a department together find its code, too."""
    named: dict[int, set[str]] = {}
    for places, codes in department_words.runs(typed, query.departments):
        for place in places:
            named.setdefault(place, set()).update(map(vietnamese.code, codes))
    for place, group in enumerate(groups):
        yield (*group, *_of_departments(named[place])) if place in named else group


def _of_departments(codes: Iterable[str]) -> Iterator[Clause]:
    weight = next(field.whole for field in CODE_FIELDS if field.name == _DEPARTMENT)
    yield Clause(ClauseKind.ANY_OF, _DEPARTMENT, tuple(sorted(codes)), weight, _DEPARTMENT)


def _runs(chunks: tuple[_Chunk, ...]) -> Iterator[tuple[int, int, str]]:
    """Yield neighbouring chunks joined into one code, with the places of the first and the last."""
    for first in range(len(chunks)):
        joined = ""
        for last in range(first, min(first + _LONGEST_RUN, len(chunks))):
            joined += chunks[last].code
            if len(joined) > _LONGEST_CODE:
                break
            yield first, last, joined


def _text_clauses(word: Word, fields: tuple[TextField, ...]) -> Iterator[Clause]:
    for field in fields:
        why = field.public_name
        yield Clause(ClauseKind.ANY_OF, field.exact_name, (word.exact,), field.exact, why)
        if word.has_diacritics:
            yield Clause(ClauseKind.ANY_OF, field.exact_name, (word.folded,), field.bare, why)
        yield Clause(ClauseKind.ANY_OF, field.name, (word.folded,), field.folded, why)


def _code_clauses(chunk: _Chunk, runs: tuple[str, ...]) -> Iterator[Clause]:
    for field in CODE_FIELDS:
        codes = {chunk.code}
        if chunk.date:
            codes.add(chunk.date)
        if field.spaced:
            codes.update(runs)
        yield Clause(ClauseKind.ANY_OF, field.name, tuple(sorted(codes)), field.whole, field.name)
        if (
            field.prefix
            and len(chunk.code) >= _SHORTEST_PREFIX
            and any(c.isdigit() for c in chunk.code)
        ):
            yield Clause(ClauseKind.PREFIX, field.name, (chunk.code,), field.prefix, field.name)
    if chunk.code.isdigit() and len(chunk.code) >= FEWEST_END_DIGITS:
        turned = (chunk.code[::-1],)
        yield Clause(ClauseKind.PREFIX, ENDS_FIELD, turned, ENDS_WEIGHT, "identifiers")


def _phrase(
    words: tuple[Word, ...], fields: tuple[TextField, ...], query: Query
) -> tuple[Clause, ...]:
    """Return the clauses of a phrase: words in this order.

    They need their diacritics if any was typed with one.
    """
    if not words:
        return ()
    strict = any(word.has_diacritics for word in words)
    texts = tuple(
        Clause(
            ClauseKind.PHRASE,
            field.exact_name if strict else field.name,
            tuple(word.exact if strict else word.folded for word in words),
            len(words) * (field.exact if strict else field.folded),
            field.public_name,
        )
        for field in fields
    )
    joined = "".join(word.folded for word in words)
    codes = tuple(
        Clause(ClauseKind.ANY_OF, field.name, (joined,), len(words) * field.whole, field.name)
        for field in CODE_FIELDS
    )
    named = {
        vietnamese.code(code)
        for places, codes_named in department_words.runs(words, query.departments)
        if len(places) == len(words)
        for code in codes_named
    }
    return (*texts, *codes, *(_of_departments(named) if named else ()))


def _bonuses(chunks: tuple[_Chunk, ...]) -> Iterator[Clause]:
    names = tuple(
        sorted({joined for _, _, joined in _runs(chunks) if not any(c.isdigit() for c in joined)})
    )
    if names:
        yield Clause(ClauseKind.ANY_OF, "whole_name", names, WHOLE_NAME_BONUS, "patient_name")
    folded = [word.folded for chunk in chunks for word in chunk.words]
    for pair in dict.fromkeys(pairwise(folded)):
        for field in TEXT_FIELDS:
            if field.order:
                yield Clause(ClauseKind.PHRASE, field.name, pair, field.order, field.name)


def _filters(query: Query) -> Iterator[Clause]:
    if query.department is not None:
        yield from _department_filters(query.department, query.departments)
    for field, value in (
        ("form", query.form),
        ("icd10", query.icd10),
        ("archive_number", query.archive_number),
        ("kind", query.kind),
        ("outcome", query.outcome),
    ):
        if value is not None:
            code = vietnamese.code(value)
            if len(code) > _LONGEST_FILTER:
                code = ""  # nothing has it
            if field == "icd10" and code:
                yield Clause(ClauseKind.PREFIX, field, (code,), 0, field)
            else:
                yield Clause(ClauseKind.ANY_OF, field, (code,) if code else (), 0, field)


def _department_filters(typed: str, known: tuple[DepartmentAlias, ...]) -> Iterator[Clause]:
    """Yield a clause for each department that is typed, by its code or a name of it."""
    parts = codes_of(typed)
    if len(parts) > _MOST_DEPARTMENTS or department_words.codes_named(typed, known):
        parts = (typed,)
    for part in parts or (typed,):
        named = map(vietnamese.code, department_words.codes_named(part, known))
        code = vietnamese.code(part)
        fits = code and len(code) <= _LONGEST_FILTER
        codes = tuple(sorted({code, *named})) if fits else ()  # nothing has it
        yield Clause(ClauseKind.ANY_OF, _DEPARTMENT, codes, 0, _DEPARTMENT)


def _scope(scope: Scope) -> Iterator[Clause]:
    yield Clause(ClauseKind.ANY_OF, "scope_facility", (scope.facility,), 0, "")
    if scope.departments is not None:
        yield Clause(ClauseKind.ANY_OF, "scope_department", tuple(sorted(scope.departments)), 0, "")


def _hidden(scope: Scope) -> Iterator[Clause]:
    if scope.hidden_forms:
        codes = tuple(sorted(map(vietnamese.code, scope.hidden_forms)))
        yield Clause(ClauseKind.ANY_OF, "form", codes, 0, "")
