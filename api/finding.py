"""Finding, for every door: what was archived before the question is found by it."""

import contextlib
import time

from api.home import Home
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from search.contract import Results
from search.errors import IndexBusy
from search.query import parse

_PATIENCE = 3.0  # seconds to wait for a process that holds the index's writer to bring the index up to date


def find(home: Home, text: str, actor: Actor, scope: Scope, *, limit: int = 50, offset: int = 0) -> Results:
    """Return what `text` finds within `scope`. Raises Denied, IndexUnusable."""
    actor.require(Permission.FIND)
    deadline = time.monotonic() + _PATIENCE
    while home.outbox.pending("index"):
        with contextlib.suppress(IndexBusy):
            if home.outbox.drain("index"):
                break
        if time.monotonic() > deadline:
            break  # `kho check` reports `index.behind`; what is there can still be found
        time.sleep(0.05)
    return home.index.search(parse(text, limit=limit, offset=offset), scope)
