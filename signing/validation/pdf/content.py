"""What a PDF holds beside its signatures: scripts, actions, XFA forms, and its XMP; read by qpdf,
not by pyHanko.

A second parser sees what the first may have overlooked, and pyHanko changes its cached objects when
their data is read.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf

from signing.validation.facts import Flaw

# ISO 32000-2, 12.6.4: actions that run, send, fetch, hide or play. Going somewhere in the file or
# to a URI does not.
_ACTIVE = frozenset(
    {
        "/GoToE",
        "/GoToR",
        "/Hide",
        "/ImportData",
        "/JavaScript",
        "/Launch",
        "/Movie",
        "/Rendition",
        "/ResetForm",
        "/RichMediaExecute",
        "/SetOCGState",
        "/Sound",
        "/SubmitForm",
    }
)
_MAX_DEPTH = 32
# Patterns for an object as qpdf writes it, where every name and reference has one form. They find
# names that need a closer look (they may also occur in a string), and references. A letter or digit
# after them would make another token.
_SUSPICIOUS = re.compile(
    rb"/(?:JS|XFA|%b)(?![0-9A-Za-z])" % b"|".join(name[1:].encode() for name in sorted(_ACTIVE))
)
_REFERENCE = re.compile(rb"(?<![0-9])([0-9]+) [0-9]+ R(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Content:
    """SCRIPT and XFA where an object of the file holds one; the XMP packet, empty where there is
    none.

    `references` counts how often the file's objects point at each object, by its number; None where
    qpdf had to guess about the file's structure.
    """

    flaws: frozenset[Flaw]
    xmp: bytes
    references: Mapping[int, int] | None = field(default=None)


def read_content(pdf: bytes) -> Content:
    """Look into every object of `pdf`; a file that qpdf cannot read has the flaw UNPARSABLE."""
    found: set[Flaw] = set()
    try:
        with pikepdf.open(BytesIO(pdf), suppress_warnings=True) as document:
            written = b"\n".join(map(_written, document.objects))
            if _SUSPICIOUS.search(written):
                for thing in document.objects:
                    _look(thing, found, 0)
            metadata = document.Root.get("/Metadata")
            xmp = metadata.read_bytes() if isinstance(metadata, pikepdf.Stream) else b""
            sound = not document.get_warnings()
    except pikepdf.PdfError:
        return Content(frozenset({Flaw.UNPARSABLE}), b"")
    references = Counter(map(int, _REFERENCE.findall(written))) if sound else None
    return Content(frozenset(found), xmp, references)


def _written(thing: object) -> bytes:
    """Return how qpdf writes an object; of a stream its dictionary, of a number (to pikepdf no
    object) nothing.
    """
    if isinstance(thing, pikepdf.Stream):
        return thing.stream_dict.unparse()
    return thing.unparse(resolved=True) if isinstance(thing, pikepdf.Object) else b""


def _look(thing: object, found: set[Flaw], depth: int) -> None:
    """Look into one object and its direct children; indirect ones have their own turn."""
    if depth > _MAX_DEPTH:
        found.add(Flaw.SCRIPT)  # no file nests that deep by accident: fail closed
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        if "/JS" in thing or str(thing.get("/S", "")) in _ACTIVE:
            found.add(Flaw.SCRIPT)
        if "/XFA" in thing:
            found.add(Flaw.XFA)
        for key in thing.keys():  # noqa: SIM118 - a stream cannot be iterated itself
            child = thing[key]
            if isinstance(child, pikepdf.Object) and not child.is_indirect:
                _look(child, found, depth + 1)
    elif isinstance(thing, pikepdf.Array):
        for child in thing:
            if isinstance(child, pikepdf.Object) and not child.is_indirect:
                _look(child, found, depth + 1)
