"""Which file a record's name means: file systems keep bytes, and `é` is written in two ways (UAX #15, NFC and NFD)."""

from collections.abc import Collection

from archive.errors import Refused
from archive.printable import printable
from archive.text import normal, stream_safe
from ingest.sources.faults import refuse

_LONGEST = 255  # bytes of a name on the usual file systems (NAME_MAX)


def spellings(wanted: str, names: Collection[str]) -> list[str]:
    """Return which of `names` are meant by `wanted`: itself if it is there, else all that differ in spelling only."""
    if wanted in names:
        return [wanted]
    if len(wanted) > _LONGEST:
        return []
    plain = plain_spelling(wanted)
    return sorted(name for name in names if len(name) <= _LONGEST and plain_spelling(name) == plain)


def only_spelling(wanted: str, names: Collection[str], path: str) -> str:
    """Return the one of `names` that `wanted` means; raises Refused (`file.missing`, `file.ambiguous`)."""
    found = spellings(wanted, names)
    if not found:
        raise refuse(path, "file.missing")
    if len(found) > 1:
        raise ambiguous(path, found)
    return found[0]


def ambiguous(path: str, names: Collection[str]) -> Refused:
    """Return the refusal of a name that several files answer to: each is named so that people see the difference."""
    return refuse(path, "file.ambiguous", names=", ".join(printable(name, marks=True) for name in sorted(names)))


def plain_spelling(name: str) -> str:
    """Return what all spellings of a name have in common (NFC)."""
    return normal(stream_safe(name))
