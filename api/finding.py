"""Finding, for every door: what was archived before the question is found by it, and nothing outside the scope."""

import contextlib
import time
from dataclasses import replace

from api.home import Home
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.catalog import records
from search.contract import Results
from search.errors import IndexBusy
from search.query import parse

_PATIENCE = 3.0  # seconds to wait for a process that holds the index's writer to bring the index up to date


def find(home: Home, text: str, actor: Actor, scope: Scope, *, limit: int = 50, offset: int = 0) -> Results:
    """Return what `text` finds within `scope`. Raises Denied, NoArchive, IndexUnusable."""
    actor.require(Permission.FIND)
    _ = home.facility
    if not home.catalog.read_only:
        _bring_up_to_date(home)
    return _confirmed(home, home.index.search(parse(text, limit=limit, offset=offset), scope), scope)


def _bring_up_to_date(home: Home) -> None:
    deadline = time.monotonic() + _PATIENCE
    while home.outbox.pending("index"):
        with contextlib.suppress(IndexBusy):
            if home.outbox.drain("index"):
                break
        if time.monotonic() > deadline:
            break  # `kho check` reports `index.behind`; what is there can still be found
        time.sleep(0.05)


def _confirmed(home: Home, results: Results, scope: Scope) -> Results:
    """Drop what the catalogue does not know within `scope`: an index that is behind may still hold what has left it."""
    with home.catalog.read() as session:
        visible = records.visible_documents(session, (hit.document_id for hit in results.hits), scope)
    hits = tuple(hit for hit in results.hits if hit.document_id in visible)
    return replace(results, total=results.total - (len(results.hits) - len(hits)), hits=hits)
