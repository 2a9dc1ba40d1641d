"""Reads the text of archived documents, in a child process: a stored file stays untrusted."""

import json
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO

import pikepdf
import pypdfium2

from archive.isolation.child import Limits, isolated, preload
from ingest.content.record_text import LONGEST
from ingest.record import RECORD_NAME
from ingest.sources.kinds import PDF

preload(__name__)
_LIMITS = Limits(seconds=60, memory=1 << 30)
_MOST_PAGES = 500


def attached_records(pdfs: Sequence[bytes]) -> list[str | None]:
    """Return the `record.json` that is attached to each of `pdfs`; None where none is.

    They are read in one child, so only papers that Kho rendered itself may come together. Raises
    :class:`archive.base.errors.Unreadable`, MemoryBusy.
    """
    answer: list[str | None] = json.loads(isolated(_LIMITS, _records, list(pdfs)))
    return answer


def text_layer(pdf: bytes, *, attached: bool) -> str:
    """Return the beginning of the text on the pages of `pdf`, at most `LONGEST` characters.

    `attached`: of the PDF that is attached to it as the file as received; no text where that is no
    PDF. Raises :class:`archive.base.errors.Unreadable`, MemoryBusy.
    """
    return isolated(_LIMITS, _layer, pdf, attached).decode("utf-8")


def _records(pdfs: Sequence[bytes]) -> bytes:
    return json.dumps([_record(pdf) for pdf in pdfs]).encode()


def _record(pdf: bytes) -> str | None:
    content = _attachment(pdf, RECORD_NAME)
    return None if content is None else content.decode("utf-8")


def _attachment(pdf: bytes, name: str) -> bytes | None:
    with pikepdf.open(BytesIO(pdf)) as opened:
        there = opened.attachments
        return there[name].get_file().read_bytes() if name in there else None


def _layer(pdf: bytes, attached: bool) -> bytes:
    file = _attachment(pdf, PDF.attachment) if attached else pdf
    if file is None:
        return b""
    pages: list[str] = []
    length = 0
    with closing(pypdfium2.PdfDocument(file)) as document:
        for number in range(min(len(document), _MOST_PAGES)):
            with closing(document[number]) as page, closing(page.get_textpage()) as text:
                pages.append(text.get_text_bounded())
            length += len(pages[-1])
            if length > LONGEST:
                break
    whole = "\n".join(pages).replace("\r\n", "\n").replace("\0", " ")
    return whole[:LONGEST].encode("utf-8", "replace")
