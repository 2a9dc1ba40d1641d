"""The revisions that signatures cover: the security store as of each, and what changed between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pikepdf

from signing.validation.facts import Change, ChangeKind
from signing.validation.pdf.changes import changes_between
from signing.validation.pdf.snapshot import Snapshot
from signing.validation.pdf.store import SecurityStore


@dataclass(frozen=True, slots=True)
class History:
    """What each revision holds and changes; a revision goes by its end in the file."""

    stores: Mapping[int, SecurityStore]
    steps: Mapping[int, frozenset[Change]]  # from this end to the next one
    guessed: bool  # qpdf had to guess about the structure of one of them

    def changes_after(self, end: int) -> frozenset[Change]:
        """Return what all revisions after `end` changed."""
        return frozenset().union(*(step for start, step in self.steps.items() if start >= end))

    def store_before(self, end: int) -> SecurityStore:
        """Return the security store as of the signed revision before the one that ends at `end`."""
        earlier = [other for other in self.stores if other < end]
        return self.stores[max(earlier)] if earlier else SecurityStore()

    @property
    def newest(self) -> SecurityStore:
        """Return the security store of the whole file."""
        return self.stores[max(self.stores)]


def read_history(pdf: bytes, newest: Snapshot, ends: Iterable[int]) -> History:
    """Return the history of `pdf`, whose signatures cover it up to `ends`; `newest` is all of it.

    Each signed revision is compared with the next one, so two are open at a time.
    """
    stores: dict[int, SecurityStore] = {}
    steps: dict[int, frozenset[Change]] = {}
    guessed = newest.guessed
    earlier: tuple[int, Snapshot | None] | None = None
    signed = set(ends)
    for end in sorted({*signed, len(pdf)}):
        later = newest if end == len(pdf) else _opened(pdf[:end], newest)
        stores[end] = SecurityStore() if later is None else later.store
        if earlier is not None:
            steps[earlier[0]] = _step(earlier[1], later, covered=end in signed)
            if earlier[1] is not None:
                guessed = guessed or earlier[1].guessed
                earlier[1].close()
        earlier = (end, later)
    return History(stores, steps, guessed or newest.guessed)


def _opened(data: bytes, whole: Snapshot) -> Snapshot | None:
    try:
        return Snapshot(data, whole)
    except pikepdf.PdfError:
        return None  # what was signed there cannot be shown


def _step(old: Snapshot | None, new: Snapshot | None, *, covered: bool) -> frozenset[Change]:
    if old is None or new is None:
        return frozenset({Change(ChangeKind.UNEXPLAINED)})
    return changes_between(old, new, covered=covered)
