"""Which file a record's name means: file systems keep bytes, and `é` is written in two ways (UAX
#15, NFC and NFD).
"""

from collections.abc import Collection

from archive.base.errors import SubmissionRejected
from archive.base.printable import printable
from archive.base.text import normal, stream_safe
from ingest.sources.faults import refuse

_LONGEST = 255  # bytes of a name on the usual file systems (NAME_MAX)


class Spellings:
    """Finds what names mean among `names`, which are listed and normalised once, and only where a
    name is not exact.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._plain: dict[str, list[str]] | None = None

    def meant(self, wanted: str) -> list[str]:
        """Return which names are meant by `wanted`: itself if it is there, else all that differ in
        spelling only.
        """
        if wanted in self._names:
            return [wanted]
        if len(wanted) > _LONGEST:
            return []
        if self._plain is None:
            self._plain = {}
            for name in sorted(self._names):
                if len(name) <= _LONGEST:
                    self._plain.setdefault(plain_spelling(name), []).append(name)
        return self._plain.get(plain_spelling(wanted), [])

    def only(self, wanted: str, path: str) -> str:
        """Return the one name that `wanted` means; raises SubmissionRejected (`file.missing`,
        `file.ambiguous`) at `path`.
        """
        spellings = self.meant(wanted)
        if not spellings:
            raise refuse(path, "file.missing")
        if len(spellings) > 1:
            raise ambiguous(path, spellings)
        return spellings[0]


def ambiguous(path: str, names: Collection[str]) -> SubmissionRejected:
    """Return the refusal of a name that several files answer to: each is named so that people see
    the difference.
    """
    return refuse(
        path,
        "file.ambiguous",
        names=", ".join(printable(name, marks=True) for name in sorted(names)),
    )


def plain_spelling(name: str) -> str:
    """Return what all spellings of a name have in common (NFC)."""
    return normal(stream_safe(name))
