"""Sums that a form checks: a total, and the fields, columns and points that it adds up."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field as Key
from pydantic import model_validator

from archive.base.facts import Strict

# A keyword of Kho in a schema: the sums of an object, by the name of the total.
SUMS = "x-kho-sums"

Path = Annotated[str, Key(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63})?$")]


class Sum(Strict):
    """What a total adds up: fields beside it, or a column of a table (`table.column`).

    With `every`, the rows count only where each code of that column has exactly one.
    """

    of: Annotated[tuple[Path, ...], Key(min_length=1)]
    every: Annotated[str, Key(min_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        whole = raw if isinstance(raw, Mapping) else {"of": raw}
        of = whole.get("of")
        return {**whole, "of": (of,)} if isinstance(of, str) else whole


def total(parts: Iterable[Mapping[str, Any]], data: Mapping[str, Any]) -> Fraction | None:
    """Return what `parts` (a member of :data:`SUMS`) add up to in `data`; None: one is missing.

    The result is exact: 0.1 and 0.2 are 0.3.
    """
    values = [value for part in parts for value in _values(part, data)]
    return None if None in values else sum((v for v in values if v is not None), Fraction(0))


def number(value: object) -> Fraction | None:
    """Return a number of a JSON document as it is written; None: it is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return Fraction(value) if isinstance(value, int) else Fraction(str(value))
    except ValueError:  # infinite, or none
        return None


def written(value: Fraction) -> str:
    """Return a number for people, with a decimal point; one that is too large is `∞`."""
    try:
        return f"{float(value):.15g}"
    except OverflowError:
        return "∞"


def _values(part: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Fraction | None]:
    if "table" not in part:
        yield _value(part, data)
        return
    rows = data.get(part["table"])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        yield None
        return
    if (every := part.get("every")) is not None:
        codes = [str(row.get(every["field"])) for row in rows]
        if sorted(codes) != sorted(every["codes"]):
            yield None
            return
    yield from (_value(part, row) for row in rows)


def _value(part: Mapping[str, Any], data: Mapping[str, Any]) -> Fraction | None:
    value = data.get(part["field"])
    points = part.get("points")
    if points is not None:
        value = points.get(value) if isinstance(value, str) else None
    return number(value)
