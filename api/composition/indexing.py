"""The search index of one home: opens it, rebuilds it if it is unusable, and keeps it in step with
the catalogue.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

import structlog

from archive.base.clock import Clock
from archive.base.errors import Unavailable
from archive.base.identifiers import FacilityCode
from archive.base.leases import Leases
from archive.base.settings import Settings
from archive.catalog.database import Catalog
from search.contract import Engine, Index
from search.errors import IndexBusy, IndexMissing, IndexNewer, IndexUnusable
from search.feeder import IndexFeeder

log = structlog.get_logger(__name__)


class Indexing:
    """The index that `engine` keeps; `closing` closes both.

    The engine is opened when it is first needed.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        catalog: Catalog,
        facility: FacilityCode,
        closing: ExitStack,
    ) -> None:
        self._make_engine, self._catalog, self._facility, self._closing = (
            engine,
            catalog,
            facility,
            closing,
        )

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

    def rebuild_index(self) -> int:
        """Rebuild the index from the catalogue; return the number of documents.

        Raises IndexBusy.
        """
        with self._engine.remade() as index:
            return IndexFeeder(self._catalog, index, self._facility).feed_all()

    def feed(self, chart_ids: frozenset[str]) -> None:
        """Bring these charts' documents up to date, and give the writer back; an index that cannot
        be fed is remade.
        """
        index = self.index
        try:
            IndexFeeder(self._catalog, index, self._facility).feed(chart_ids)
        except IndexUnusable:
            self.rebuild_index()
        finally:
            index.release_writer()


@contextmanager
def index_may_wait() -> Iterator[None]:
    """Suppress an error of feeding the index: it is logged, and the outbox keeps what is due."""
    try:
        yield
    except IndexBusy:
        return  # the process that holds the writer drains the same outbox
    except (IndexUnusable, IndexNewer, Unavailable) as error:
        log.warning("index.not_fed", code=error.code, why=error.explain("en"))


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
