"""What a paper says of itself: its own title, date and sheet number, so that lists can show them.

The form names the fields that hold them (`title_field`, `date_field`, `sheet_field`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.acts.accession import LONGEST_SHEET
from archive.base.clock import parse_iso, vietnam_date
from archive.base.printable import on_one_line
from ingest.forms.model import Form

LONGEST_TITLE = 255  # characters


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """What a paper says of itself; None: it does not say it.

    `title`: its own, where its form prescribes none. `dated`: the day that it is of, in Viet Nam.
    `sheet`: the number of the sheet (tờ số), as text.
    """

    title: str | None = None
    dated: date | None = None
    sheet: str | None = None


def own_facts(form: Form, data: Mapping[str, Any]) -> OwnFacts:
    """Return what a paper of `form` with this `data` says of itself.

    Where the date is a column of a table, it is the earliest day of its rows: a sheet is of the day
    on which it was begun. A date of which the day is not known counts as none.
    """
    sheet = None if form.sheet_field is None else data.get(form.sheet_field)
    return OwnFacts(
        title=form.own_title(data),
        dated=min(_days(form.date_field, data), default=None),
        sheet=short_line("" if sheet is None else str(sheet), LONGEST_SHEET),
    )


def short_line(text: str, longest: int) -> str | None:
    """Return `text` as one line; None where it says nothing or is longer than `longest`."""
    shown = " ".join(on_one_line(text).split())
    return shown if 0 < len(shown) <= longest else None


def _days(path: str | None, data: Mapping[str, Any]) -> list[date]:
    if path is None:
        return []
    name, _, column = path.partition(".")
    value = data.get(name)
    values = [row.get(column) for row in value or ()] if column else [value]
    return [day for each in values if isinstance(each, str) and (day := _day(each)) is not None]


def _day(value: str) -> date | None:
    """Return the day of a `date` or `datetime`; None where it is known to the month or year only,
    or where the text holds several.
    """
    try:
        if len(value) == len("YYYY-MM-DD"):
            return date.fromisoformat(value)
        return vietnam_date(parse_iso(value))
    except (ValueError, OverflowError):
        return None
