"""The date and the sheet number that papers state themselves: as words, and as an order to read
them in.
"""

from collections.abc import Iterable

from archive.base.bilingual import Text
from archive.catalog.entries import DocumentEntry

ReadingPlace = tuple[str, int, int]


def own_date(dated: str | None, sheet: str | None) -> Text:
    """Return the paper's own date (dd/MM/yyyy) and sheet, as far as they are known."""
    day = "/".join(reversed(dated.split("-"))) if dated else ""
    vi, en = (f"{word} {sheet}" if sheet else "" for word in ("tờ", "sheet"))
    return Text(", ".join(filter(None, (day, vi))), ", ".join(filter(None, (day, en))))


def reading_place(dated: str | None, sheet: str | None, position: int) -> ReadingPlace:
    """Return what papers of one chart are sorted by: their own date, their sheet, their position.

    Papers without a date come first: most of them are of the whole stay.
    """
    number = int(sheet) if sheet and sheet.isdecimal() else 0
    return (dated or "", number, position)


def in_reading_order(documents: Iterable[DocumentEntry]) -> list[DocumentEntry]:
    """Return the papers of one chart in the order of :func:`reading_place`."""
    return sorted(documents, key=lambda each: reading_place(each.dated, each.sheet, each.position))
