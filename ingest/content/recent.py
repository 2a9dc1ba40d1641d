"""The texts of papers that this process has just archived or read: the index is fed with them.

A cache in memory. What is not in it is read from the originals.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from archive.base.identifiers import DocumentId

_MOST = 2_000  # texts
_MOST_CHARACTERS = 12_000_000  # in all; more than `search.feeder` puts at a time


class RecentTexts:
    """The last texts, by document. Safe for threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: OrderedDict[DocumentId, str] = OrderedDict()
        self._characters = 0

    def remember(self, document_id: DocumentId, text: str) -> None:
        """Keep a text; the oldest of very many, or of very long ones, are forgotten."""
        with self._guard:
            self._characters += len(text) - len(self._kept.pop(document_id, ""))
            self._kept[document_id] = text
            while len(self._kept) > _MOST or self._characters > _MOST_CHARACTERS:
                self._characters -= len(self._kept.popitem(last=False)[1])

    def of(self, document_ids: Iterable[DocumentId]) -> dict[DocumentId, str]:
        """Return the texts of those of these documents that are kept."""
        with self._guard:
            return {each: self._kept[each] for each in document_ids if each in self._kept}
