"""Searching, for command line, pages and API: it finds what was archived before, and nothing
outside the scope.
"""

import time
from dataclasses import replace

import structlog

from api.home import Home
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.errors import Unavailable
from archive.catalog import records
from search.contract import Query, Results
from search.errors import IndexBusy, IndexNewer
from search.query import parse

log = structlog.get_logger(__name__)

# seconds in which the index is brought up to date, here or by the process that holds its writer
_PATIENCE = 3.0


def find(
    home: Home, text: str, actor: Actor, scope: Scope, *, limit: int = 50, offset: int = 0
) -> Results:
    """Return what `text` finds within `scope`.

    Raises Denied, NoArchive, IndexUnusable, IndexAway.
    """
    return answer(home, parse(text, limit=limit, offset=offset), actor, scope)


def answer(home: Home, query: Query, actor: Actor, scope: Scope) -> Results:
    """Return what `query` finds within `scope`. Raises as :func:`find`."""
    actor.require(Permission.FIND)
    _ = home.facility
    behind = not home.catalog.read_only and not _brought_up_to_date(home)
    return replace(_confirmed(home, home.index.search(query, scope), scope), behind=behind)


def _brought_up_to_date(home: Home) -> bool:
    """Feed the index what is due.

    Return False if that failed: documents already in the index can still be found.
    """
    deadline = time.monotonic() + _PATIENCE
    while home.outbox.pending("index"):
        try:
            if home.outbox.drain("index", within=deadline - time.monotonic()):
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


def _confirmed(home: Home, results: Results, scope: Scope) -> Results:
    """Drop what the catalogue does not know within `scope`: an index that is behind may still hold
    what has left it.
    """
    with home.catalog.read() as session:
        visible = records.visible_documents(
            session, (hit.document_id for hit in results.hits), scope
        )
    hits = tuple(hit for hit in results.hits if hit.document_id in visible)
    return replace(results, total=results.total - (len(results.hits) - len(hits)), hits=hits)
