"""Notices of a source: what is archived but a person should check.

Their sentences are with those of the faults.
"""

from collections.abc import Iterable

from ingest.sources.faults import fault
from ingest.sources.legacy_text import legacy_texts
from ingest.submission import Notice

LEGACY_TEXT = "text.legacy"


def notice(path: str, code: str, **facts: object) -> Notice:
    """Return the notice `code` at `path`."""
    return Notice(fault(path, code, **facts))


def of_legacy_text(texts: Iterable[tuple[str, str]]) -> tuple[Notice, ...]:
    """Return a notice for each of `texts` (path and text) that is in an encoding from before
    Unicode.
    """
    legacy = legacy_texts(texts)
    return tuple(
        Notice(fault(each.path, LEGACY_TEXT, encoding=each.encoding), each.suggestion)
        for each in legacy
    )
