"""What leads through a file and what was remarked in it: bookmarks, links, page labels, comments.

Ghostscript 10.00 drops bookmarks where it makes PDF/A, and OCRmyPDF may. So Kho takes them from the
file as received, and puts them into the converted one. Runs in a child process.
"""

from collections.abc import Callable, Iterator
from itertools import count, islice

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, NumberTree, Pdf, String

from ingest.files.annotations import PRINT, annotations, is_link, is_shown
from ingest.files.flattening.geometry import Sheet, sheet
from ingest.files.layers import Layers
from ingest.files.pdf_entries import border_width, box_of, dictionary, entries, items, remove
from ingest.files.pdfa.lists import NAMED_ACTIONS

_MOST_BOOKMARKS, _DEEPEST = 20_000, 50
_MOST_LABELS = 1_000
# Their words are seen (a text), or are another annotation's (a window).
_NO_COMMENT = frozenset({"/FreeText", "/Link", "/Popup", "/Widget"})


class Navigation:
    """The way from the pages of one file to those of the file that was converted from it."""

    def __init__(self, source: Pdf, target: Pdf) -> None:
        """Take two files whose pages are the same, in the same order."""
        self._source, self._target = source, target
        self._places = {page.obj.objgen: number for number, page in enumerate(source.pages)}
        self._named = _named_destinations(source)
        self._sheets: dict[int, tuple[Sheet, Sheet]] = {}

    def put_back(self) -> None:
        """Put bookmarks, links, page labels and comments into the converted file."""
        self._put_back_bookmarks()
        self._put_back_labels()
        self._put_back_annotations(self._annotation)

    def put_back_comments(self) -> None:
        """Put comments into a file that has bookmarks, links and page labels."""
        self._put_back_annotations(self._comment)

    def _put_back_annotations(self, copy: Callable[[int, Dictionary], Dictionary | None]) -> None:
        layers = Layers(self._source)
        for number, page in enumerate(self._source.pages):
            copies = [copy(number, each) for each in annotations(page) if is_shown(each, layers)]
            target = self._target.pages[number].obj
            listed = items(target, "/Annots")
            listed += [self._target.make_indirect(each) for each in copies if each is not None]
            if listed:
                target.Annots = Array(listed)
            else:
                remove(target, "/Annots")

    def _put_back_bookmarks(self) -> None:
        """Put the outline into the converted file (ISO 32000-2, 12.3.3)."""
        first = dictionary(self._source.Root, "/Outlines").get("/First")
        root = self._target.make_indirect(Dictionary(Type=Name.Outlines))
        if _bookmarks(self._target, first, root, self._goal, set(), 0):
            self._target.Root.Outlines = root
        else:
            remove(self._target.Root, "/Outlines")

    def _put_back_labels(self) -> None:
        labels = self._source.Root.get("/PageLabels")
        if not isinstance(labels, Dictionary):
            return
        listed = []
        for start, label in islice(NumberTree(labels).items(), _MOST_LABELS):
            if isinstance(label, Dictionary):
                plain = {key: label[key] for key in ("/S", "/P", "/St") if key in label}
                listed += [start, Dictionary(plain)]
        self._target.Root.PageLabels = Dictionary(Nums=Array(listed))

    def _annotation(self, number: int, annotation: Dictionary) -> Dictionary | None:
        if is_link(annotation):
            return self._link(number, annotation)
        return self._comment(number, annotation)

    def _link(self, number: int, annotation: Dictionary) -> Dictionary | None:
        goal = self._goal(annotation)
        if not goal:
            return None
        link = Dictionary({"/Type": Name.Annot, "/Subtype": Name.Link, "/F": PRINT, **goal})
        link.Rect = Array(self._moved(number, annotation.Rect))
        link.Border = Array([0, 0, border_width(annotation)])
        if isinstance(annotation.get("/C"), Array):
            link.C = Array([float(part) for part in annotation.C])
        return link

    def _comment(self, number: int, annotation: Dictionary) -> Dictionary | None:
        """Return a note with the words of a comment; the page shows already what it looks like."""
        words = annotation.get("/Contents")
        if not isinstance(words, String) or not str(words).strip():
            return None
        if str(annotation.get("/Subtype")) in _NO_COMMENT:
            return None
        left, bottom, right, top = self._moved(number, annotation.Rect)
        note = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Text,
            Rect=Array([left, bottom, right, top]),
            Contents=String(str(words)),
            Name=Name.Comment,
            F=PRINT,
            AP=Dictionary(N=_invisible(self._target, right - left, top - bottom)),
        )
        for key in ("/T", "/M", "/CreationDate", "/Subj"):
            if isinstance(annotation.get(key), String):
                note[key] = String(str(annotation[key]))
        return note

    def _moved(self, number: int, rectangle: pikepdf.Object) -> tuple[float, float, float, float]:
        source, target = self._of(number)
        return target.on_page(source.seen(box_of(rectangle)))

    def _of(self, number: int) -> tuple[Sheet, Sheet]:
        if number not in self._sheets:
            pages = self._source.pages[number], self._target.pages[number]
            self._sheets[number] = sheet(pages[0]), sheet(pages[1])
        return self._sheets[number]

    def _goal(self, thing: Dictionary) -> dict[str, pikepdf.Object]:
        """Return where a bookmark or a link leads, as an entry of its dictionary; {}: nowhere."""
        action = thing.get("/A")
        destination = thing.get("/Dest")
        if isinstance(action, Dictionary):
            if action.get("/S") == Name.URI and isinstance(action.get("/URI"), String):
                return {"/A": Dictionary(S=Name.URI, URI=String(bytes(action.URI)))}
            if action.get("/S") == Name.Named and str(action.get("/N")) in NAMED_ACTIONS:
                return {"/A": Dictionary(S=Name.Named, N=action.N)}
            destination = action.get("/D") if action.get("/S") == Name.GoTo else None
        goal = self._destination(destination)
        return {} if goal is None else {"/Dest": goal}

    def _destination(self, stated: pikepdf.Object | None) -> Array | None:
        """Return a destination (12.3.2) of the converted file."""
        if isinstance(stated, Name | String):
            stated = self._named.get(str(stated))
        if isinstance(stated, Dictionary):
            stated = stated.get("/D")
        if not isinstance(stated, Array) or len(stated) == 0:
            return None
        page = stated[0]
        number = self._places.get(page.objgen) if isinstance(page, Dictionary) else page
        if not isinstance(number, int) or not 0 <= number < len(self._target.pages):
            return None
        goal = self._target.pages[number].obj
        source, target = self._of(number)
        if len(stated) > 3 and stated[1] == Name.XYZ:
            left, _, right, top = box_of(self._source.pages[number].mediabox)
            x, y = _number(stated[2], left), _number(stated[3], top)
            box = target.on_page(source.seen((min(x, right), y, min(x, right), y)))
            zoom = _number(stated[4], 0) if len(stated) > 4 else 0
            return Array([goal, Name.XYZ, box[0], box[3], zoom])
        return Array([goal, Name.Fit])


