"""The search index of a cluster: Elasticsearch.

Any number of processes may feed it and search it at once.

The external version of an entry is the act up to which the catalogue was read: a later write with
older facts changes nothing. During a rebuild, a process that feeds puts each entry into the old and
the new index. Afterwards it checks whether another rebuild has begun meanwhile. So no entry is
lost, whatever the order of events.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from elasticsearch import Elasticsearch, helpers

from archive.access.scope import Scope
from archive.base.bilingual import Text
from archive.base.clock import Clock
from archive.base.errors import KhoError
from archive.base.identifiers import DocumentId
from archive.base.leases import LeaseHeld, Leases
from archive.process import crash
from search.contract import DEEPEST, ContentRight, Entry, Hit, Query, Results
from search.elastic import schema
from search.elastic.connection import (
    COUNTING,
    FEEDING,
    REBUILDING,
    SEARCHING,
    ElasticConnection,
    away,
    kind_of,
    nonsense,
    refused,
)
from search.elastic.indices import ElasticIndices
from search.errors import IndexBusy
from search.highlight import Highlighter
from search.plan import plan

_CHUNK = 500  # documents in one request
_CHUNK_BYTES = 8 << 20
_TRIES = 4  # of what was refused because the cluster was busy
_FIRST_PAUSE = 0.2  # seconds; each is twice the one before
_ROUNDS = 10  # times that the indices to be fed may change while one batch is put

Operation = dict[str, Any]


class ElasticEngine:
    """The :class:`search.contract.Engine` of one facility in a cluster.

    `leases` are those of the archive.
    """

    def __init__(
        self, connection: ElasticConnection, indices: ElasticIndices, leases: Leases, clock: Clock
    ) -> None:
        self._connection, self._indices, self._leases, self._clock = (
            connection,
            indices,
            leases,
            clock,
        )

    def open(self) -> "ElasticIndex":
        """Return the index that serves; raises IndexMissing where there is none, IndexAway.

        An index that another version of Kho made is searched unchanged, and refuses to be fed.
        """
        self._indices.serving()
        return ElasticIndex(self._connection, self._indices, self)

    @contextmanager
    def remade(self) -> Iterator["ElasticIndex"]:
        """Yield a new index to fill, beside the one that serves.

        It takes over when the block ends without error.

        Searching and feeding go on meanwhile. After an error or a kill the old index goes on
        serving, and the rest of the new one is removed here or by the next run. Raises IndexBusy
        while another process makes one, IndexAway.
        """
        try:
            with self._leases.hold(f"index/{self._indices.alias}", timeout=0):
                yield from self._remade()
        except LeaseHeld:
            raise IndexBusy from None

    def _remade(self) -> Iterator["ElasticIndex"]:
        self._indices.clean()
        name = self._indices.make(self._clock.now())
        crash.point("index.elastic.made")
        try:
            yield ElasticIndex(self._connection, self._indices, self, only=name)
            self._indices.settle(name)
        except BaseException:  # whatever it was: a half-fed index never serves
            # the first error is the one to raise; the next run removes the rest
            with suppress(KhoError):
                self._indices.clean()
            raise
        crash.point("index.elastic.fed")
        self._indices.switch(name)
        crash.point("index.elastic.switched")
        self._indices.clean(keep=name)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()


class ElasticIndex:
    """A :class:`search.contract.Index` of one facility.

    Safe for threads. `only` names an index that is being made.
    """

    def __init__(
        self,
        connection: ElasticConnection,
        indices: ElasticIndices,
        engine: ElasticEngine,
        *,
        only: str | None = None,
    ) -> None:
        self._connection, self._indices, self._engine, self._only = (
            connection,
            indices,
            engine,
            only,
        )

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries, durably and visibly, except where the index has a newer version.

        Raises IndexUnusable where an index has to be made first, IndexNewer, and IndexAway: then
        some may be there.
        """
        documents = {entry.document_id: entry for entry in entries}
        operations = [_putting(entry) for entry in documents.values()]
        self._write(lambda _: operations)

    def remove(self, document_ids: Iterable[DocumentId]) -> None:
        """Remove these documents as they are now: a newer version put meanwhile stays.

        Raises as :meth:`put`.
        """
        forgotten = list(dict.fromkeys(document_ids))
        if forgotten:
            self._write(lambda index: self._removals(index, forgotten))

    def clear(self) -> None:
        """Let an empty index serve; raises IndexBusy, IndexAway."""
        with self._engine.remade():
            pass

    def search(
        self, query: Query, scope: Scope, right: ContentRight = ContentRight.NONE
    ) -> Results:
        """Return what `query` finds within `scope`, and nothing outside it.

        Raises IndexMissing, IndexAway.
        """
        planned = plan(query, scope, right)
        first = min(max(query.offset, 0), DEEPEST)
        size = min(max(query.limit, 0), DEEPEST - first)
        asked = schema.request(planned, first, size)
        name = self._only or self._indices.alias

        def ask(es: Elasticsearch) -> tuple[int, tuple[Hit, ...]]:
            answer = es.search(index=name, body=asked, allow_partial_search_results=False)
            return schema.page_of_hits(answer.body, Highlighter(planned))

        total, hits = self._connection.read(SEARCHING, ask)
        return Results(total, hits, planned.ignored)

    def bodies(self, document_ids: Iterable[DocumentId]) -> dict[DocumentId, str]:
        """Return the texts that were put of these documents; raises IndexMissing, IndexAway."""
        wanted, kept = list(dict.fromkeys(document_ids)), dict[DocumentId, str]()
        name = self._only or self._indices.serving().name
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            kept |= self._connection.read(FEEDING, partial(schema.bodies, name, some))
        return kept

    def count(self) -> int:
        """Return how many entries there are; raises IndexMissing, IndexAway."""
        return self._indices.count(self._only or self._indices.alias, COUNTING)

    def release_writer(self) -> None:
        """Do nothing: any number of processes may write."""

    def close(self) -> None:
        """Do nothing: the connections are the engine's."""

    def _removals(self, index: str, document_ids: list[DocumentId]) -> list[Operation]:
        """Return how to remove what is there, under its own version.

        So the same may be put again.
        """

        def ask(es: Elasticsearch) -> list[Operation]:
            there = es.mget(index=index, ids=document_ids, source=False)["docs"]
            return [
                {
                    "_op_type": "delete",
                    "_id": hit["_id"],
                    "version": hit["_version"],
                    "version_type": "external_gte",
                }
                for hit in there
                if "error" not in hit and hit["found"]
            ]

        return self._connection.read(FEEDING, ask)

    def _write(self, operations: Callable[[str], list[Operation]]) -> None:
        """Do `operations(index)` in every index that is fed, also if it is added meanwhile."""
        if self._only is not None:
            self._bulk(self._only, operations(self._only), refresh=False)
            return
        done: set[str] = set()
        for _ in range(_ROUNDS):
            fed = self._indices.fed(FEEDING)
            for index in fed:
                index.check()
            if {index.name for index in fed} <= done:
                return
            for index in fed:
                if index.name not in done and self._bulk(
                    index.name, operations(index.name), refresh=True
                ):
                    done.add(index.name)
        raise away(Text("chỉ mục bị thay liên tục", "its indices keep changing"), FEEDING)

    def _bulk(self, index: str, operations: list[Operation], *, refresh: bool) -> bool:
        """Do the operations in one index; False where the index is gone.

        Every item's answer is checked.
        """
        undone = FEEDING if refresh else REBUILDING

        def ask(es: Elasticsearch) -> bool:
            answers = helpers.streaming_bulk(
                es,
                ({**operation, "_index": index} for operation in operations),
                chunk_size=_CHUNK,
                max_chunk_bytes=_CHUNK_BYTES,
                max_retries=_TRIES - 1,
                initial_backoff=_FIRST_PAUSE,
                raise_on_error=False,
                refresh=refresh,
            )
            return _all_done([answer for _, answer in answers], index, operations, undone)

        return self._connection.write(undone, ask)


