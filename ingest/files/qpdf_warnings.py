"""What qpdf warns of: of these, what lets programs read different content from one file.

A stream that is longer than it says, or a key that is there twice, shows one thing to one program
and another to the next: such a file is refused, with the page and the reason.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from pikepdf import Pdf

from archive.base.bilingual import Text

_LIST = tomllib.loads(Path(__file__).with_name("qpdf_warnings.toml").read_text("utf-8"))
_MASKING: dict[str, dict[str, str]] = _LIST["masking"]
_OBJECT = re.compile(r"object (\d+) \d+")
_WRITTEN = re.compile(rb"\b(\d+) \d+ obj\b(.{0,4000}?)\bendobj\b", re.DOTALL)
_PAGE = Text(" (trang {page}: {what})", " (page {page}: {what})")
_OBJECT_ALONE = Text(" (đối tượng {object}: {what})", " (object {object}: {what})")
_NOWHERE = Text(" ({what})", " ({what})")


def masking_warning(pdf: Pdf, data: bytes) -> dict[str, Any] | None:
    """Return the first warning of `pdf` that makes it ambiguous: `what` is its key in the list,
    `page` counts from 1 and `object` is a number, 0 where unknown. None: there is no such warning.

    `data` is the file.
    """
    for warning in pdf.get_warnings():
        for name, entry in _MASKING.items():
            if entry["says"] in warning:
                named = _OBJECT.search(warning)
                number = int(named[1]) if named else 0
                return {"what": name, "page": _page_of(pdf, data, number), "object": number}
    return None


def place_facts(facts: dict[str, Any]) -> dict[str, str]:
    """Return `where_vi` and `where_en` of what :func:`masking_warning` found; empty for nothing.

    Raises KeyError, ValueError for facts that it does not give.
    """
    if not facts:
        return {"where_vi": "", "where_en": ""}
    entry, page, number = _MASKING[facts["what"]], int(facts["page"]), int(facts["object"])
    frame = _PAGE if page else _OBJECT_ALONE if number else _NOWHERE
    known = {"page": page, "object": number}
    return {
        "where_vi": frame.vi.format(what=entry["vi"], **known),
        "where_en": frame.en.format(what=entry["en"], **known),
    }


def _page_of(pdf: Pdf, data: bytes, number: int) -> int:
    """Return the page that is the object `number`, or that names it; 0 where none is found.

    qpdf takes an object that it cannot read for null, and forgets what named it; so that is looked
    for in the file.
    """
    owners = {number}
    if number:
        wanted = re.compile(rb"\b%d \d+ R\b" % number)
        written = _WRITTEN.finditer(data)
        owners |= {int(thing[1]) for thing in written if wanted.search(thing[2])}
    places = (at for at, page in enumerate(pdf.pages, 1) if page.obj.objgen[0] in owners)
    return next(places, 0)
