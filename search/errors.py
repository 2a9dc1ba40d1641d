"""What can go wrong with an index.

Nothing here loses a record, because an index is fed again from the catalogue.
"""

from archive.base.errors import KhoError, Unavailable


class IndexUnusable(KhoError):
    """The index is missing, broken, or was made by another analysis.

    It has to be made and fed again.
    """

    code = "index.unusable"


class IndexMissing(IndexUnusable):
    """There is no index yet, or it is being made for the first time."""

    code = "index.missing"

    def __init__(self) -> None:
        super().__init__(
            why_vi="chưa có, hoặc Kho đang lập",
            why_en="it does not exist yet, or Kho is making it",
        )


class IndexBusy(KhoError):
    """Another process holds the index's one writer."""

    code = "index.busy"


class IndexAway(Unavailable):
    """The search engine is a server, and it did not answer as it must.

    Archiving goes on without it.
    """

    code = "index.away"


class IndexNewer(KhoError):
    """A newer Kho made the index.

    This one must not write to it, nor make it again in the older form.
    """

    code = "index.newer"
