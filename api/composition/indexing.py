"""The search index of one home: opens it, rebuilds it if it is unusable, and keeps it in step with
the catalogue.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING

import structlog

from archive.base.clock import Clock
from archive.base.errors import KhoError
from archive.base.identifiers import DocumentId, FacilityCode
from archive.base.leases import Leases
from archive.base.settings import Settings
from archive.catalog.database import Catalog
from archive.catalog.entries import DocumentEntry
from search.contract import Engine, Index
from search.errors import IndexBusy, IndexMissing, IndexUnusable
from search.feeder import Bodies, IndexFeeder, Progress

if TYPE_CHECKING:
    from ingest.content.recent import RecentTexts
    from ingest.content.texts import DocumentTexts

log = structlog.get_logger(__name__)


class Indexing:
    """The index that `engine` keeps; `closing` closes both.

    The engine is opened when it is first needed. `texts` returns what reads the text of
    documents; `recent` keeps those of just now. `owe` notes the charts that are due in a topic of
    the outbox: reading texts is slow, so no search waits for it.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        catalog: Catalog,
        facility: FacilityCode,
        texts: Callable[[], "DocumentTexts"],
        recent: "RecentTexts",
        owe: Callable[[str, Iterable[str]], object],
        closing: ExitStack,
    ) -> None:
        self._make_engine, self._catalog, self._facility = engine, catalog, facility
        self._texts, self._recent = texts, recent
        self._owe, self._closing = owe, closing

    @cached_property
    def _engine(self) -> Engine:
        engine = self._make_engine()
        self._closing.callback(engine.close)
        return engine

    @cached_property
    def index(self) -> Index:
        """The index; one that cannot be used is made and fed again.

        Raises IndexBusy while another does so.
        """
        try:
            index = self._engine.open()
        except IndexUnusable:
            self.rebuild_index()
            index = self._engine.open()
        self._closing.callback(index.close)
        return index

    def count(self) -> int:
        """Return how many entries there are, 0 where there is no index yet; makes none.

        Raises IndexUnusable.
        """
        try:
            index = self._engine.open()
        except IndexMissing:
            return 0
        try:
            return index.count()
        finally:
            index.close()

    def rebuild_index(self, *, again: bool = False, progress: Progress | None = None) -> int:
        """Rebuild the index from the catalogue, beside the one that serves, and switch to it.

        The texts of documents are taken from the index that serves; those that it does not have are
        owed. `again`: all are read from the originals again. Returns the number of documents.
        Raises IndexBusy.
        """
        with ExitStack() as closing:
            bodies = (lambda _: {}) if again else self._known_bodies(closing)
            with self._engine.remade() as index:
                fed = self._feeder(index, bodies).feed_all(progress)
                # before the new index serves: a kill would leave texts that are never read
                self._owe("text", fed.unread)
                self._owe("index", fed.left)
        return fed.documents

    def _known_bodies(self, closing: ExitStack) -> Bodies:
        """Return what gives the texts of the index that serves, for as long as it is sound."""
        try:
            serving = self._engine.open()
        except IndexUnusable:
            return lambda _: {}
        closing.callback(serving.close)

        def known(document_ids: Sequence[DocumentId]) -> Mapping[DocumentId, str]:
            try:
                return serving.bodies(document_ids)
            except IndexUnusable:  # it is damaged: the originals are read again
                return {}

        return known

    def feed(self, chart_ids: frozenset[str]) -> frozenset[str]:
        """Bring these charts' documents up to date, and give the writer back; an index that cannot
        be fed is remade.

        The texts that the index lacks are owed. Returns the charts that could not be put.
        """
        index = self.index
        try:
            fed = self._feeder(index, partial(self._recent_or, index.bodies)).feed(chart_ids)
        except IndexUnusable:
            self.rebuild_index()
            return frozenset()
        finally:
            index.release_writer()
        self._owe("text", fed.unread)
        return frozenset(fed.left)

    def feed_texts(self, chart_ids: frozenset[str]) -> frozenset[str]:
        """Read what these charts' documents say, as far as the index lacks it, and give the writer
        back.

        Returns the charts of which a text could not be had.
        """
        index = self.index
        try:
            return frozenset(self._feeder(index).feed_texts(chart_ids, self._read))
        except IndexUnusable:
            self.rebuild_index()
            return frozenset()
        finally:
            index.release_writer()

    def _read(self, documents: Sequence[DocumentEntry]) -> Iterator[tuple[DocumentId, str]]:
        """Yield the texts of `documents`. They are kept until they are put: while another process
        has the writer, no original is read twice.
        """
        kept = self._recent.of(DocumentId(document.id) for document in documents)
        yield from kept.items()
        for document_id, text in self._texts().read([d for d in documents if d.id not in kept]):
            self._recent.remember(document_id, text)
            yield document_id, text

    def _feeder(self, index: Index, bodies: Bodies | None = None) -> IndexFeeder:
        from ingest.sources.bhyt.policy import policy

        sensitive = policy().sensitive
        return IndexFeeder(self._catalog, index, self._facility, sensitive, bodies)

    def _recent_or(
        self, bodies: Bodies, document_ids: Sequence[DocumentId]
    ) -> Mapping[DocumentId, str]:
        recent = self._recent.of(document_ids)
        others = [each for each in document_ids if each not in recent]
        return {**recent, **bodies(others)} if others else recent


@contextmanager
def search_may_wait(event: str) -> Iterator[None]:
    """Suppress an error of feeding the index: `event` is logged, and the outbox keeps what is due.

    What a command acknowledged is archived, and found later.
    """
    try:
        yield
    except IndexBusy:
        return  # the process that holds the writer drains the same outbox
    except KhoError as error:
        log.warning(event, code=error.code, why=error.explain("en"))
    except Exception as error:  # noqa: BLE001 - whatever it was: the command's own work is done
        log.error(event, error=type(error).__name__)


def engine_of(settings: Settings, facility: FacilityCode, leases: Leases, clock: Clock) -> Engine:
    """Return the engine that `settings` name, and load no other; raises Misconfigured."""
    chosen = settings.search
    if chosen.kind == "tantivy":
        from search.tantivy.index import TantivyEngine

        return TantivyEngine(settings.home / "index")
    from search.elastic.connection import ElasticConnection
    from search.elastic.index import ElasticEngine
    from search.elastic.indices import ElasticIndices

    connection = ElasticConnection(
        chosen.url,
        username=chosen.username,
        password=chosen.password.get_secret_value(),
        ca_file=settings.path(chosen.ca_file) if chosen.ca_file else None,
    )
    return ElasticEngine(
        connection, ElasticIndices(connection, chosen.prefix, facility), leases, clock
    )
