"""What the updates after a signature change, by kind (ISO 32000-2, 12.8.2.2; ETSI EN 319 142-1,
5.4 and 5.5).

Two revisions of a file are compared as documents: first the trailer, the catalog and the form,
then each page. All that a page can reach is compared. So nothing that is shown changes unnoticed,
however the update was written (Mainka et al. 2021: "shadow attacks").
"""

from collections.abc import Iterable, Iterator, Mapping

import pikepdf

from signing.validation.facts import Change, ChangeKind, SignatureKind
from signing.validation.pdf.covering import Ground, field_covers
from signing.validation.pdf.description import only_dates_differ
from signing.validation.pdf.equality import Equality
from signing.validation.pdf.fields import Field
from signing.validation.pdf.snapshot import Snapshot

# Entries of the catalog (ISO 32000-2, table 29); others are unexplained.
_ROOT: Mapping[str, ChangeKind] = {
    "/Extensions": ChangeKind.ARCHIVAL,
    "/Version": ChangeKind.ARCHIVAL,
    **dict.fromkeys(
        (
            *("/AA", "/AF", "/Collection", "/Names", "/OCProperties", "/OpenAction"),
            *("/OutputIntents", "/Requirements", "/Threads", "/Dests"),
        ),
        ChangeKind.CONTENT,
    ),
}
# A signer may add what the file did not have: colours for the signature's own picture.
_ADDED = {"/OutputIntents": ChangeKind.ARCHIVAL}
_APART = frozenset({"/AcroForm", "/DSS", "/Metadata", "/Pages", "/Perms"})
# Entries of the trailer that say where objects lie (ISO 32000-2, tables 15 and 17).
_PLACES = frozenset(
    {
        *("/Size", "/Prev", "/ID", "/XRefStm", "/Type", "/W", "/Index", "/Filter"),
        *("/DecodeParms", "/Length"),
    }
)
# Entries of a page that show nothing; annotations are compared by themselves. /Parent shows much:
# some readers look there for what a page inherits, and not in the node that has the page.
_BESIDE_PAGE = frozenset({"/Annots", "/LastModified", "/Tabs"})
_PROGRAM_DATA = "/PieceInfo"  # ISO 32000-2, 14.5
_COMMENTS = frozenset({"/Link", "/Popup", "/Text"})
# Annotations that only draw (ISO 32000-2, table 171). Free text and stamps are none of these: what
# they say reads like the document's own words.
_MARKUP = frozenset(
    {
        *("/Caret", "/Circle", "/Highlight", "/Ink", "/Line", "/PolyLine", "/Polygon"),
        *("/Square", "/Squiggly", "/StrikeOut", "/Underline"),
    }
)
# What an annotation looks like, and where.
_LOOK = frozenset({"/AP", "/AS", "/F", "/Rect"})
_UNSEEN = 2 | 32  # annotation flags Hidden and NoView (ISO 32000-2, table 167)
# What filling in changes in a field, and in its widget.
_FILLED = frozenset({"/AP", "/AS", "/I", "/M", "/MK", "/RV", "/V"})
# What signing adds to an empty signature field, and to its widget.
_SIGNED = _FILLED | {
    *("/BS", "/Border", "/DA", "/F", "/Lock", "/NM", "/P", "/Q", "/Rect", "/SV", "/Subtype"),
    *("/TU", "/Type", "/StructParent"),
}

_NEW: tuple[int, pikepdf.Object | None] = (0, None)  # of an annotation that was not there before


def changes_between(old: Snapshot, new: Snapshot, *, covered: bool) -> frozenset[Change]:
    """Return what `new`, a later revision of the same file, changes of `old`.

    `covered` tells whether a signature covers `new` to its end.
    """
    return frozenset(_Comparison(Equality(old, new), covered=covered).changes())


def _root_kind(key: str) -> ChangeKind:
    return _ROOT.get(key, ChangeKind.UNEXPLAINED)


