"""How Elasticsearch stores an entry, and how a plan becomes a request.

All tokens come ready-made; the `whitespace` analyzer only splits them, codes and keys are
`keyword`. Nothing here needs more than the core: no plugin, no script, no ingest pipeline.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from archive.base.departments import codes_of
from archive.base.identifiers import DocumentId
from search.contract import DEEPEST, Entry, Hit
from search.fields import FIELD_NAMES, TEXT_FIELDS, TOKEN_FIELDS
from search.highlight import Highlighter
from search.plan import Clause, ClauseKind, Plan
from search.stored_hit import StoredHit, hit, stored_body, stored_hit
from search.tokens import ANALYSIS_VERSION, tokens

FORMAT_VERSION = 2
"""Increased with every change of the mapping.

A new index is then built beside the older one, which serves meanwhile. The fields of the scope keep
their names and meaning for ever: queries use them while an older index serves.
"""

MADE_BY: dict[str, str | int] = {
    "engine": "elasticsearch",
    "format": FORMAT_VERSION,
    "analysis": ANALYSIS_VERSION,
}
SCHEMA = f"v{FORMAT_VERSION}-{ANALYSIS_VERSION}"
ORDER = ("recency", "sequence")

_LONGEST_KEYWORD = 8_000  # characters; longer identifiers can be shown, not asked for


def template() -> dict[str, Any]:
    """Return settings and mapping of an index.

    One primary shard carries a facility's millions of documents; a second node, where there is one,
    keeps a copy. Writes are on the disk before they are answered. The refresh interval is explicit:
    without it, an index that was not searched for a while delays its refreshes. Only what a hit
    shows is kept beside the tokens.
    """
    return {
        "settings": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "refresh_interval": "1s",
            "translog.durability": "request",
            "max_result_window": DEEPEST,
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": {"kho": MADE_BY},
            "_source": {"includes": ["hit", "kept_body"]},
            "properties": _properties(),
        },
    }


def _properties() -> dict[str, Any]:
    words = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "positions"}
    key = {"type": "keyword", "doc_values": False}
    code = {**key, "ignore_above": _LONGEST_KEYWORD}
    day = {"type": "long", "doc_values": False}
    order = {"type": "long", "index": False}
    kept = {**key, "index": False}
    return {
        **dict.fromkeys(("scope_facility", "scope_department"), key),
        **{name: words for field in TEXT_FIELDS for name in (field.name, field.exact_name)},
        **dict.fromkeys(TOKEN_FIELDS, code),
        **dict.fromkeys(("stay_first", "stay_last"), day),
        **dict.fromkeys(ORDER, order),
        **dict.fromkeys(("hit", "kept_body"), kept),
    }


def document(entry: Entry) -> dict[str, Any]:
    """Return `entry` as Elasticsearch's document; its id is the entry's."""
    analysed = tokens(entry)
    source: dict[str, Any] = {
        "scope_facility": entry.facility,
        "recency": analysed.recency,
        "sequence": analysed.sequence,
        "hit": stored_hit(entry),
        **{name: " ".join(words) for name, words in analysed.texts.items() if words},
        **{name: list(codes) for name, codes in analysed.codes.items() if codes},
    }
    if (body := stored_body(entry)) is not None:
        source["kept_body"] = body
    if departments := codes_of(entry.department):
        source["scope_department"] = list(departments)
    if analysed.stay:
        source["stay_first"], source["stay_last"] = analysed.stay
    return source


def request(plan: Plan, first: int, size: int) -> dict[str, Any]:
    """Return the body of a search for the hits from place `first`.

    Filters are in the clear; scores come from the plan alone.

    Every clause is named by its field, so that the answer tells why each hit was found.
    """
    filters = [
        _named(_clause(clause), "filter", number, clause.why)
        for number, clause in enumerate(plan.filters)
    ]
    filters += [_clause(clause) for clause in plan.scope]
    filters += _stay(plan)
    newest_first = [{name: {"order": "desc", "unmapped_type": "long"}} for name in ORDER]
    return {
        "query": {
            "bool": {
                "filter": filters,
                "must_not": [_clause(clause) for clause in plan.hidden],
                "must": [_best_of(group, number) for number, group in enumerate(plan.words)],
                "should": [_worth(clause) for clause in plan.bonuses],
            }
        },
        "sort": [{"_score": "desc"}, *newest_first] if plan.words else newest_first,
        "from": first,
        "size": size,
        "_source": ["hit", "kept_body"] if plan.reads_bodies else ["hit"],
        "track_total_hits": True,
    }


def page_of_hits(answer: dict[str, Any], highlighter: Highlighter) -> tuple[int, tuple[Hit, ...]]:
    """Return the exact total and the page of hits.

    Raises KeyError, TypeError or ValueError for another answer.
    """
    total, relation = answer["hits"]["total"]["value"], answer["hits"]["total"]["relation"]
    if (
        not isinstance(total, int)
        or relation != "eq"
        or answer["timed_out"]
        or answer["_shards"]["failed"]
    ):
        raise ValueError("the answer is not whole")
    return total, tuple(_hit(hit, highlighter) for hit in answer["hits"]["hits"])


def _hit(hit_json: dict[str, Any], highlighter: Highlighter) -> Hit:
    named = {name.rpartition(".")[2] for name in hit_json.get("matched_queries", ())}
    why = tuple(name for name in FIELD_NAMES if name in named)
    source, score = hit_json["_source"], float(hit_json["_score"] or 0)
    stored, body = StoredHit.read(source["hit"]), source.get("kept_body")
    if stored.document_id != hit_json["_id"] or not isinstance(body, str | None):
        raise ValueError("a hit is not the document that it says")
    return hit(stored, score, why, highlighter, body)


def bodies(index: str, document_ids: list[DocumentId], es: Any) -> dict[DocumentId, str]:
    """Return the texts that `index` keeps of these documents.

    Raises KeyError or ValueError for another answer.
    """
    answer = es.mget(index=index, ids=document_ids, source_includes=["kept_body"])
    kept = {
        DocumentId(document["_id"]): document["_source"]["kept_body"]
        for document in answer["docs"]
        if document.get("found") and "kept_body" in document["_source"]
    }
    if not kept.keys() <= set(document_ids) or not all(isinstance(t, str) for t in kept.values()):
        raise ValueError("a text is not of a document that was asked for")
    return kept


def _best_of(group: tuple[Clause, ...], number: int) -> dict[str, Any]:
    """Return the weightiest of a group's clauses as a query, named field by field."""
    by_field = groupby(sorted(group, key=lambda clause: clause.why), key=lambda clause: clause.why)
    queries = [
        _named(_dis_max(map(_worth, clauses)), "word", number, why) for why, clauses in by_field
    ]
    return _dis_max(queries) if queries else {"match_none": {}}


