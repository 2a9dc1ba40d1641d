"""The form of a PDF, and the signature values in it (ISO 32000-2, 12.7 and 12.8), read by qpdf."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pikepdf
import pyhanko.sign  # noqa: F401 - the door to its circle of modules, for every thread
from pyhanko.pdf_utils.generic import parse_pdf_date
from pyhanko.pdf_utils.misc import PdfError

from signing.validation.facts import SignatureKind

MOST_FIELDS = 20_000
_MOST_LEVELS = 32
_INHERITED = ("/FT", "/V", "/Ff")
_KINDS = {
    "/ETSI.RFC3161": SignatureKind.DOCUMENT_TIMESTAMP,
    "/ETSI.CAdES.detached": SignatureKind.SEAL,
    "/adbe.pkcs7.detached": SignatureKind.SEAL,
    "/adbe.pkcs7.sha1": SignatureKind.SEAL,
}
_HIDDEN = 2  # annotation flag (ISO 32000-2, table 167)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form that has no fields below it.

    `name` is fully qualified: the partial names with periods between. `above` are the fields that
    it belongs to, and `widgets` the annotations that show it.
    """

    name: str
    thing: pikepdf.Object
    above: tuple[pikepdf.Object, ...]
    widgets: tuple[pikepdf.Object, ...]

    def get(self, key: str) -> object:
        """Return an entry; what a field above states counts where this states nothing."""
        for level in (self.thing, *reversed(self.above)):
            value: object = level.get(key)
            if value is not None:
                return value
            if key not in _INHERITED:
                return None
        return None

    @property
    def is_signature(self) -> bool:
        """Return if signatures go here."""
        return str(self.get("/FT")) == "/Sig"

    @property
    def value(self) -> "SignatureValue | None":
        """Return the signature value; None where the field is no signature field, or empty."""
        value = self.get("/V") if self.is_signature else None
        return SignatureValue(value) if isinstance(value, pikepdf.Dictionary) else None

    @property
    def is_shown(self) -> bool:
        """Return if a page has room for it: its rectangle has an area, and it is not hidden."""
        return any(_has_area(widget) for widget in self.widgets)


@dataclass(frozen=True, slots=True)
class SignatureValue:
    """A signature dictionary (ISO 32000-2, table 255)."""

    thing: pikepdf.Object

    @property
    def number(self) -> tuple[int, int]:
        """Return the number of its object; (0, 0) where it lies within its field."""
        return self.thing.objgen

    @property
    def subfilter(self) -> str:
        """Return the kind of encoding, e.g. `/ETSI.CAdES.detached`."""
        return str(self.thing.get("/SubFilter"))

    @property
    def kind(self) -> SignatureKind:
        """Return what it is; the encoding decides, since some makers call a timestamp `/Sig`."""
        return _KINDS.get(self.subfilter, SignatureKind.OTHER)

    @property
    def byte_range(self) -> tuple[int, ...]:
        """Return /ByteRange; empty where it is no list of whole numbers."""
        numbers = self.thing.get("/ByteRange")
        if not isinstance(numbers, pikepdf.Array) or len(numbers) > 64:
            return ()
        items: list[object] = list(numbers)
        whole = tuple(item for item in items if isinstance(item, int))
        return whole if len(whole) == len(items) else ()

    @property
    def contents(self) -> bytes:
        """Return /Contents with the zeros that pad it; empty where it is no string."""
        contents = self.thing.get("/Contents")
        return bytes(contents) if isinstance(contents, pikepdf.String) else b""

    @property
    def claimed_time(self) -> datetime | None:
        """Return /M, or None where there is none, it cannot be read, or no clock could have said
        so.
        """
        try:
            claimed = parse_pdf_date(str(self.thing.get("/M", "")), strict=False)
        except (PdfError, ValueError, OverflowError):
            return None
        return claimed if claimed.tzinfo and 1970 <= claimed.year < 9999 else None

    def transforms(self) -> Iterator[tuple[str, pikepdf.Object]]:
        """Yield method and parameters of each signature reference (ISO 32000-2, 12.8.2)."""
        references = self.thing.get("/Reference")
        for reference in list(references) if isinstance(references, pikepdf.Array) else ():
            if isinstance(reference, pikepdf.Dictionary):
                parameters = reference.get("/TransformParams")
                if not isinstance(parameters, pikepdf.Dictionary):
                    parameters = pikepdf.Dictionary()
                yield str(reference.get("/TransformMethod")), parameters


def read_fields(pdf: pikepdf.Pdf) -> list[Field]:
    """Return the fields of the form, at most :data:`MOST_FIELDS`, in the order of the file."""
    form = pdf.Root.get("/AcroForm")
    fields = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    read: list[Field] = []
    seen: set[tuple[int, int]] = set()
    for thing in _dictionaries(fields):
        _read(thing, (), "", read, seen)
    return read


def _read(
    thing: pikepdf.Object,
    above: tuple[pikepdf.Object, ...],
    prefix: str,
    read: list[Field],
    seen: set[tuple[int, int]],
) -> None:
    if len(read) >= MOST_FIELDS or len(above) > _MOST_LEVELS or thing.objgen in seen:
        return
    if thing.is_indirect:
        seen.add(thing.objgen)
    own = thing.get("/T")
    name = ".".join(filter(None, (prefix, "" if own is None else str(own))))
    kids = _dictionaries(thing.get("/Kids"))
    below = [kid for kid in kids if "/T" in kid]
    for kid in below:
        _read(kid, (*above, thing), name, read, seen)
    if not below:
        read.append(Field(name, thing, above, tuple(kids) or (thing,)))


def _dictionaries(array: object) -> list[pikepdf.Object]:
    if not isinstance(array, pikepdf.Array):
        return []
    return [item for item in list(array) if isinstance(item, pikepdf.Dictionary)]


def _has_area(widget: pikepdf.Object) -> bool:
    flags, box = widget.get("/F", 0), widget.get("/Rect")
    if isinstance(flags, int) and flags & _HIDDEN:
        return False
    if not isinstance(box, pikepdf.Array) or len(box) != 4:
        return "/AP" in widget
    try:
        left, low, right, high = (float(number) for number in list(box))
    except (TypeError, ValueError):
        return True
    return left != right and low != high
