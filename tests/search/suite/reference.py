"""What a plan means, in plain Python and slow: the yardstick that every engine is measured with."""

from collections.abc import Iterable

from archive.access.scope import Scope
from archive.base.departments import codes_of
from archive.base.identifiers import DocumentId
from search.contract import DEEPEST, ContentRight, Entry, Query, Results
from search.fields import FIELD_NAMES
from search.highlight import Highlighter
from search.plan import Clause, ClauseKind, Plan, plan
from search.stored_hit import StoredHit, hit, stored_body, stored_hit
from search.tokens import Tokens, tokens


class ReferenceIndex:
    """A :class:`search.contract.Index` in a dictionary."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Entry, Tokens]] = {}

    def put(self, entries: Iterable[Entry]) -> None:
        """Add or replace."""
        for entry in entries:
            there = self._entries.get(entry.document_id)
            if there is None or there[0].version <= entry.version:
                self._entries[entry.document_id] = (entry, tokens(entry))

    def remove(self, document_ids: Iterable[DocumentId]) -> None:
        """Forget."""
        for document_id in document_ids:
            self._entries.pop(document_id, None)

    def bodies(self, document_ids: Iterable[DocumentId]) -> dict[DocumentId, str]:
        """Return the texts that were put."""
        entries = (self._entries[each][0] for each in document_ids if each in self._entries)
        return {
            entry.document_id: body for entry in entries if (body := stored_body(entry)) is not None
        }

    def search(
        self, query: Query, scope: Scope, right: ContentRight = ContentRight.NONE
    ) -> Results:
        """Look at every entry."""
        planned = plan(query, scope, right)
        ranked = [
            (score, analysed.recency, analysed.sequence, entry, analysed)
            for entry, analysed in self._entries.values()
            if scope.holds(entry.facility, entry.department)
            and (score := self._score(planned, entry, analysed)) is not None
        ]
        ranked.sort(key=lambda hit: hit[:3], reverse=True)
        first = max(query.offset, 0)
        page = ranked[first : min(first + max(query.limit, 0), DEEPEST)]
        by_field, highlighter = planned.clauses_by_field(), Highlighter(planned)
        hits = []
        for score, _, _, entry, analysed in page:
            named = {
                n
                for n, clauses in by_field.items()
                if any(_matches(c, entry, analysed) for c in clauses)
            }
            why = tuple(name for name in FIELD_NAMES if name in named)
            kept = StoredHit.read(stored_hit(entry))
            hits.append(hit(kept, float(score), why, highlighter, stored_body(entry)))
        return Results(len(ranked), tuple(hits), planned.ignored)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()

    def count(self) -> int:
        """Count."""
        return len(self._entries)

    def release_writer(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def _score(self, planned: Plan, entry: Entry, analysed: Tokens) -> int | None:
        if not all(
            _matches(clause, entry, analysed) for clause in (*planned.scope, *planned.filters)
        ):
            return None
        if any(_matches(clause, entry, analysed) for clause in planned.hidden):
            return None
        if planned.stay and not _meets(planned.stay, analysed.stay):
            return None
        score = sum(bonus.weight for bonus in planned.bonuses if _matches(bonus, entry, analysed))
        for group in planned.words:
            worths = [clause.weight for clause in group if _matches(clause, entry, analysed)]
            if not worths:
                return None
            score += max(worths)
        return score if planned.words else 0


def _matches(clause: Clause, entry: Entry, analysed: Tokens) -> bool:
    if clause.field == "scope_facility":
        return entry.facility in clause.tokens
    if clause.field == "scope_department":
        return not set(codes_of(entry.department)).isdisjoint(clause.tokens)
    stored = analysed.texts.get(clause.field) or analysed.codes.get(clause.field) or ()
    if clause.kind is ClauseKind.PREFIX:
        return any(token.startswith(clause.tokens[0]) for token in stored)
    if clause.kind is ClauseKind.ANY_OF:
        return not set(stored).isdisjoint(clause.tokens)
    length = len(clause.tokens)
    return any(stored[at : at + length] == clause.tokens for at in range(len(stored) - length + 1))


def _meets(asked: tuple[int | None, int | None], stay: tuple[int, int] | None) -> bool:
    if stay is None:
        return False
    first, last = asked
    return (first is None or stay[1] >= first) and (last is None or stay[0] <= last)
