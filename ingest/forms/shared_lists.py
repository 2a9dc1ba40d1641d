"""The shared code lists (`ingest/codes`) that a form names: with the words of the record's day."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from archive.base.clock import vietnam_date
from archive.base.facts import ChartFacts
from ingest.codes.lists import Listing, shipped, shipped_on

Raw = dict[str, Any]


def with_listings(definition: Raw) -> Raw:
    """Return an assembled `definition` with the shared lists that its fields name.

    `list: NAME` means the form's own list of that name, else the shared one. `codes_of: NAME`
    means the shared one. The codes are those of any day until :meth:`Form.on` says which.
    """
    for key in ("listings", "shared"):
        if key in definition:
            raise ValueError(f"a form does not write {key}")
    own = definition.get("code_lists", {})
    if not isinstance(own, Mapping):
        return definition  # the model names what is wrong with it
    named = {
        field["list"]
        for field in _fields(definition)
        if field.get("list") not in own and _is_complete(field.get("list"))
    }
    explained = {
        name
        for field in _fields(definition)
        if isinstance(name := field.get("codes_of"), str) and name in shipped()
    }
    if not named | explained:
        return definition
    listings = {name: shipped_on(name, None) for name in sorted(named | explained)}
    words = {name: dict(listings[name].words) for name in sorted(named)}
    return {
        **definition,
        "code_lists": {**own, **words},
        "listings": listings,
        "shared": frozenset(named),
    }


def listings_on(names: Mapping[str, Listing], day: date) -> dict[str, Listing]:
    """Return the lists of these `names` as they are on `day`."""
    return {name: shipped_on(name, day) for name in names}


def day_of(chart: ChartFacts) -> date | None:
    """Return the day whose code lists a chart's papers follow: of discharge, else of admission.

    The insurance tables choose code lists by the day of discharge.
    """
    moment = chart.discharged_at or chart.admitted_at
    return None if moment is None else vietnam_date(moment)


def day_stated(document: object) -> date | None:
    """Return that day of a record as JSON, valid or not; None where it states none."""
    chart = document.get("chart") if isinstance(document, Mapping) else None
    stated = chart if isinstance(chart, Mapping) else {}
    for name in ("discharged_at", "admitted_at"):
        try:
            return vietnam_date(datetime.fromisoformat(stated[name]))
        except (KeyError, TypeError, ValueError, OverflowError):
            continue  # the schema names what is wrong with it
    return None


def _is_complete(name: object) -> bool:
    return isinstance(name, str) and name in shipped() and shipped()[name].complete


def _fields(definition: Raw) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of a definition, which may be broken: the model names that."""
    for section in _mappings(definition.get("sections")):
        for field in _mappings(section.get("fields")):
            yield field
            for key in ("columns", "detail"):
                yield from _mappings(field.get(key))


def _mappings(parts: object) -> list[Mapping[str, Any]]:
    return [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
