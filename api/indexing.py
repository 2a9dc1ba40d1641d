"""The search index of one home: opened, made anew where it cannot be used, and kept in step with the catalogue."""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from archive.catalog.database import Catalog
from archive.identifiers import FacilityCode
from search.errors import IndexUnusable
from search.feeder import IndexFeeder
from search.tantivy_index import TantivyIndex


class Indexing:
    """The index in `folder`; `closing` closes it."""

    def __init__(self, folder: Path, catalog: Catalog, facility: FacilityCode, closing: ExitStack) -> None:
        self._folder, self._catalog, self._facility, self._closing = folder, catalog, facility, closing

    @cached_property
    def index(self) -> TantivyIndex:
        """The index; one that cannot be used is made and fed again. Raises IndexBusy while another does so."""
        try:
            index = TantivyIndex(self._folder)
        except IndexUnusable:
            self.remake()
            index = TantivyIndex(self._folder)
        self._closing.callback(index.close)
        return index

    def remake(self) -> int:
        """Make the index anew and feed it everything; return how many documents. Raises IndexBusy."""
        with TantivyIndex.remade(self._folder) as index:
            return IndexFeeder(self._catalog, index, self._facility).feed_all()

    def feed(self, chart_ids: frozenset[str]) -> None:
        """Bring these charts' documents up to date, and give the writer back."""
        try:
            IndexFeeder(self._catalog, self.index, self._facility).feed(chart_ids)
        finally:
            self.index.release_writer()