def _dis_max(queries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"dis_max": {"tie_breaker": 0, "queries": list(queries)}}


def _named(query: dict[str, Any], what: str, number: int, why: str) -> dict[str, Any]:
    """Return `query` under a unique name.

    Of two queries with one name, only the last is reported.
    """
    (kind, body), *_ = query.items()
    if kind not in ("dis_max", "match_none"):
        kind, body = "bool", {"filter": [query]}
    return {kind: {**body, "_name": f"{what}{number}.{why}"}}


def _worth(clause: Clause) -> dict[str, Any]:
    return {"constant_score": {"filter": _clause(clause), "boost": clause.weight}}


def _clause(clause: Clause) -> dict[str, Any]:
    if not clause.tokens:
        return {"match_none": {}}
    if clause.kind is ClauseKind.PREFIX:
        return {"prefix": {clause.field: {"value": clause.tokens[0]}}}
    if len(clause.tokens) == 1:
        return {"term": {clause.field: {"value": clause.tokens[0]}}}
    if clause.kind is ClauseKind.PHRASE:
        return {
            "match_phrase": {
                clause.field: {"query": " ".join(clause.tokens), "analyzer": "whitespace"}
            }
        }
    return {"terms": {clause.field: list(clause.tokens)}}


def _stay(plan: Plan) -> Iterable[dict[str, Any]]:
    """Yield what a stay has to match to meet the days asked for: to end, and to begin, in time."""
    first, last = plan.stay or (None, None)
    if first is not None:
        yield {"range": {"stay_last": {"gte": first}}}
    if last is not None:
        yield {"range": {"stay_first": {"lte": last}}}
