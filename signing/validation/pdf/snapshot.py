"""A PDF as it was at the end of one revision: its objects as qpdf reads them.

A signature's revision is the file up to the end of its /ByteRange, a complete PDF of its own (ISO
32000-2, 7.5.6). So no reader has to know how a maker wrote its updates: tables or streams, freed or
reused numbers, a linearised first revision.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from hashlib import blake2b
from io import BytesIO

import pikepdf
from pikepdf import Name

from signing.validation.pdf.fields import Field, read_fields
from signing.validation.pdf.store import SecurityStore, store_of

_BYTE_RANGE = re.compile(rb"/ByteRange(?![0-9A-Za-z])")
# qpdf's words for a file whose object table it had to guess. Of two entries with one key some
# readers take the first, and some the last.
_GUESSED = (
    "reconstruct",
    "recover",
    "file is damaged",
    "can't find startxref",
    "duplicated key",
)
_SPACE = rb"(?:[\0\t\n\f\r ]|%[^\r\n]{0,80}[\r\n]){1,9}"  # ISO 32000-2, 7.2.3
_LATER_GENERATION = re.compile(
    rb"(?<![0-9])([0-9]{1,10})" + _SPACE + rb"0{0,4}([1-9][0-9]{0,4})" + _SPACE + rb"\Z"
)
_REFERENCE = re.compile(rb"(?<! 0)[\0\t\n\f\r ]R(?![0-9A-Za-z])")  # but those of generation 0
_LONGEST_REFERENCE = 200  # bytes
_TABLES = ("/XRef", "/ObjStm")
_SHOWN = ("/Page", "/Pages", "/Catalog")
MOST_PAGES = 20_000
Number = tuple[int, int]  # of an object: its number and its generation


class Snapshot:
    """The objects of a PDF; close it after use. Raises pikepdf.PdfError where qpdf cannot read it.

    `guessed` tells whether qpdf had to guess about the file's structure.
    """

    def __init__(self, data: bytes, whole: "Snapshot | None" = None) -> None:
        """`whole` is the file that begins with `data`, where it is open."""
        self.data, self._whole = data, whole
        self.pdf = pikepdf.open(BytesIO(data), suppress_warnings=True)
        self._guessed = False
        self.objects = tuple(self.pdf.objects)

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the memory."""
        self.pdf.close()

    @property
    def root(self) -> pikepdf.Object:
        """Return the catalog."""
        return self.pdf.Root

    @property
    def guessed(self) -> bool:
        """Return if qpdf had to guess about the structure of what it has read so far."""
        warnings = self.pdf.get_warnings()  # qpdf gives each of them once
        if any(word in str(text) for text in warnings for word in _GUESSED):
            self._guessed = True
        return self._guessed

    @cached_property
    def written(self) -> dict[Number, bytes]:
        """Return how qpdf writes each object, and of streams a digest of their data.

        Two objects with the same bytes here are the same, as far as their references are.
        """
        written = {}
        for thing in self.objects:
            if isinstance(thing, pikepdf.Object) and thing.is_indirect:
                written[thing.objgen] = _written(thing)
        # pikepdf gives plain numbers and the like without their object numbers
        for text in list(written.values()):
            for number in _references(text):
                if number not in written:
                    value = self.pdf.get_object(*number)
                    plain = not isinstance(value, pikepdf.Object)
                    written[number] = repr(value).encode() if plain else _written(value)
        return written

    @cached_property
    def stray_numbers(self) -> frozenset[Number]:
        """Return the objects that a reference names with another generation than theirs.

        For qpdf such a reference leads nowhere (ISO 32000-2, 7.3.10), and is no part of what it
        writes. Other readers go by the number alone.
        """
        generations = dict(self._by_number.keys())
        return frozenset(
            (number, generations[number])
            for number, generation in self._later_references()
            if generations.get(number, generation) != generation
        )

    @cached_property
    def references(self) -> dict[Number, frozenset[Number]]:
        """Return the objects at which each object points."""
        return {number: frozenset(_references(text)) for number, text in self.written.items()}

    @cached_property
    def pages(self) -> tuple[pikepdf.Object, ...]:
        """Return the leaves of the page tree, at most :data:`MOST_PAGES`."""
        return tuple(self._leaves())

    @cached_property
    def page_numbers(self) -> dict[Number, int]:
        """Return the place in the document of each page, by its object's number."""
        return {page.objgen: place for place, page in enumerate(self.pages)}

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields of the form."""
        return tuple(read_fields(self.pdf))

    @cached_property
    def store(self) -> SecurityStore:
        """Return the security store."""
        return store_of(self.pdf)

    @property
    def mentioned_values(self) -> int:
        """Return how many dictionaries have a /ByteRange; data of streams does not count."""
        return sum(len(_BYTE_RANGE.findall(text)) for text in self.written.values())

    def reachable(self) -> set[Number]:
        """Return the objects to which a path leads from the trailer."""
        return _closure(set(_references(_written(self.pdf.trailer))), self.references)

    def is_table(self, number: Number) -> bool:
        """Return if the object holds other objects or their places only."""
        return any(b"/Type " + name.encode() in self.written[number] for name in _TABLES)

    def may_show(self, number: Number) -> bool:
        """Return if a page could show the object: it is a page, or a stream with data."""
        thing = self._by_number.get(number)
        if isinstance(thing, pikepdf.Stream):
            return bool(thing.read_raw_bytes())
        return isinstance(thing, pikepdf.Dictionary) and str(thing.get("/Type")) in _SHOWN

    def _later_references(self) -> Iterator[Number]:
        """Yield each reference that has a generation but 0."""
        places = self._places if self._whole is None else self._whole._places
        yield from (number for end, number in places if end <= len(self.data))
        for text in self._packed():
            yield from (number for _, number in _later_generations(text))

    @cached_property
    def _places(self) -> tuple[tuple[int, Number], ...]:
        """The references of this kind in the file itself, each with its end there."""
        return tuple(_later_generations(self.data))

    def _packed(self) -> Iterator[bytes]:
        """Yield the object streams."""
        for thing in self.objects:
            if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == Name.ObjStm:
                try:
                    yield thing.read_bytes()
                except pikepdf.PdfError:
                    continue  # no object is read out of it, either

    @cached_property
    def _by_number(self) -> dict[Number, pikepdf.Object]:
        things = (thing for thing in self.objects if isinstance(thing, pikepdf.Object))
        return {thing.objgen: thing for thing in things if thing.is_indirect}

    def _leaves(self) -> Iterator[pikepdf.Object]:
        waiting = [self.root.get("/Pages")]
        seen: set[Number] = set()
        while waiting and len(seen) < MOST_PAGES:
            node = waiting.pop()
            if not isinstance(node, pikepdf.Dictionary) or node.objgen in seen:
                continue
            if node.is_indirect:
                seen.add(node.objgen)
            kids = node.get("/Kids")
            if isinstance(kids, pikepdf.Array):
                waiting.extend(reversed(list(kids)))
            else:
                yield node


def changed_numbers(old: Snapshot, new: Snapshot) -> frozenset[Number]:
    """Return the numbers of the objects that are not the same in both, or in one of them only."""
    before, after = old.written, new.written
    return frozenset(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))


def affected_numbers(old: Snapshot, new: Snapshot, changed: Iterable[Number]) -> frozenset[Number]:
    """Return `changed`, and the numbers of all objects from which a path leads to one of them."""
    pointed_from: dict[Number, set[Number]] = {}
    for snapshot in (old, new):
        for number, targets in snapshot.references.items():
            for target in targets:
                pointed_from.setdefault(target, set()).add(number)
    return frozenset(_closure(set(changed), pointed_from))


def _closure(
    start: set[Number], edges: "dict[Number, frozenset[Number]] | dict[Number, set[Number]]"
) -> set[Number]:
    reached, waiting = set(start), list(start)
    while waiting:
        for number in edges.get(waiting.pop(), ()):
            if number not in reached:
                reached.add(number)
                waiting.append(number)
    return reached


def _written(thing: pikepdf.Object) -> bytes:
    if isinstance(thing, pikepdf.Stream):
        return thing.stream_dict.unparse() + blake2b(thing.read_raw_bytes()).digest()
    return thing.unparse(resolved=True)


def _later_generations(text: bytes) -> Iterator[tuple[int, Number]]:
    """Yield the end in `text` of each reference that has a generation but 0, and what it names."""
    for end in (match.start() + 1 for match in _REFERENCE.finditer(text)):
        match = _LATER_GENERATION.search(text[max(0, end - _LONGEST_REFERENCE) : end])
        if match:
            yield end, (int(match[1]), int(match[2]))


def _references(text: bytes) -> Iterator[Number]:
    """Yield what each reference points at: qpdf writes white space around its parts."""
    for before in text.split(b" R")[:-1]:
        parts = before[-24:].split()[-2:]
        if len(parts) == 2 and parts[0].isdigit() and parts[1].isdigit():
            yield int(parts[0]), int(parts[1])
