"""The code lists of one archive: what Kho ships and what the facility imported."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

from ingest.codes.imported import Imported, by_name, read_imports
from ingest.codes.lists import Listing, shipped, shipped_on
from search import vietnamese

MOST_HITS = 30
_BETWEEN = ";"  # several codes in one text


class Hit(NamedTuple):
    """A code that a search found, with its words."""

    code: str
    words: str


class Shelf:
    """One list as it is on a day, ready to be asked."""

    def __init__(self, listing: Listing) -> None:
        """`listing`: the codes and words, and their source."""
        self.listing = listing

    @cached_property
    def _folded(self) -> list[tuple[str, str, Hit]]:
        """Each code in plain letters, its words in plain letters, and both as they are."""
        return [
            (vietnamese.code(code), f" {_plain(words)}", Hit(code, words))
            for code, words in self.listing.words.items()
        ]

    @cached_property
    def _words(self) -> dict[str, str]:
        return {vietnamese.code(code): words for code, words in self.listing.words.items()}

    def unknown(self, text: str) -> bool:
        """Return whether `text`, one code or several with `;` between them, has one that is not in
        the list. Points and small letters do not count: `j189` is `J18.9`.
        """
        codes = (vietnamese.code(part) for part in text.split(_BETWEEN))
        return any(code and code not in self._words for code in codes)

    def meaning(self, text: str) -> str:
        """Return the words of `text` where it is one code of the list; else the empty text."""
        return self._words.get(vietnamese.code(text), "")

    def search(self, text: str) -> list[Hit]:
        """Return codes that begin with `text`, or whose words have all its words; at most
        `MOST_HITS`. The best are first: codes, then the shortest words.
        """
        # each word once: a text of many equal words is no more work than one word
        code, parts = vietnamese.code(text), {f" {part}" for part in _plain(text).split()}
        if not code:
            return []
        hits = [
            (not folded.startswith(code), len(words), hit)
            for folded, words, hit in self._folded
            if folded.startswith(code) or (parts and all(part in words for part in parts))
        ]
        return [hit for _, _, hit in sorted(hits)[:MOST_HITS]]


class CodeLists:
    """Says which list is in force on a day: the facility's import, else Kho's own."""

    def __init__(self, imports: Iterable[Imported] = (), broken: Iterable[str] = ()) -> None:
        """`broken`: files of the facility that are no lists."""
        self.imports = dict(by_name(imports))
        self.broken = tuple(broken)
        self._shelves: dict[tuple[str, date | None, bool], Shelf] = {}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the lists in `folder`; without it there are those that Kho ships."""
        return cls(*read_imports(folder)) if folder.is_dir() else cls()

    def on(self, name: str, day: date | None) -> Shelf | None:
        """Return the whole list `name` as it is on `day` (None: as it is since its newest day).

        None where Kho knows no whole list: it is not shipped, and no import counts on that day.
        """
        for imported in self.imports.get(name, ()):
            if day is None or imported.since <= day:
                return self._shelf(name, imported.listing, own=True)
        if not shipped()[name].complete:
            return None
        return self._shelf(name, shipped_on(name, day), own=False)

    def _shelf(self, name: str, listing: Listing, *, own: bool) -> Shelf:
        key = (name, listing.since, own)
        if key not in self._shelves:
            self._shelves[key] = Shelf(listing)
        return self._shelves[key]

    def all(self) -> Iterator[tuple[str, tuple[Imported, ...]]]:
        """Yield the name of each list with its imports, the newest first."""
        for name in shipped():
            yield name, self.imports.get(name, ())


def _plain(text: str) -> str:
    return " ".join(word.folded for word in vietnamese.words(text))
