"""The Elasticsearch index: its names, many who feed it at once, and rebuilding it while all goes
on.
"""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from archive.access.scope import Scope
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode
from search.contract import Query
from search.elastic.connection import ElasticConnection
from search.elastic.index import ElasticEngine, ElasticIndex
from search.elastic.indices import ElasticIndices
from search.elastic.schema import MADE_BY, SCHEMA
from search.errors import IndexAway, IndexBusy, IndexMissing, IndexNewer, IndexUnusable
from search.query import parse
from tests.search.elastic.cluster import FACILITY, ask, indices, running_engine
from tests.search.other_process import entry
from tests.search.suite import load

DOCUMENTS = list(load.documents().values())
DAT = load.documents()["dat"]
SCOPE = Scope(FACILITY)


@pytest.fixture
def engine(elasticsearch_url: str, tmp_path: Path) -> Iterator[ElasticEngine]:
    with running_engine(elasticsearch_url, tmp_path) as running:
        yield running


@pytest.fixture
def index(engine: ElasticEngine) -> ElasticIndex:
    with engine.remade() as fresh:
        fresh.put(DOCUMENTS)
    return engine.open()


def alias(engine: ElasticEngine) -> str:
    return engine._indices.alias


def total_of(index: ElasticIndex, typed: str) -> int:
    return index.search(parse(typed), SCOPE).total


class TestNames:
    """What an administrator sees."""

    def test_one_index_behind_two_aliases(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        (name,) = indices(elasticsearch_url, alias(engine))
        assert name.startswith(f"{alias(engine)}-{SCHEMA}-2")
        answer = ask(elasticsearch_url, "GET", name)[name]
        assert set(answer["aliases"]) == {alias(engine), f"{alias(engine)}-write"}
        assert answer["mappings"]["_meta"] == {"kho": MADE_BY}
        assert index.count() == len(DOCUMENTS)

    def test_names_are_lowercase_and_name_the_facility(self) -> None:
        connection = ElasticConnection("http://127.0.0.1:9")
        assert (
            ElasticIndices(connection, "kho", FacilityCode("0A1B2")).alias == "kho-0a1b2-documents"
        )
        for prefix in ("", "Kho", "-kho", "kho*", "a,b", "kho/x", ".kho", "k" * 100):
            with pytest.raises(Misconfigured):
                ElasticIndices(connection, prefix, FACILITY)
        connection.close()

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "127.0.0.1:9200",
            "ftp://es:9200",
            "https://elastic:secret@es:9200",
            "http://es.example:9200",
        ],
    )
    def test_addresses_that_cannot_be_or_would_show_the_password(self, url: str) -> None:
        with pytest.raises(Misconfigured) as caught:
            ElasticConnection(url, username="kho", password="secret")
        assert "secret" not in str(caught.value.as_json())

    def test_nothing_comes_back_by_being_written_to(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        (old,) = indices(elasticsearch_url, alias(engine))
        index.clear()
        answer = ask(elasticsearch_url, "PUT", f"{old}/_doc/1", {"hit": "x"})
        assert answer["error"]["type"] == "index_not_found_exception"
        assert old not in indices(elasticsearch_url, alias(engine))

    def test_only_what_a_hit_shows_is_kept(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        kept = ask(elasticsearch_url, "GET", f"{alias(engine)}/_doc/{DAT.document_id}")["_source"]
        assert set(kept) == {"hit", "kept_body"}
        assert "001060000001" not in kept["hit"]  # an identifier is found, not kept


class TestNoIndex:
    """An index that is not there, or is not ours to write."""

    def test_searching_or_feeding_makes_no_index(
        self, engine: ElasticEngine, elasticsearch_url: str
    ) -> None:
        with pytest.raises(IndexMissing):
            engine.open()
        loose = ElasticIndex(engine._connection, engine._indices, engine)
        uses: list[Callable[[], object]] = [
            lambda: loose.put([DAT]),
            lambda: loose.remove([DAT.document_id]),
            loose.count,
            lambda: loose.search(Query(), SCOPE),
        ]
        for use in uses:
            with pytest.raises(IndexMissing):
                use()
        assert indices(elasticsearch_url, alias(engine)) == []

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"analysis": 0}, IndexUnusable),
            ({"format": 0, "analysis": 99}, IndexUnusable),
            ({"analysis": 99}, IndexNewer),
            ({"format": 99, "analysis": 0}, IndexNewer),
            (None, IndexUnusable),
        ],
    )
    def test_an_index_of_another_version_is_searched_but_not_fed(
        self,
        engine: ElasticEngine,
        index: ElasticIndex,
        elasticsearch_url: str,
        change: dict[str, int] | None,
        error: type[Exception],
    ) -> None:
        meta = {} if change is None else {"kho": {**MADE_BY, **change}}
        ask(elasticsearch_url, "PUT", f"{alias(engine)}/_mapping", {"_meta": meta})
        with pytest.raises(error):
            index.put([DAT])
        assert total_of(engine.open(), "đạt") == 1
        with engine.remade() as fresh:
            fresh.put(DOCUMENTS)
        index.put([DAT])