class _Comparison:
    def __init__(self, equality: Equality, *, covered: bool) -> None:
        self._equality, self._is_last = equality, not covered
        self._old, self._new = equality.old, equality.new
        self._old_fields = _by_key(self._old.fields)
        self._new_fields = _by_key(self._new.fields)
        self._field_of = {
            widget.objgen: field
            for field in self._new_fields.values()
            for widget in field.widgets
            if widget.is_indirect
        }
        self._ground = Ground(self._old.data)
        shared = self._annotations(self._old) & self._annotations(self._new)
        equality.apart = frozenset(shared - {(0, 0)})

    def changes(self) -> Iterator[Change]:
        """Yield what changed; the same change may come twice."""
        if not self._equality.changed and self._same_trailer():
            return
        explained = [*self._trailer(), *self._root(), *self._form(), *self._pages()]
        yield from explained
        yield from self._orphans(alone=self._is_last and not explained)

    def _same_trailer(self) -> bool:
        old, new = self._old.pdf.trailer, self._new.pdf.trailer
        return all(
            key in _PLACES or self._equality.same(old.get(key), new.get(key))
            for key in {*old.keys(), *new.keys()}
        )

    def _trailer(self) -> Iterator[Change]:
        old, new = self._old.pdf.trailer, self._new.pdf.trailer
        for key in {*old.keys(), *new.keys()} - _PLACES - {"/Root", "/Info"}:
            if not self._equality.same(old.get(key), new.get(key)):
                yield Change(ChangeKind.UNEXPLAINED, key)
        yield from self._description("/Info", old.get("/Info"), new.get("/Info"))

    def _root(self) -> Iterator[Change]:
        old, new = self._old.root, self._new.root
        for key in {*old.keys(), *new.keys()} - _APART:
            if not self._equality.same(old.get(key), new.get(key)):
                added = old.get(key) is None and not self._is_last
                yield Change(_ADDED.get(key, _root_kind(key)) if added else _root_kind(key), key)
        yield from self._description("/Metadata", old.get("/Metadata"), new.get("/Metadata"))
        before, after = self._old.store, self._new.store
        if before != after:
            # A renewal may bring its own evidence only: the earlier revision keeps the older one.
            renewed = not self._is_last and bool(after.everything)
            archival = renewed or before.is_within(after)
            yield Change(ChangeKind.ARCHIVAL if archival else ChangeKind.UNEXPLAINED, "/DSS")
        if not self._same_permissions():
            yield Change(ChangeKind.UNEXPLAINED, "/Perms")

    def _same_permissions(self) -> bool:
        """Return if the rights are the same; the first signature may bring some."""
        old, new = self._old.root.get("/Perms"), self._new.root.get("/Perms")
        signed_before = any(field.value for field in self._old_fields.values())
        return self._equality.same(old, new) or (old is None and not signed_before)

    def _description(self, key: str, old: object, new: object) -> Iterator[Change]:
        if not self._equality.same(old, new):
            # where no signature covers it, even an empty description has to have been there
            expected = old is not None or not self._is_last or key == "/Info"
            only_dates = expected and only_dates_differ(old, new, self._equality)
            kind = ChangeKind.DATES if only_dates else ChangeKind.METADATA
            yield Change(kind, key)

    # The form

    def _form(self) -> Iterator[Change]:
        old, new = (
            _dictionary(self._old.root, "/AcroForm"),
            _dictionary(self._new.root, "/AcroForm"),
        )
        for entry in self._equality.differing_keys(old, new) - {"/Fields"}:
            yield self._form_entry(entry, old, new)
        for number, field in self._new_fields.items():
            before = self._old_fields.get(number)
            if before is None:
                yield self._added(field)
                if field.value and field.is_shown and field_covers(self._ground, self._new, field):
                    yield Change(ChangeKind.COVERING, field.name)
            else:
                yield from self._compared(before, field)
        for number, field in self._old_fields.items():
            if number not in self._new_fields:
                yield Change(ChangeKind.CONTENT, field.name)

    def _form_entry(self, key: str, old: pikepdf.Object, new: pikepdf.Object) -> Change:
        if key == "/XFA":
            return Change(ChangeKind.CONTENT, key)
        value: object = new.get(key)
        if key in ("/DA", "/DR", "/Q"):  # defaults for appearances that are made later
            harmless = self._only_adds(old.get(key), value)
        elif key == "/NeedAppearances":  # true: each viewer makes its own
            harmless = value is not True
        else:
            harmless = key == "/SigFlags"
        return Change(ChangeKind.ARCHIVAL if harmless else ChangeKind.UNEXPLAINED, key)

    def _only_adds(self, old: object, new: object, levels: int = 2) -> bool:
        """Return if each resource of `old` is the same in `new`: categories, and names in them."""
        if old is None:
            return True
        is_category = isinstance(old, pikepdf.Dictionary) and "/Type" not in old
        if not levels or not is_category or not isinstance(new, pikepdf.Dictionary):
            return self._equality.same(old, new)
        assert isinstance(old, pikepdf.Dictionary)
        return all(
            self._only_adds(value, new.get(key), levels - 1) for key, value in old.as_dict().items()
        )

    def _added(self, field: Field) -> Change:
        """Judge a field that was not there before."""
        value = field.value
        if not field.is_signature or (value is None and field.is_shown):
            return Change(ChangeKind.CONTENT, field.name)
        if value is None:
            return Change(ChangeKind.SIGNATURE, field.name)
        return self._signed(field)

    def _signed(self, field: Field) -> Change:
        """Judge a signature value that was not there before."""
        value = field.value
        if value is None or not self._is_new(value.number):
            return Change(ChangeKind.CONTENT, field.name)  # an older value, shown again
        if value.kind is not SignatureKind.DOCUMENT_TIMESTAMP:
            return Change(ChangeKind.SIGNATURE, field.name)
        kind = ChangeKind.CONTENT if field.is_shown else ChangeKind.ARCHIVAL
        return Change(kind, field.name)

    def _is_new(self, number: tuple[int, int]) -> bool:
        return all(
            before.value is None or before.value.number != number or not number[0]
            for before in self._old_fields.values()
        )

    def _compared(self, old: Field, new: Field) -> Iterator[Change]:
        differing = self._differing(old, new)
        if not differing:
            return
        if new.is_signature and old.is_signature:
            signed_now = old.value is None and new.value is not None
            if signed_now and differing <= _SIGNED:
                yield self._signed(new)
                if _is_seen_more(old, new, differing) and field_covers(
                    self._ground, self._new, new
                ):
                    yield Change(ChangeKind.COVERING, new.name)
            else:
                yield Change(ChangeKind.CONTENT, new.name)
        else:
            filled = not new.is_signature and differing <= _FILLED
            yield Change(ChangeKind.FIELDS if filled else ChangeKind.CONTENT, new.name)

    def _differing(self, old: Field, new: Field) -> set[str]:
        """Return the entries that differ in the field, in those above it, and in its widgets."""
        pairs = [(old.thing, new.thing)]
        for before, after in ((old.above, new.above), (old.widgets, new.widgets)):
            if len(before) != len(after):
                return {"/Kids"}
            pairs += zip(before, after, strict=True)
        return {
            key
            for before, after in pairs
            for key in self._equality.differing_keys(before, after) - {"/Kids"}
        }

    # The pages

    def _pages(self) -> Iterator[Change]:
        old, new = self._old.pages, self._new.pages
        if not self._equality.same(self._old.root.get("/Pages"), self._new.root.get("/Pages")):
            yield Change(ChangeKind.CONTENT, "/Pages")
        for place, (before, after) in enumerate(zip(old, new, strict=False), start=1):
            differing = self._equality.differing_keys(before, after) - _BESIDE_PAGE
            if differing:
                shows = differing != {_PROGRAM_DATA}
                yield Change(ChangeKind.CONTENT if shows else ChangeKind.UNEXPLAINED, str(place))
            yield from self._annotated(place, before, after)

    def _annotated(self, place: int, old: pikepdf.Object, new: pikepdf.Object) -> Iterator[Change]:
        before, after = list(enumerate(_annotations(old))), _annotations(new)
        known = {thing.objgen: (layer, thing) for layer, thing in before if thing.is_indirect}
        direct = [(layer, thing) for layer, thing in before if not thing.is_indirect]
        layers: list[int] = []  # of what was there before: a later annotation lies above
        for thing in after:
            indirect = thing.is_indirect
            layer, was = known.pop(thing.objgen, _NEW) if indirect else self._direct(thing, direct)
            if was is not None:
                layers.append(layer)
            field = self._field_of.get(thing.objgen) if indirect else None
            is_old_field = field is not None and _key(field) in self._old_fields
            # An annotation of before that a new field takes for its own is still compared here.
            if field is not None and (was is None or is_old_field):
                if was is None and field.is_shown and is_old_field:
                    yield Change(ChangeKind.CONTENT, field.name)
                continue  # it is compared with its field
            yield from self._annotation(place, was, thing)
        if known or direct or layers != sorted(layers):  # one is gone, or lies above another now
            yield Change(ChangeKind.CONTENT, str(place))

    def _direct(
        self, thing: pikepdf.Object, before: list[tuple[int, pikepdf.Object]]
    ) -> tuple[int, pikepdf.Object | None]:
        """Take the annotation that is the same as `thing` out of `before`."""
        for place, (_, other) in enumerate(before):
            if self._equality.same(other, thing):
                return before.pop(place)
        return _NEW

    def _annotation(
        self, place: int, was: pikepdf.Object | None, thing: pikepdf.Object
    ) -> Iterator[Change]:
        """Judge an annotation that is new, or `was` there before."""
        differing = {*_LOOK} if was is None else self._equality.differing_keys(was, thing) - {"/P"}
        if not differing:
            return
        subtype, is_drawn = str(thing.get("/Subtype")), "/AP" in thing  # else a reader draws it
        if subtype in _COMMENTS:
            yield Change(ChangeKind.COMMENT, str(place))
            if is_drawn and differing & _LOOK and self._ground.lies_under(place - 1, thing):
                yield Change(ChangeKind.COVERING, str(place))
            return
        beside = was is None and subtype in _MARKUP and is_drawn
        if beside and not self._ground.lies_under(place - 1, thing):
            yield Change(ChangeKind.COMMENT, str(place))
        else:
            yield Change(ChangeKind.ANNOTATION, str(place))

    def _orphans(self, *, alone: bool) -> Iterator[Change]:
        """Judge objects that are new or other than before, and to which no path leads.

        They show nothing, and some makers leave a few behind. But data that nothing uses has no
        reason: a page may be meant to use it later. An update that consists of such objects alone
        has none, either.
        """
        changed = self._equality.changed & self._new.written.keys()
        reachable = self._new.reachable() if changed else set()
        unused = {n for n in changed - reachable if not self._new.is_table(n)}
        # A reader that takes no notice of generations shows them where others show nothing.
        stray = self._equality.changed & (self._old.stray_numbers | self._new.stray_numbers)
        if stray or any(alone or self._new.may_show(number) for number in unused):
            yield Change(ChangeKind.UNEXPLAINED, "")

    @staticmethod
    def _annotations(snapshot: Snapshot) -> set[tuple[int, int]]:
        of_pages = {thing.objgen for page in snapshot.pages for thing in _annotations(page)}
        parts = (
            thing
            for field in snapshot.fields
            for thing in (field.thing, *field.above, *field.widgets)
        )
        return of_pages | {thing.objgen for thing in parts}


def _is_seen_more(old: Field, new: Field, differing: set[str]) -> bool:
    """Return if a field is seen where it was not seen before: elsewhere, or shown only now."""
    if not new.is_shown:
        return False
    flags: list[object] = [widget.get("/F", 0) for widget in old.widgets]
    was_unseen = any(not isinstance(flag, int) or flag & _UNSEEN for flag in flags)
    return "/Rect" in differing or ("/F" in differing and was_unseen)


def _annotations(page: pikepdf.Object) -> list[pikepdf.Object]:
    array = page.get("/Annots")
    if not isinstance(array, pikepdf.Array):
        return []
    return [item for item in list(array) if isinstance(item, pikepdf.Dictionary)]


def _by_key(fields: Iterable[Field]) -> dict[object, Field]:
    return {_key(field): field for field in fields}


def _key(field: Field) -> object:
    """Return what a field keeps through updates: its object's number, else its name."""
    return field.thing.objgen if field.thing.is_indirect else field.name


def _dictionary(thing: pikepdf.Object, key: str) -> pikepdf.Object:
    value = thing.get(key)
    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()
