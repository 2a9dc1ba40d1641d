"""A defensive JSON reader (RFC 8259): UTF-8 only, bounded depth and size, no repeated names, exact
numbers, NFC.
"""

import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from archive.base.errors import SubmissionRejected
from archive.base.text import TooManyMarks
from archive.base.text import normal as nfc
from ingest.sources import utf8
from ingest.sources.faults import Faults, refuse
from ingest.sources.limits import DEFAULT_LIMITS, Limits

_MARK = re.compile(r'\\.|["\[\]{},]', re.DOTALL)
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")
_LARGEST_EXACT = 2**53 - 1  # RFC 8785 and I-JSON (RFC 7493, 2.2): beyond it readers disagree


class _Repeated(dict[str, Any]):
    """An object in which a name occurred twice."""


def parse_json(
    data: bytes, limits: Limits = DEFAULT_LIMITS, as_spelled: re.Pattern[str] | None = None
) -> Any:
    """Return the document in `data`, every text (names too) in NFC, but those whose JSON Pointer
    `as_spelled` matches.

    Raises :class:`archive.base.errors.SubmissionRejected` with the faults, each at its JSON Pointer
    (RFC 6901).
    """
    text = utf8.decode(data, "")
    _check_shape(text, limits)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_not_a_number,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except json.JSONDecodeError as error:
        raise refuse("", "json.malformed", line=error.lineno, column=error.colno) from error
    faults = Faults()
    normal = _normal(document, "", faults, as_spelled)
    if faults:
        raise SubmissionRejected(faults.all())
    return normal


def _check_shape(text: str, limits: Limits) -> None:
    """Bound depth and number of values before a recursive parser sees them; strings are skipped in
    one pass.
    """
    depth = values = 0
    in_string = False
    for match in _MARK.finditer(text):
        mark = match.group()
        if mark == '"':
            in_string = not in_string
        elif in_string or mark.startswith("\\"):
            continue
        elif mark in "[{":
            depth += 1
            values += 1
            if depth > limits.depth:
                raise refuse("", "json.too_deep", limit=limits.depth)
        elif mark in "]}":
            depth -= 1
        else:
            values += 1
        if values > limits.json_values:
            raise refuse("", "json.too_many_values", limit=limits.json_values)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _Repeated(members)


def _not_a_number(_: str) -> float:
    return math.nan  # refused with its place by `_normal`


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= len(str(-_LARGEST_EXACT)) else math.inf


def _decimal(digits: str) -> float:
    """Return the float that says just what `digits` say (RFC 8785, 3.2.2.3, writes its shortest
    form), else NaN.
    """
    number = float(digits)
    try:
        same = math.isfinite(number) and Decimal(digits) == Decimal(repr(number))
    except InvalidOperation:  # an exponent that not even a decimal can have
        same = False
    return number if same else math.nan


def _normal(value: Any, path: str, faults: Faults, as_spelled: re.Pattern[str] | None) -> Any:
    if isinstance(value, str):
        if as_spelled is not None and as_spelled.match(path):
            return value
        return _text(value, path, faults)
    if isinstance(value, dict):
        return _normal_object(value, path, faults, as_spelled)
    if isinstance(value, list):
        return [
            _normal(item, f"{path}/{place}", faults, as_spelled) for place, item in enumerate(value)
        ]
    if not isinstance(value, bool) and isinstance(value, int | float) and not _exact(value):
        faults.add(path, "json.number")
    return value


def _text(text: str, path: str, faults: Faults) -> str:
    try:
        return nfc(text)
    except TooManyMarks:
        faults.add(path, "text.marks")
        return ""


def _normal_object(
    value: dict[str, Any], path: str, faults: Faults, as_spelled: re.Pattern[str] | None
) -> dict[str, Any]:
    members: dict[str, Any] = {}
    repeated = isinstance(value, _Repeated)
    for name, inner in value.items():
        plain = _text(name, path, faults)
        repeated = repeated or plain in members
        # A name that is not plain is the sender's own text: it does not go into a path.
        below = f"{path}/{plain if _PLAIN_NAME.match(plain) else '*'}"
        members[plain] = _normal(inner, below, faults, as_spelled)
    if repeated:
        faults.add(path, "json.repeated_key")
    return members


def _exact(number: float) -> bool:
    return math.isfinite(number) and (isinstance(number, float) or abs(number) <= _LARGEST_EXACT)
