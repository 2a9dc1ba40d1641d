"""How Tantivy stores an entry and runs a plan.

All tokens come ready-made; Tantivy only splits at spaces.
"""

from collections.abc import Iterable, Sequence

import tantivy

from archive.base.departments import codes_of
from search.contract import Entry
from search.fields import TEXT_FIELDS, TOKEN_FIELDS
from search.plan import Clause, ClauseKind, Plan
from search.stored_hit import stored_body, stored_hit
from search.tokens import tokens

ORDER = ("recency", "sequence")  # what puts hits of equal score in order, the larger first
_KEYS = ("document_id", "scope_facility", "scope_department")  # compared byte for byte


def schema() -> tantivy.Schema:
    """Return the schema.

    A change of it needs a new `FORMAT_VERSION` in :mod:`search.tantivy.index`.
    """
    builder = tantivy.SchemaBuilder()
    for name in _KEYS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for text in TEXT_FIELDS:
        for name in (text.name, text.exact_name):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in TOKEN_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in ("stay_first", "stay_last", *ORDER):
        builder.add_integer_field(name, indexed=True, fast=True)
    # all that is kept of an entry besides its tokens
    builder.add_bytes_field("hit", stored=True)
    builder.add_bytes_field("kept_body", stored=True)
    return builder.build()


def document(entry: Entry) -> tantivy.Document:
    """Return `entry` as Tantivy's document."""
    analysed = tokens(entry)
    tantivy_document = tantivy.Document()
    tantivy_document.add_text("document_id", entry.document_id)
    tantivy_document.add_text("scope_facility", entry.facility)
    for code in codes_of(entry.department):
        tantivy_document.add_text("scope_department", code)
    for name, values in (*analysed.texts.items(), *analysed.codes.items()):
        if values:
            tantivy_document.add_text(name, " ".join(values))
    if analysed.stay:
        tantivy_document.add_integer("stay_first", analysed.stay[0])
        tantivy_document.add_integer("stay_last", analysed.stay[1])
    tantivy_document.add_integer("recency", analysed.recency)
    tantivy_document.add_integer("sequence", analysed.sequence)
    tantivy_document.add_bytes("hit", stored_hit(entry).encode("ascii"))
    if (body := stored_body(entry)) is not None:
        tantivy_document.add_bytes("kept_body", body.encode("utf-8"))
    return tantivy_document


class Translator:
    """Turns plans into Tantivy's query objects.

    It never uses the query language, so nothing typed is ever an operator.
    """

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def query(self, plan: Plan) -> tantivy.Query:
        """Return the whole plan as one scored query."""
        must = [_worth(self._clause(clause), 0) for clause in (*plan.scope, *plan.filters)]
        if plan.stay:
            must += [_worth(query, 0) for query in self._stay(*plan.stay)]
        must += [self._best_of(group) for group in plan.words]
        should = [_worth(self._clause(clause), clause.weight) for clause in plan.bonuses]
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, query) for query in must]
            + [(tantivy.Occur.MustNot, self._clause(clause)) for clause in plan.hidden]
            + [(tantivy.Occur.Should, query) for query in should]
        )

    def newest_first(self, plan: Plan, since: int) -> tantivy.Query:
        """Return the plan as :meth:`query` does, with half a point for recent documents.

        Recent means not older than the recency `since`.

        Scores are whole numbers, so this puts the newer first among equals and changes nothing
        else.
        """
        integer = tantivy.FieldType.Integer
        newer = tantivy.Query.range_query(self._schema, "recency", integer, lower_bound=since)
        half = tantivy.Query.const_score_query(newer, 0.5)
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, self.query(plan)), (tantivy.Occur.Should, half)]
        )

    def any_of(self, clauses: Iterable[Clause], document_ids: Sequence[str]) -> tantivy.Query:
        """Return a query for those of `document_ids` that match any of `clauses`."""
        return tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, self.documents(document_ids)),
                (tantivy.Occur.Must, self._best_of(clauses)),
            ]
        )

    def documents(self, document_ids: Sequence[str]) -> tantivy.Query:
        """Return a query for these documents."""
        return tantivy.Query.disjunction_max_query(
            [
                tantivy.Query.term_query(self._schema, "document_id", document_id, "basic")
                for document_id in document_ids
            ]
        )

    def _best_of(self, clauses: Iterable[Clause]) -> tantivy.Query:
        queries = [_worth(self._clause(clause), clause.weight) for clause in clauses]
        return (
            tantivy.Query.disjunction_max_query(queries) if queries else tantivy.Query.empty_query()
        )

    def _clause(self, clause: Clause) -> tantivy.Query:
        if not clause.tokens:
            return tantivy.Query.empty_query()
        if (
            clause.kind is ClauseKind.PREFIX
        ):  # at distance 0 nothing is fuzzy in it, and it is made 300 times faster than a regex
            return tantivy.Query.fuzzy_term_query(
                self._schema, clause.field, clause.tokens[0], distance=0, prefix=True
            )
        if len(clause.tokens) == 1:
            return tantivy.Query.term_query(self._schema, clause.field, clause.tokens[0], "basic")
        if clause.kind is ClauseKind.PHRASE:
            return tantivy.Query.phrase_query(self._schema, clause.field, list(clause.tokens))
        return tantivy.Query.term_set_query(self._schema, clause.field, list(clause.tokens))

    def _stay(self, first: int | None, last: int | None) -> list[tantivy.Query]:
        """Return what a stay has to match to meet the days from `first` to `last`.

        It ends, and begins, in time.
        """
        integer, ranges = tantivy.FieldType.Integer, []
        if first is not None:
            ranges.append(
                tantivy.Query.range_query(self._schema, "stay_last", integer, lower_bound=first)
            )
        if last is not None:
            ranges.append(
                tantivy.Query.range_query(self._schema, "stay_first", integer, upper_bound=last)
            )
        return ranges


def _worth(query: tantivy.Query, weight: int) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, float(weight))
