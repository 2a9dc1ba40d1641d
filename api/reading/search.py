"""Searching, for command line, pages and API: it finds what was archived before, and nothing
outside the scope.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.departments import Departments
from archive.base.errors import Unavailable
from archive.catalog import records
from archive.catalog.database import Catalog
from archive.coordination.outbox import Outbox
from search.contract import ContentRight, Index, Query, Results
from search.department_words import aliases
from search.errors import IndexBusy, IndexNewer
from search.query import parse

log = structlog.get_logger(__name__)

# seconds in which the index is brought up to date, here or by the process that holds its writer
_PATIENCE = 3.0


def _right(actor: Actor) -> ContentRight:
    """Return whose text `actor` may search: only who may read a document finds by what it says."""
    if not actor.may(Permission.READ):
        return ContentRight.NONE
    return ContentRight.ALL if actor.may(Permission.SENSITIVE) else ContentRight.ORDINARY


class SearchService:
    """Searches one archive. `index` opens the index, or raises IndexBusy."""

    def __init__(
        self,
        catalog: Catalog,
        index: Callable[[], Index],
        outbox: Outbox,
        departments: Callable[[], Departments],
    ) -> None:
        """`departments`: their names as they are now; words of a query may stand for them."""
        self._catalog, self._index, self._outbox = catalog, index, outbox
        self._departments = departments

    def find(
        self, text: str, actor: Actor, scope: Scope, *, limit: int = 50, offset: int = 0
    ) -> Results:
        """Return what `text` finds within `scope`. Raises Denied, IndexUnusable, IndexAway."""
        return self.answer(parse(text, limit=limit, offset=offset), actor, scope)

    def answer(self, query: Query, actor: Actor, scope: Scope) -> Results:
        """Return what `query` finds within `scope`. Raises as :meth:`find`."""
        actor.require(Permission.FIND)
        query = replace(query, departments=aliases(self._departments()))
        due, behind = self._outbox.due("index", "text"), False
        if "index" in due and not self._catalog.read_only:
            behind = not self._brought_up_to_date()
            due = self._outbox.due("text")
        results = self._confirmed(self._index().search(query, scope, _right(actor)), scope)
        return replace(results, behind=behind or "text" in due)

    def _brought_up_to_date(self) -> bool:
        """Feed the index what is due.

        Return False where that failed: the index still finds what it holds.
        """
        deadline = time.monotonic() + _PATIENCE
        while self._outbox.pending("index"):
            try:
                if self._outbox.drain("index", within=deadline - time.monotonic()):
                    return True
            except IndexBusy:
                pass  # the process that holds the writer drains the same outbox
            # e.g. full disk; if it is away, the search itself raises
            except (IndexNewer, Unavailable) as error:
                log.warning("index.not_fed", code=error.code, why=error.explain("en"))
                return False
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _confirmed(self, results: Results, scope: Scope) -> Results:
        """Drop what the catalogue does not know within `scope`: an index that is behind may hold
        what has left it. The others get their own dates and sheets.
        """
        with self._catalog.read() as session:
            visible = records.visible_documents(
                session, (hit.document_id for hit in results.hits), scope
            )
        hits = tuple(
            replace(hit, dated=visible[hit.document_id][0], sheet=visible[hit.document_id][1])
            for hit in results.hits
            if hit.document_id in visible
        )
        return replace(results, total=results.total - (len(results.hits) - len(hits)), hits=hits)