def _all_done(
    answers: list[dict[str, Any]], index: str, operations: list[Operation], undone: Text
) -> bool:
    """Tell whether the index still exists and has done all.

    Raises IndexAway for an operation that it has not done.

    The client's helper pairs operations with answers and accepts missing answers; so each answer is
    checked here.
    """
    gone, answered = False, set()
    for answer in answers:
        ((kind, item),) = answer.items()
        if item["_index"] != index:
            raise nonsense(undone)
        answered.add(item["_id"])
        if not _is_done(kind, item):
            if kind_of(item) != "index_not_found_exception":
                raise away(refused(item["status"], kind_of(item)), undone)
            gone = True
    if answered != {operation["_id"] for operation in operations}:
        raise nonsense(undone)
    return not gone


def _putting(entry: Entry) -> Operation:
    return {
        "_op_type": "index",
        "_id": entry.document_id,
        "_source": schema.document(entry),
        "version": entry.version,
        "version_type": "external_gte",
    }


def _is_done(kind: str, item: Mapping[str, Any]) -> bool:
    """Tell whether an item has the wanted state.

    It was done, the index has a newer one, or there was nothing to remove.
    """
    status = item["status"]
    if status == 409:
        return kind_of(item) == "version_conflict_engine_exception"
    if kind == "delete":
        return status in (200, 404) and item.get("result") in ("deleted", "not_found")
    return status in (200, 201) and item.get("result") in ("created", "updated")
