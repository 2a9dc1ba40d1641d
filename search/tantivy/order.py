"""The best hits of a Tantivy index in the order that every engine keeps.

This holds also where very many hits have the same score.

Tantivy leaves hits of equal score in the order of its segments, and returns no more of them than
requested. So Kho fetches all hits that score like the last wanted one and sorts them here. Where
these are too many, Kho repeats the search with half a point more for the newest matches: scores are
whole numbers, so among equals the newest come first and nothing else changes.
"""

from math import floor
from typing import Any

import tantivy

from search.plan import Plan
from search.tantivy.schema import ORDER, Translator

_FETCHED = 200  # hits, however few are wanted
_NEWEST = 800  # matches that are put before their equals
_FURTHER = 8  # times as many, where they were not enough
Ranked = list[tuple[float, tantivy.DocAddress]]


def best(
    searcher: tantivy.Searcher, translator: Translator, plan: Plan, wanted: int
) -> tuple[int, Ranked]:
    """Return how many match, and the first `wanted` of them in order with their scores.

    There may be more than `wanted`.
    """
    wanted = max(wanted, 1)
    if not plan.words:
        return _newest(searcher, translator, plan, wanted)
    query, limit = translator.query(plan), max(2 * wanted, _FETCHED)
    total, hits = _search(searcher, query, limit)
    reach, limit = _NEWEST, _NEWEST + limit
    while not _is_enough(hits, wanted, total):
        _, hits = _search(
            searcher,
            translator.newest_first(plan, _recency(searcher, query, min(reach, total))),
            limit,
        )
        if _is_enough(hits, wanted, total):
            break
        # the wanted are among the newest, and more of these score the same
        if hits[wanted - 1][0] % 1:
            limit *= _FURTHER
        else:
            reach *= _FURTHER
    return total, _in_order(
        searcher, [(floor(score), address) for score, address in _as_good(hits, wanted)]
    )


def _newest(
    searcher: tantivy.Searcher, translator: Translator, plan: Plan, wanted: int
) -> tuple[int, Ranked]:
    """Return what the filters leave, newest first: nothing was asked that could be scored."""
    limit = max(2 * wanted, _FETCHED)
    while True:
        answer: Any = searcher.search(translator.query(plan), limit, order_by_field=ORDER[0])
        if _is_enough(answer.hits, wanted, answer.count):
            return answer.count, _in_order(
                searcher, [(0, address) for _, address in _as_good(answer.hits, wanted)]
            )
        limit *= _FURTHER


def _search(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> tuple[int, Any]:
    answer: Any = searcher.search(query, limit)  # the stubs do not know its count
    return answer.count, answer.hits


def _recency(searcher: tantivy.Searcher, query: tantivy.Query, place: int) -> int:
    """Return the recency of the match at this place (1: the newest)."""
    answer: Any = searcher.search(query, 1, order_by_field=ORDER[0], offset=place - 1)
    recency: int = answer.hits[0][0]
    return recency


def _is_enough(hits: Any, wanted: int, total: int) -> bool:
    """Tell whether `hits` has all that rank like the last wanted hit, or all that there are."""
    return len(hits) >= total or hits[-1][0] < hits[wanted - 1][0]


def _as_good(hits: Any, wanted: int) -> Any:
    """Leave out what ranks behind the last wanted hit."""
    worst = hits[wanted - 1][0] if len(hits) >= wanted else None
    return [hit for hit in hits if worst is None or hit[0] >= worst]


def _in_order(searcher: tantivy.Searcher, scored: list[tuple[int, tantivy.DocAddress]]) -> Ranked:
    addresses = [address for _, address in scored]
    recency, sequence = (searcher.fast_field_values(name, addresses) for name in ORDER)
    ranked = sorted(
        zip(scored, recency, sequence, strict=True),
        key=lambda entry: (entry[0][0], *entry[1:]),
        reverse=True,
    )
    return [(float(score), address) for (score, address), *_ in ranked]
