"""The texts of papers that this process has just archived: the index is fed without reading them.

A cache in memory. What is not in it is read from the originals.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from archive.base.identifiers import DocumentId

_MOST = 2_000  # texts


class RecentTexts:
    """The last texts, by document. Safe for threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: OrderedDict[DocumentId, str] = OrderedDict()

    def remember(self, document_id: DocumentId, text: str) -> None:
        """Keep a text; the oldest of very many is forgotten."""
        with self._guard:
            self._kept[document_id] = text
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def of(self, document_ids: Iterable[DocumentId]) -> dict[DocumentId, str]:
        """Return the texts of those of these documents that are kept."""
        with self._guard:
            return {each: self._kept[each] for each in document_ids if each in self._kept}
