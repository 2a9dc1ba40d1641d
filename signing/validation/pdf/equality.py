"""Whether two things of a PDF, as of two revisions, are the same: all that can be reached from
them.

The comparison follows what the file shows and not how an update was written. So a thing that a page
uses is compared wherever it lies: in a new object, in a reused number, in the security store.
"""

import pikepdf

from signing.validation.pdf.snapshot import Number, Snapshot, affected_numbers, changed_numbers

# Two objects, and whether the names of the maker's own lead into them.
Pair = tuple[Number, Number, bool]
# Entries that lead back, or to a thing that is compared by itself.
_LINKS = frozenset({"/P", "/Parent", "/Popup", "/IRT", "/Obj", "/Pg"})
# A signature reference names the catalog as what it protects (ISO 32000-2, table 256).
_SIGNED_THING = "/Data"
# What a page finds here goes by names of the maker's own (ISO 32000-2, table 34), `/P` as well.
_NAMED = frozenset(
    {"/ColorSpace", "/ExtGState", "/Font", "/Pattern", "/Properties", "/Shading", "/XObject"}
)


class Equality:
    """Compares things of `old` with things of `new`, a later revision of the same file.

    `apart` are the objects (annotations, fields) that the caller compares by itself: a link to one
    is the same where it leads to the same object.
    """

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self.old, self.new = old, new
        self.changed = changed_numbers(old, new)
        self.apart: frozenset[Number] = frozenset()
        self._affected = affected_numbers(old, new, self.changed)
        self._proven: set[Pair] = set()
        self._different: set[Pair] = set()

    def same(self, old: object, new: object, key: str = "") -> bool:
        """Return if all that can be reached from both is the same; `key` is the entry that holds
        them.
        """
        seen: set[Pair] = set()
        is_same = self._same(old, new, key, seen)
        if is_same:
            self._proven |= seen
        elif (pair := _pair(old, new, key)) is not None:
            self._different.add(pair)
        return is_same

    def differing_keys(self, old: pikepdf.Object, new: pikepdf.Object) -> set[str]:
        """Return the entries of two dictionaries that are not the same."""
        return {
            key for key in _keys(old) | _keys(new) if not self.same(old.get(key), new.get(key), key)
        }

    def _same(self, old: object, new: object, key: str, seen: set[Pair]) -> bool:
        waiting: list[tuple[str, object, object]] = [(key, old, new)]
        while waiting:
            key, a, b = waiting.pop()
            if not isinstance(a, pikepdf.Object) or not isinstance(b, pikepdf.Object):
                if type(a) is not type(b) or a != b:
                    return False
                continue
            if (pair := _pair(a, b, key)) is not None:
                if self._is_leaf(key, a.objgen, b.objgen):
                    continue
                if pair in self._different:
                    return False
                if pair in seen or pair in self._proven:
                    continue
                seen.add(pair)
            if not self._step(key, a, b, waiting):
                return False
        return True

    def _is_leaf(self, key: str, a: Number, b: Number) -> bool:
        if a == b and a not in self._affected:
            return True
        if key in _NAMED:
            return False
        page = self.old.page_numbers.get(a)
        if page is not None and page == self.new.page_numbers.get(b):
            return True  # pages are compared one by one
        if key == _SIGNED_THING:
            return (a, b) == (self.old.root.objgen, self.new.root.objgen)
        return key in _LINKS and a == b and a in self.apart

    def _step(
        self,
        key: str,
        a: pikepdf.Object,
        b: pikepdf.Object,
        waiting: list[tuple[str, object, object]],
    ) -> bool:
        if isinstance(a, pikepdf.Stream):
            if not isinstance(b, pikepdf.Stream) or a.read_raw_bytes() != b.read_raw_bytes():
                return False
            a, b = a.stream_dict, b.stream_dict
        if isinstance(a, pikepdf.Dictionary):
            if not isinstance(b, pikepdf.Dictionary) or isinstance(b, pikepdf.Stream):
                return False
            waiting.extend(
                ("" if key in _NAMED else name, a.get(name), b.get(name))
                for name in _keys(a) | _keys(b)
            )
            return True
        if isinstance(a, pikepdf.Array):
            if not isinstance(b, pikepdf.Array) or len(a) != len(b):
                return False
            waiting.extend(("", x, y) for x, y in zip(list(a), list(b), strict=True))
            return True
        return a.unparse(resolved=True) == b.unparse(resolved=True)  # names and strings


def _pair(old: object, new: object, key: str) -> Pair | None:
    """Return how two things are remembered; None where one has no number of its own."""
    if not isinstance(old, pikepdf.Object) or not isinstance(new, pikepdf.Object):
        return None
    has_numbers = old.is_indirect and new.is_indirect
    return (old.objgen, new.objgen, key in _NAMED) if has_numbers else None


def _keys(thing: pikepdf.Object) -> set[str]:
    return set(thing.keys())
