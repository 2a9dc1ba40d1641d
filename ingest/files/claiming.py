"""Which facility a PDF claims to be of, read in a child process: unproven words of its maker."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pikepdf

from archive.isolation.child import Limits, isolated, preload
from ingest.record import RECORD_NAME

preload(__name__)
_LIMITS = Limits(seconds=30, answer=1 << 20)
_MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class Claims:
    """What a PDF claims: the facility's code in its record, and the names in its metadata and
    signatures.
    """

    code: str | None
    names: frozenset[str]


def claims_of(pdf: bytes) -> Claims:
    """Return what `pdf` claims.

    Raises :class:`archive.base.errors.Unreadable` if reading it exceeds the limits.
    """
    answer = json.loads(isolated(_LIMITS, _claims, pdf))
    return Claims(answer["code"], frozenset(answer["names"]))


def _claims(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        names = list(dict.fromkeys(name[:1024] for name in _names(opened)))
        return json.dumps({"code": _code(opened), "names": names[:_MOST_NAMES]}).encode()


def _code(opened: pikepdf.Pdf) -> str | None:
    """Return the facility of the record that is attached (`docs/formats.md`), whatever version it
    says it has.
    """
    if RECORD_NAME not in opened.attachments:
        return None
    try:
        code = json.loads(opened.attachments[RECORD_NAME].get_file().read_bytes())["facility"]
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RecursionError):
        return None  # a file that Kho did not make
    return code[:100] if isinstance(code, str) else None


def _names(opened: pikepdf.Pdf) -> Iterator[str]:
    """Yield the author in the metadata (ISO 32000-2, 14.3.3) and the name in each signature
    (12.8.1).
    """
    if "/Author" in opened.docinfo:
        yield str(opened.docinfo["/Author"])
    with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        creators = metadata.get("dc:creator") or []
        yield from map(str, [creators] if isinstance(creators, str) else creators)
    for thing in opened.objects:
        if (
            isinstance(thing, pikepdf.Dictionary)
            and thing.get("/Type") == pikepdf.Name.Sig
            and "/Name" in thing
        ):
            yield str(thing["/Name"])
