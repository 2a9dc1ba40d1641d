"""Whether two things of a PDF, as of two revisions, are the same: all that can be reached from
them.

The comparison follows what the file shows and not how an update was written. So a thing that a page
uses is compared wherever it lies: in a new object, in a reused number, in the security store.
"""

import pikepdf

from signing.validation.pdf.snapshot import Number, Snapshot, affected_numbers, changed_numbers

Pair = tuple[Number, Number]
# Entries that lead back, or to a thing that is compared by itself. None of them is a name under
# which a page finds what it paints.
_LINKS = frozenset({"/P", "/Parent", "/Popup", "/IRT", "/Obj", "/Pg"})
# A signature reference names the catalog as what it protects (ISO 32000-2, table 256).
_SIGNED_THING = "/Data"


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

    def same(self, old: object, new: object, key: str = "") -> bool:
        """Return if all that can be reached from both is the same; `key` is the entry that holds
        them.
        """
        seen: set[Pair] = set()
        waiting: list[tuple[str, object, object]] = [(key, old, new)]
        while waiting:
            key, a, b = waiting.pop()
            if not isinstance(a, pikepdf.Object) or not isinstance(b, pikepdf.Object):
                if type(a) is not type(b) or a != b:
                    return False
                continue
            if a.is_indirect or b.is_indirect:
                pair = (a.objgen, b.objgen)
                if pair in seen or pair in self._proven or self._is_leaf(key, *pair):
                    continue
                seen.add(pair)
            if not self._step(a, b, waiting):
                return False
        self._proven |= seen
        return True

    def differing_keys(self, old: pikepdf.Object, new: pikepdf.Object) -> set[str]:
        """Return the entries of two dictionaries that are not the same."""
        return {
            key for key in _keys(old) | _keys(new) if not self.same(old.get(key), new.get(key), key)
        }

    def _is_leaf(self, key: str, a: Number, b: Number) -> bool:
        if a == b and a not in self._affected:
            return True
        page = self.old.page_numbers.get(a)
        if page is not None and page == self.new.page_numbers.get(b):
            return True  # pages are compared one by one
        if key == _SIGNED_THING:
            return (a, b) == (self.old.root.objgen, self.new.root.objgen)
        return key in _LINKS and a == b and a in self.apart

    def _step(
        self, a: pikepdf.Object, b: pikepdf.Object, waiting: list[tuple[str, object, object]]
    ) -> bool:
        if isinstance(a, pikepdf.Stream):
            if not isinstance(b, pikepdf.Stream) or a.read_raw_bytes() != b.read_raw_bytes():
                return False
            a, b = a.stream_dict, b.stream_dict
        if isinstance(a, pikepdf.Dictionary):
            if not isinstance(b, pikepdf.Dictionary) or isinstance(b, pikepdf.Stream):
                return False
            waiting.extend((key, a.get(key), b.get(key)) for key in _keys(a) | _keys(b))
            return True
        if isinstance(a, pikepdf.Array):
            if not isinstance(b, pikepdf.Array) or len(a) != len(b):
                return False
            waiting.extend(("", x, y) for x, y in zip(list(a), list(b), strict=True))
            return True
        return a.unparse() == b.unparse()  # names and strings


def _keys(thing: pikepdf.Object) -> set[str]:
    return set(thing.keys())
