"""Which parts of a shown text matched.

Plan and analysis alone decide it, so all engines agree.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from archive.base.text import normal, stream_safe
from search import dates, vietnamese
from search.contract import Highlight
from search.fields import EXACT_NAMES, TEXT_FIELDS
from search.passage import ELLIPSIS, passage, pattern_of
from search.plan import BODY, Clause, ClauseKind, Plan
from search.tokens import archive_number, icd10
from search.vietnamese import Span

Ranges = tuple[tuple[int, int], ...]
_TEXTS = frozenset(field.public_name for field in TEXT_FIELDS)


class Highlighter:
    """Finds for one plan the parts of a text to mark.

    Words and phrases are marked word by word, codes whole. A page of hits repeats titles and
    diagnoses: what was found in a text is kept for as long as the highlighter.
    """

    def __init__(self, plan: Plan) -> None:
        self._fields = {
            field: _Matcher(field, clauses) for field, clauses in plan.clauses_by_field().items()
        }
        self._words = [
            _Word(group) for group in plan.words if any(clause.why == BODY for clause in group)
        ]

    def ranges(self, field: str, text: str) -> Ranges:
        """Return the ranges of `text` that matched as the field of this public name.

        `text` is shown unchanged.

        `nguyen` marks `Nguyễn`, because it finds it. Ranges are in order and do not meet.
        """
        matcher = self._fields.get(field)
        return matcher.ranges(text) if matcher is not None and text else ()

    def highlights(self, shown: Iterable[tuple[str, str]]) -> tuple[Highlight, ...]:
        """Return the highlights of texts that have anything to be marked.

        Each text comes with the name of its field.
        """
        highlights = []
        for field, text in shown:
            nfc = normal(stream_safe(text))
            if ranges := self.ranges(field, nfc):
                highlights.append(Highlight(field, nfc, ranges))
        return tuple(highlights)

    def passage(self, body: str, shown: Sequence[tuple[str, str]]) -> Highlight | None:
        """Return the passage of `body` (NFC) that shows the words which no text in `shown` has.

        None where there is no such word in it.
        """
        missing = [word.pattern for word in self._words if not word.is_in(shown)]
        cut = passage(body, [pattern for pattern in missing if pattern is not None])
        if cut is None:
            return None
        before = 1 if cut.startswith(ELLIPSIS) else 0
        inner = cut[before:].removesuffix(ELLIPSIS)
        ranges = tuple((a + before, b + before) for a, b in self.ranges(BODY, inner))
        return Highlight(BODY, cut, ranges) if ranges else None


class _Matcher:
    """What some clauses match in the texts of one field."""

    def __init__(self, field: str, clauses: Iterable[Clause]) -> None:
        self._field, self._clauses = field, tuple(clauses)
        words = [clause for clause in self._clauses if clause.kind is ClauseKind.ANY_OF]
        self._exact = frozenset(t for c in words if c.field in EXACT_NAMES for t in c.tokens)
        self._folded = frozenset(t for c in words if c.field not in EXACT_NAMES for t in c.tokens)
        self._phrases = [clause for clause in self._clauses if clause.kind is ClauseKind.PHRASE]
        self._known: dict[str, Ranges] = {}

    def ranges(self, text: str) -> Ranges:
        """Return the ranges of `text` that a clause matches."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._found(text)
        return known

    def _found(self, text: str) -> Ranges:
        if self._field in _TEXTS:
            return _merged(self._in_words(vietnamese.spans(text)))
        tokens = _tokens(self._field, text)
        return ((0, len(text)),) if any(_holds(clause, tokens) for clause in self._clauses) else ()

    def _in_words(self, spans: Sequence[Span]) -> set[tuple[int, int]]:
        """Return the ranges of the words that some clause matches."""
        ranges = {
            (span.start, span.end)
            for span in spans
            if span.word.exact in self._exact or span.word.folded in self._folded
        }
        for clause in self._phrases:
            is_exact, length = clause.field in EXACT_NAMES, len(clause.tokens)
            stored = [span.word.exact if is_exact else span.word.folded for span in spans]
            for at in range(len(stored) - length + 1):
                if tuple(stored[at : at + length]) == clause.tokens:
                    ranges.update((span.start, span.end) for span in spans[at : at + length])
        return ranges


class _Word:
    """One word or phrase that was typed, and where it may be: in shown texts or in the body."""

    def __init__(self, group: Sequence[Clause]) -> None:
        self._group = group
        fields = dict.fromkeys(clause.why for clause in group)
        self._fields = {
            field: _Matcher(field, (clause for clause in group if clause.why == field))
            for field in fields
        }

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """What finds it in a body."""
        return pattern_of([clause for clause in self._group if clause.why == BODY])

    def is_in(self, shown: Iterable[tuple[str, str]]) -> bool:
        """Tell whether a text that is shown has it already."""
        return any(
            self._fields[field].ranges(text)
            for field, text in shown
            if text and field in self._fields
        )


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Put ranges in order and join those that overlap: one character may be two words (`½`)."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _tokens(field: str, text: str) -> tuple[str, ...]:
    if field == "archive_number":
        return archive_number(text)
    if field == "icd10":
        return icd10((text,))
    read = dates.read(text) if field in ("birth_date", "dates") else None
    if read is not None:
        return tuple(read.token[:length] for length in (4, 6, 8) if len(read.token) >= length)
    return (vietnamese.code(text),)


def _holds(clause: Clause, tokens: tuple[str, ...]) -> bool:
    if clause.kind is ClauseKind.PREFIX:
        return any(token.startswith(clause.tokens[0]) for token in tokens)
    return not set(clause.tokens).isdisjoint(tokens)