class TestMadeAnew:
    """Searching and feeding go on while the index is rebuilt, and nothing is lost."""

    def test_the_old_index_serves_until_the_new_index_is_whole(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        (old,) = indices(elasticsearch_url, alias(engine))
        with engine.remade() as fresh:
            fresh.put(DOCUMENTS[:3])
            assert index.count() == len(DOCUMENTS)
            fresh.put(DOCUMENTS[3:])
        (new,) = indices(elasticsearch_url, alias(engine))
        assert new != old
        assert index.count() == len(DOCUMENTS)

    def test_what_is_fed_meanwhile_is_found_before_and_after(
        self, engine: ElasticEngine, index: ElasticIndex
    ) -> None:
        with engine.remade() as fresh:
            index.put([replace(DAT, patient_name="Đặng Giả Khôi", version=9)])
            assert total_of(index, "khôi") == 1
            fresh.put(DOCUMENTS)  # read before, put after: the older facts
        assert total_of(index, "khôi") == 1
        assert total_of(index, "đạt") == 0

    def test_what_is_removed_meanwhile_is_gone_from_the_old_index(
        self, engine: ElasticEngine, index: ElasticIndex
    ) -> None:
        with engine.remade() as fresh:
            fresh.put(DOCUMENTS)
            index.remove([DAT.document_id])
            assert total_of(index, "đạt") == 0
        assert total_of(index, "đạt") == 0

    def test_many_feed_while_it_is_rebuilt_again_and_again(
        self, engine: ElasticEngine, index: ElasticIndex
    ) -> None:
        names = ("An", "Bình", "Chi", "Dũng")
        guard, stop = threading.Lock(), threading.Event()
        facts = {fact.document_id: fact for fact in (entry(number) for number in range(12))}
        act = 0

        def feed(seed: int) -> int:
            nonlocal act
            chance, turns = random.Random(seed), 0
            while not stop.is_set():
                with guard:
                    act += 1
                    chosen = chance.choice(list(facts.values()))
                    changed = replace(
                        chosen, patient_name=f"Trần Thử {chance.choice(names)} {act}", version=act
                    )
                    facts[changed.document_id] = changed
                index.put([changed])
                turns += 1
            return turns

        index.put(facts.values())
        with ThreadPoolExecutor(3) as threads:
            feeding = [threads.submit(feed, seed) for seed in range(3)]
            try:
                for _ in range(4):
                    with engine.remade() as fresh:
                        with guard:
                            seen, until = list(facts.values()), act
                        fresh.put([replace(record, version=until) for record in seen])
            finally:
                stop.set()
            assert all(future.result() for future in feeding)
        hits = index.search(Query(limit=100), SCOPE).hits
        assert {hit.document_id: hit.patient_name for hit in hits} == {
            entry.document_id: entry.patient_name for entry in facts.values()
        }

    def test_one_process_makes_the_index_at_a_time(
        self, engine: ElasticEngine, index: ElasticIndex
    ) -> None:
        with engine.remade() as fresh:
            fresh.put(DOCUMENTS)
            with pytest.raises(IndexBusy), engine.remade():
                pass
        assert index.count() == len(DOCUMENTS)

    def test_after_an_interrupted_rebuild_the_old_index_serves_and_nothing_is_left(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        before = indices(elasticsearch_url, alias(engine))

        def broken_off() -> None:
            with engine.remade() as fresh:
                fresh.put(DOCUMENTS[:3])
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            broken_off()
        assert indices(elasticsearch_url, alias(engine)) == before
        assert index.count() == len(DOCUMENTS)
        index.put([DAT])

    def test_leftovers_of_a_kill_are_fed_until_the_next_run_removes_them(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        leftover = engine._indices.make(engine._clock.now())
        index.put([entry(1)])
        assert total_of(index, "SO000001") == 1
        with engine.remade() as fresh:
            fresh.put(DOCUMENTS)
        left = indices(elasticsearch_url, alias(engine))
        assert len(left) == 1
        assert leftover not in left


class TestRefusals:
    """What the cluster refuses is named by its kind, without any person's data, and may be done
    later.
    """

    def test_a_full_cluster_refuses_feeding_and_goes_on_finding(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        block = f"{alias(engine)}/_settings"
        ask(elasticsearch_url, "PUT", block, {"index.blocks.read_only_allow_delete": True})
        with pytest.raises(
            IndexAway, match=r"429 cluster_block_exception.*indexing documents"
        ) as caught:
            index.put([entry(1)])
        assert "Thử" not in repr(caught.value.as_json())
        assert total_of(index, "đạt") == 1
        ask(elasticsearch_url, "PUT", block, {"index.blocks.read_only_allow_delete": None})
        index.put([entry(1)])
        assert total_of(index, "SO000001") == 1

    def test_nothing_of_what_the_client_raised_goes_further(
        self, engine: ElasticEngine, index: ElasticIndex, elasticsearch_url: str
    ) -> None:
        (name,) = indices(elasticsearch_url, alias(engine))
        ask(elasticsearch_url, "POST", f"{name}/_close")
        with pytest.raises(IndexAway) as caught:
            index.search(parse("Nguyễn Thử Hòa"), SCOPE)
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        ask(elasticsearch_url, "POST", f"{name}/_open")
