"""Search: one word to five, with filters and a scope, over an index of many records."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import yaml

from archive.access.scope import Scope
from archive.base.bilingual import Text
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode
from bench.context import Context
from bench.papers import FACILITY
from bench.programs import percentile
from bench.report import Figure
from search.contract import ContentRight, Entry, Index, Query
from search.tantivy.index import TantivyIndex

_DATA = yaml.safe_load(files("bench").joinpath("words.yaml").read_text(encoding="utf-8"))
_FAMILY, _MIDDLE, _GIVEN, _WORDS = (
    _DATA[name].split() for name in ("family", "middle", "given", "body")
)
_ILLS: dict[str, str] = _DATA["ills"]
_FORMS = ("01/BV1", "15/BV1", "36/BV2", "16/BV2", "GRV/TT25", "TTHSBA/TT25")
_DEPARTMENTS = [f"K{number:02}" for number in range(1, 31)]
_BATCH = 5000
_PREFIX = "kho-bench"


def measure(context: Context) -> Iterator[Figure]:
    """Yield p95 of a search in the embedded index,
    and beside Elasticsearch where a node is given.
    """
    queries = context.pick(400, 2000)
    with ExitStack() as closing:
        index = closing.enter_context(TantivyIndex.recreate(context.folder / "index"))
        started = time.perf_counter()
        _feed(index, context.records)
        fed = context.records / (time.perf_counter() - started)
        times = [_ask(index, *question) for question in _questions(queries, random.Random(7))]
    p50, p95 = percentile(times, 0.5) * 1000, percentile(times, 0.95) * 1000
    yield Figure(
        "search",
        p95,
        f"{p95:.2f} ms",
        note=f"{context.records} records, p50 {p50:.2f} ms, fed {fed:.0f}/s",
    )
    if context.elasticsearch is None:
        yield Figure(
            "search-elastic", None, note="no node was given: make bench ARGS='--elasticsearch URL'"
        )
        return
    yield _beside_elasticsearch(context, context.elasticsearch, queries)


def _beside_elasticsearch(context: Context, url: str, queries: int) -> Figure:
    from archive.base.clock import SystemClock
    from archive.base.leases import FileLeases
    from search.elastic.connection import ElasticConnection
    from search.elastic.index import ElasticEngine
    from search.elastic.indices import ElasticIndices

    took: list[float] = []

    class Timed(ElasticConnection):
        """Keeps what the node says that each search took, in seconds."""

        def read(self, undone: Any, ask: Any) -> Any:
            """Search through a client that reads the answers."""
            return super().read(undone, lambda client: ask(_Listening(client, took)))

    connection = Timed(url, username="", password="", ca_file=None)
    engine = ElasticEngine(
        connection,
        ElasticIndices(connection, _PREFIX, FACILITY),
        FileLeases(context.folder / "leases"),
        SystemClock(),
    )
    try:
        with engine.remade() as index:
            _feed(index, context.records)
        index = engine.open()
        times = [_ask(index, *question) for question in _questions(queries, random.Random(7))]
    finally:
        indices = connection.read(
            Text("", ""), lambda es: sorted(es.indices.get(index=f"{_PREFIX}-*"))
        )
        # By name: a node refuses to delete by pattern.
        connection.write(Text("", ""), lambda es: es.indices.delete(index=",".join(indices)))
        engine.close()
    # the node counts in milliseconds
    behind, own = percentile(times, 0.95), max(percentile(took, 0.95), 0.001)
    return Figure("search-elastic", behind / own, f"{behind * 1000:.1f} ms", f"{own * 1000:.0f} ms")


class _Listening:
    """An Elasticsearch client that records the time of each search."""

    def __init__(self, client: Any, took: list[float]) -> None:
        self._client, self._took = client, took

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def search(self, *arguments: Any, **more: Any) -> Any:
        """Search, and keep `took`."""
        answer = self._client.search(*arguments, **more)
        self._took.append(answer["took"] / 1000)
        return answer


def _feed(index: Index, count: int) -> None:
    chance = random.Random(1)
    for start in range(0, count, _BATCH):
        index.put(entry(number, chance) for number in range(start, min(start + _BATCH, count)))


def entry(number: int, chance: random.Random) -> Entry:
    """Return an invented paper, for an index only."""
    ill = chance.choice(list(_ILLS))
    came = date(2020, 1, 1) + timedelta(days=chance.randrange(2500))
    return Entry(
        document_id=DocumentId(f"01900000-0000-7000-8000-{number:012x}"),
        chart_id=ChartId(f"01900000-0000-7000-9000-{number // 5:012x}"),
        facility=FACILITY,
        department=chance.choice(_DEPARTMENTS),
        form=FormCode(chance.choice(_FORMS)),
        title="Phiếu theo dõi điều trị",
        patient_name=f"{chance.choice(_FAMILY)} {chance.choice(_MIDDLE)} {chance.choice(_GIVEN)}",
        birth_date=f"{chance.randrange(1930, 2025)}",
        identifiers=(f"BN{number // 5:08}", f"0001{number // 5:08}"),
        icd10=(ill,),
        admitted=came,
        discharged=came + timedelta(days=chance.randrange(1, 20)),
        diagnoses=(_ILLS[ill],),
        body=" ".join(chance.choices(_WORDS, k=60)),
    )


def _questions(count: int, chance: random.Random) -> Iterator[tuple[Query, Scope]]:
    everything, first = (
        Scope(FacilityCode(FACILITY)),
        Scope(FacilityCode(FACILITY), frozenset({"K03", "K04"})),
    )
    for number in range(count):
        words = [chance.choice(_FAMILY), chance.choice(_GIVEN), *chance.choices(_WORDS, k=3)][
            : 1 + number % 5
        ]
        filters: dict[str, Any] = (
            {"icd10": "J18"} if number % 3 == 0 else {"form": "36/BV2"} if number % 3 == 1 else {}
        )
        yield Query(text=" ".join(words), **filters), everything if number % 2 else first


def _ask(index: Index, query: Query, scope: Scope) -> float:
    started = time.perf_counter()
    index.search(query, scope, ContentRight.ALL)
    return time.perf_counter() - started
