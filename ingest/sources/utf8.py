"""The one text encoding that sources may have: UTF-8, with or without a byte order mark, and no
NUL.
"""

import codecs

from ingest.sources.faults import refuse

_OTHER_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, path: str) -> str:
    """Return `data` as text without its byte order mark.

    Raises :class:`archive.base.errors.SubmissionRejected` with `text.encoding` or `text.nul` and
    the byte offset where it breaks.
    """
    refuse_other_marks(data, path)
    nul = data.find(b"\x00")
    if nul >= 0:
        raise refuse(path, "text.nul", offset=nul)
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise refuse(path, "text.encoding", offset=error.start) from error


def refuse_other_marks(data: bytes, path: str) -> None:
    """Raise :class:`archive.base.errors.SubmissionRejected` with `text.encoding` where `data` is
    marked as UTF-16 or UTF-32.
    """
    if data.startswith(_OTHER_MARKS):
        raise refuse(path, "text.encoding", offset=0)
