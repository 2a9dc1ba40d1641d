"""Codes that are typed as text (`codes_of`): which of them their shared list does not have."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ingest.codes.lists import Listing
from ingest.codes.shelf import CodeLists
from ingest.forms.field import Field, FieldType
from ingest.forms.model import Form


def unknown_codes(
    form: Form, data: Mapping[str, Any], codes: CodeLists, day: date | None
) -> Iterator[tuple[str, Listing]]:
    """Yield the path of each code in `data` that its list does not have on `day`, and the list.

    A code outside of its list is no reason to refuse a paper. Circulars say which list a code is
    from; the record is what its physician signed, and must be kept. Hospitals also send sub-codes
    that a list lacks.
    """
    for field in form.fields:
        if field.type is FieldType.TABLE:
            coded = [part for part in field.parts if part.codes_of is not None]
            for number, row in enumerate(data.get(field.name) or ()) if coded else ():
                for part in coded:
                    path = f"/{field.name}/{number}/{part.name}"
                    yield from _unknown(part, row.get(part.name), path, codes, day)
        elif field.codes_of is not None:
            yield from _unknown(field, data.get(field.name), f"/{field.name}", codes, day)


def _unknown(
    field: Field, value: object, path: str, codes: CodeLists, day: date | None
) -> Iterator[tuple[str, Listing]]:
    if not isinstance(value, str) or not value:
        return
    shelf = codes.on(field.codes_of or "", day)
    if shelf is not None and shelf.unknown(value):
        yield path, shelf.listing
