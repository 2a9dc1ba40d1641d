"""What a PDF holds beside its signatures: scripts, actions, XFA forms."""

import re

import pikepdf

from signing.validation.facts import Flaw
from signing.validation.pdf.snapshot import Snapshot

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
# An object as qpdf writes it has one form for every name. The pattern finds names that need a
# closer look; they may also occur in a string. A letter or digit after them would make another
# token.
_SUSPICIOUS = re.compile(
    rb"/(?:JS|XFA|%b)(?![0-9A-Za-z])" % b"|".join(name[1:].encode() for name in sorted(_ACTIVE))
)


def content_flaws(snapshot: Snapshot) -> frozenset[Flaw]:
    """Return SCRIPT and XFA where an object of the file holds one."""
    flaws: set[Flaw] = set()
    if any(map(_SUSPICIOUS.search, snapshot.written.values())):
        for thing in snapshot.objects:
            _look(thing, flaws, 0)
    return frozenset(flaws)


def _look(thing: object, flaws: set[Flaw], depth: int) -> None:
    """Look into one object and its direct children; indirect ones have their own turn."""
    if depth > _MAX_DEPTH:
        flaws.add(Flaw.SCRIPT)  # no file nests that deep by accident: fail closed
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        if "/JS" in thing or str(thing.get("/S", "")) in _ACTIVE:
            flaws.add(Flaw.SCRIPT)
        if "/XFA" in thing:
            flaws.add(Flaw.XFA)
        for key in thing.keys():  # noqa: SIM118 - a stream cannot be iterated itself
            child = thing[key]
            if isinstance(child, pikepdf.Object) and not child.is_indirect:
                _look(child, flaws, depth + 1)
    elif isinstance(thing, pikepdf.Array):
        for child in thing:
            if isinstance(child, pikepdf.Object) and not child.is_indirect:
                _look(child, flaws, depth + 1)