def _bookmarks(
    pdf: Pdf,
    first: pikepdf.Object | None,
    parent: Dictionary,
    goal: Callable[[Dictionary], dict[str, pikepdf.Object]],
    seen: set[tuple[int, int]],
    depth: int,
) -> int:
    """Add the bookmarks from `first` on below `parent`; return how many are open to be seen."""
    siblings: list[Dictionary] = []
    visible = 0
    for stated in _siblings(first, seen) if depth < _DEEPEST else ():
        item = pdf.make_indirect(
            Dictionary({"/Title": String(_title(stated)), "/Parent": parent, **goal(stated)})
        )
        below = _bookmarks(pdf, stated.get("/First"), item, goal, seen, depth + 1)
        is_open = int(stated.get("/Count", 0)) > 0
        if below:
            item.Count = below if is_open else -below
        visible += 1 + (below if is_open else 0)
        if "/C" in stated:
            item.C = Array([float(part) for part in items(stated, "/C")])
        if "/F" in stated:
            item.F = int(stated.F)
        if siblings:
            siblings[-1].Next, item.Prev = item, siblings[-1]
        siblings.append(item)
    if siblings:
        parent.First, parent.Last, parent.Count = siblings[0], siblings[-1], visible
    return visible


def _title(bookmark: Dictionary) -> str:
    title = bookmark.get("/Title")
    return str(title) if isinstance(title, String) else ""


def _siblings(first: pikepdf.Object | None, seen: set[tuple[int, int]]) -> Iterator[Dictionary]:
    for _ in count():
        if not isinstance(first, Dictionary) or first.objgen in seen or len(seen) > _MOST_BOOKMARKS:
            return
        if first.is_indirect:
            seen.add(first.objgen)
        yield first
        first = first.get("/Next")


def _named_destinations(pdf: Pdf) -> dict[str, pikepdf.Object]:
    """Return the named destinations of a file (12.3.2.4), by both ways to name them."""
    named = entries(dictionary(pdf.Root, "/Dests"))
    tree = dictionary(pdf.Root, "/Names").get("/Dests")
    if isinstance(tree, Dictionary):
        named.update((str(name), goal) for name, goal in NameTree(tree).items())
    return named


def _number(stated: object, otherwise: float) -> float:
    return otherwise if stated is None else float(str(stated))


def _invisible(pdf: Pdf, width: float, height: float) -> pikepdf.Stream:
    return pdf.make_stream(
        b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, width, height])
    )
