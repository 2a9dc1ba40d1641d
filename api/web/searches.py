"""Recent searches, kept in memory, so that no page's address reveals a query or a patient."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from uuid import UUID

from archive.base.identifiers import new_id
from search.contract import FilterRead
from search.query import parse, without

FILTER_FIELDS = ("form", "department", "icd10", "kind", "outcome", "date_from", "date_to")
_MOST = 2000
_MOST_OF_ONE = 100  # account: no account can displace the searches of all others


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed: the box, and the filters below it (as typed, empty where not used)."""

    text: str = ""
    form: str = ""
    department: str = ""
    icd10: str = ""
    kind: str = ""
    outcome: str = ""
    date_from: str = ""
    date_to: str = ""

    @property
    def typed(self) -> str:
        """The search as one line of `search.query`; a filter's field counts more than the same
        filter in the box.
        """
        filters = {
            "form": self.form,
            "department": self.department,
            "icd": self.icd10,
            "kind": self.kind,
            "outcome": self.outcome,
            "from": self.date_from,
            "to": self.date_to,
        }
        quoted = [
            f'{name}:"{value.replace(chr(34), " ").strip()}"'
            for name, value in filters.items()
            if value.strip()
        ]
        return " ".join([self.text, *quoted])

    @property
    def read(self) -> tuple[FilterRead, ...]:
        """The filters that were read out of the box and count."""
        return tuple(each for each in parse(self.text).read if each.filter not in self.chosen)

    @property
    def chosen(self) -> dict[str, str]:
        """The fields below the box that are filled in."""
        return {name: value for name in FILTER_FIELDS if (value := getattr(self, name).strip())}

    def without(self, name: str, start: int | None = None, *, as_words: bool = False) -> "Search":
        """Return the search without one of its filters: that read at `start`, or a field's."""
        if start is not None:
            return replace(self, text=without(self.text, start, as_words=as_words))
        return replace(self, **{name: ""}) if name in FILTER_FIELDS else self


class Searches:
    """The last searches of all accounts.

    Each has an opaque id that only its own account can use. Safe for threads.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: OrderedDict[UUID, tuple[str, Search]] = OrderedDict()

    def keep(self, account: str, search: Search) -> UUID:
        """Remember a search of `account` and return its id; the oldest of very many are forgotten,
        its own first.
        """
        key = UUID(new_id())
        with self._guard:
            self._kept[key] = (account, search)
            own = [key for key, (owner, _) in self._kept.items() if owner == account]
            for old in own[:-_MOST_OF_ONE]:
                del self._kept[old]
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return key

    def find(self, account: str, key: UUID) -> Search | None:
        """Return the search `key` if it is `account`'s and is still kept."""
        with self._guard:
            owner, search = self._kept.get(key, ("", None))
        return search if owner == account else None

    def forget(self, account: str) -> None:
        """Forget what `account` searched: it has signed out."""
        with self._guard:
            for key in [key for key, (owner, _) in self._kept.items() if owner == account]:
                del self._kept[key]
