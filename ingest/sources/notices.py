"""Notices of a source: what is archived but a person should check.

Their sentences are with those of the faults.
"""

from collections.abc import Iterable
from itertools import islice

from ingest.codes.lists import Listing
from ingest.sources.faults import fault
from ingest.sources.legacy_text import legacy_texts
from ingest.submission import Notice

MOST_NOTICES = 50  # of unknown codes: a person looks at one and sees the kind
UNLISTED = "code.unlisted"
LEGACY_TEXT = "text.legacy"


def notice(path: str, code: str, **facts: object) -> Notice:
    """Return the notice `code` at `path`."""
    return Notice(fault(path, code, **facts))


def unknown_code(path: str, listing: Listing) -> Notice:
    """Return the notice that the code at `path` is not in its list."""
    return notice(path, UNLISTED, title=listing.title.vi, source=listing.source)


def of_unknown_codes(unknown: Iterable[tuple[str, Listing]]) -> tuple[Notice, ...]:
    """Return a notice for each code that its list does not have, at most `MOST_NOTICES`."""
    return tuple(unknown_code(path, listing) for path, listing in islice(unknown, MOST_NOTICES))


def of_legacy_text(texts: Iterable[tuple[str, str]]) -> tuple[Notice, ...]:
    """Return a notice for each of `texts` (path and text) that is in an encoding from before
    Unicode.
    """
    legacy = legacy_texts(texts)
    return tuple(
        Notice(fault(each.path, LEGACY_TEXT, encoding=each.encoding), each.suggestion)
        for each in legacy
    )
