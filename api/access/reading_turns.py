"""Turns of costly reading, for pages and API of a process together: opening documents, printing."""

from api.access.concurrency_limit import ConcurrencyLimit
from archive.base.errors import KhoError

_SHARE = 24  # places of one caller: a browser asks for all pictures of a page at once


class ViewingBusy(KhoError):
    """Other documents are being opened, and this one's turn did not come in time."""

    code = "viewing.busy"
    retry_seconds = 5


class PrintingBusy(KhoError):
    """Other sheets are being printed, and this one's turn did not come in time."""

    code = "printing.busy"
    retry_seconds = 5


def viewing_turns() -> ConcurrencyLimit:
    """Return the turns of work that opens a document in child processes: its pages are counted or
    drawn, or what is attached to it is read.

    A hostile file may occupy a child for its whole time limit.
    """
    return ConcurrencyLimit(4, 28, 20.0, ViewingBusy, share=_SHARE)


def printing_turns() -> ConcurrencyLimit:
    """Return the turns of printing: each takes a processor, and Typst's compiler does one thing at
    a time.
    """
    return ConcurrencyLimit(1, 4, 20.0, PrintingBusy)
