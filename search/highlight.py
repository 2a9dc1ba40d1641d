"""Which parts of a shown text matched.

Plan and analysis alone decide it, so all engines agree.
"""

from collections.abc import Iterable, Sequence

from archive.base.text import normal, stream_safe
from search import dates, vietnamese
from search.contract import Highlight
from search.fields import TEXT_FIELDS
from search.plan import Clause, ClauseKind, Plan
from search.tokens import archive_number, icd10
from search.vietnamese import Span

Ranges = tuple[tuple[int, int], ...]
_TEXTS = {field.name: field for field in TEXT_FIELDS}


class Highlighter:
    """Finds for one plan the parts of a text to mark.

    Words and phrases are marked word by word, codes whole.
    """

    def __init__(self, plan: Plan) -> None:
        self._clauses = plan.clauses_by_field()

    def ranges(self, field: str, text: str) -> Ranges:
        """Return the ranges of `text` that matched as the field of this public name.

        `text` is shown unchanged.

        `nguyen` marks `Nguyễn`, because it finds it. Ranges are in order and do not meet.
        """
        clauses = self._clauses.get(field)
        if not clauses or not text:
            return ()
        if field in _TEXTS:
            return _merged(_in_words(clauses, vietnamese.spans(text), _TEXTS[field].exact_name))
        tokens = _tokens(field, text)
        return ((0, len(text)),) if any(_holds(clause, tokens) for clause in clauses) else ()

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


def _in_words(
    clauses: Sequence[Clause], spans: Sequence[Span], exact_name: str
) -> set[tuple[int, int]]:
    """Return the ranges of the words that some clause matches."""
    exact, folded = [span.word.exact for span in spans], [span.word.folded for span in spans]
    ranges: set[tuple[int, int]] = set()
    for clause in clauses:
        stored = exact if clause.field == exact_name else folded
        length = len(clause.tokens) if clause.kind is ClauseKind.PHRASE else 1
        for at in range(len(stored) - length + 1):
            here = tuple(stored[at : at + length])
            if here == clause.tokens or (
                clause.kind is ClauseKind.ANY_OF and here[0] in clause.tokens
            ):
                ranges.update(
                    (spans[place].start, spans[place].end) for place in range(at, at + length)
                )
    return ranges


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
