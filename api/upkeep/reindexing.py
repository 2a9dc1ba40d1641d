"""Rebuilding the search index alone, beside the one that serves, with the texts of documents."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from api.composition.follow_ups import TEXT_PORTION
from api.home import Home
from search.errors import IndexBusy

Progress = Callable[[str, int, int], None]  # the step, what is done of it, and all
_TURN = 1.0  # seconds of reading before progress is reported again


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What the index has now."""

    documents: int
    charts_read: int  # whose texts were read now
    charts_unread: int  # with a document whose text could not be read

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/scripting.md` gives it."""
        return asdict(self)


def reindex(home: Home, *, again: bool, progress: Progress) -> Reindexed:
    """Rebuild the index from the catalogue, switch to it, and read the texts that it lacks.

    `again`: all texts are read from the originals again; otherwise those of the index that serves
    are taken. A kill before the switch leaves the old index, one after it leaves the rest to be
    read by `kho serve` or the next call. Raises NoArchive, IndexBusy, IndexAway, Unavailable.
    """
    home.require_archive()
    follow_ups = home.follow_ups
    documents = follow_ups.outbox.fulfil(
        "index",
        lambda: follow_ups.indexing.rebuild_index(
            again=again, progress=lambda done, of: progress("index", done, of)
        ),
    )
    due = _read_texts(home, progress)
    unread = follow_ups.outbox.postponed("text")
    return Reindexed(documents, max(due - unread, 0), unread)


def _read_texts(home: Home, progress: Progress) -> int:
    """Read what is due now; return of how many charts that was."""
    outbox = home.follow_ups.outbox
    every = left = outbox.waiting("text")
    while left:
        progress("text", max(every - left, 0), every)
        try:
            outbox.drain("text", within=_TURN, portion=TEXT_PORTION)
        except IndexBusy:
            time.sleep(_TURN)  # another process writes the index at the moment
        if outbox.waiting("text") == left:
            time.sleep(_TURN)  # a server is reading them: it has the lease
        left = outbox.waiting("text")
    return every
