"""Opens archived PDFs in a child process: files that are attached to them, and the file under a
cover.

Kho trusts what it rendered itself. A file from outside stays untrusted, also after its
conversion.
"""

import json
from io import BytesIO

import pikepdf

from archive.base.identifiers import sha256
from archive.isolation.child import Limits, isolated, preload
from ingest.record import FORMATS, RECORD_NAME
from ingest.sources.kinds import KEPT_KINDS

preload(__name__)
_LIMITS = Limits(seconds=30, answer=256 << 20)
_MARK = b"(original."
_NOTHING, _SOMETHING = b"\0", b"\1"


def attachment(pdf: bytes, *names: str) -> bytes | None:
    """Return the first file that is attached to `pdf` under one of `names`, byte for byte; None
    where there is none.

    Raises :class:`archive.base.errors.Unreadable`.
    """
    return _content(isolated(_LIMITS, _attachment, pdf, names))


def original_of(pdf: bytes) -> bytes | None:
    """Return the file as received, attached to `pdf` as `original.…`.

    Raises :class:`archive.base.errors.Unreadable`.
    """
    return attachment(pdf, *(kind.attachment for kind in KEPT_KINDS))


def covered(pdf: bytes) -> bytes | None:
    """Return the file that `pdf` is a cover of, by its own record; None for any other file, of Kho
    or not.

    Raises :class:`archive.base.errors.Unreadable` if reading it exceeds its limits.
    """
    if _MARK not in pdf:
        return None  # a cover has the name in plain bytes, so other files need no child process
    return _content(isolated(_LIMITS, _covered, pdf))


def _content(answer: bytes) -> bytes | None:
    return answer[1:] if answer[:1] == _SOMETHING else None


def _attachment(pdf: bytes, names: tuple[str, ...]) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        there = opened.attachments
        return next(
            (_SOMETHING + there[name].get_file().read_bytes() for name in names if name in there),
            _NOTHING,
        )


def _covered(pdf: bytes) -> bytes:
    try:
        record = json.loads(_attachment(pdf, (RECORD_NAME,))[1:])
        stated = record["file"] if record["format"] in FORMATS else None
        if not isinstance(stated, dict) or stated["origin"] != "cover":
            return _NOTHING
        original = _attachment(pdf, tuple(kind.attachment for kind in KEPT_KINDS))
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RecursionError):
        return _NOTHING  # a file that Kho did not make
    return original if sha256(original[1:]) == stated["sha256"] else _NOTHING
