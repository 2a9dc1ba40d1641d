"""An entry as every engine stores it.

The tokens are made here, in Python, so that all engines see the same.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from archive.base.departments import codes_of
from search import dates, vietnamese
from search.contract import Entry
from search.fields import ENDS_FIELD, FEWEST_END_DIGITS, TEXT_FIELDS

ANALYSIS_VERSION = 3
"""Raised whenever the tokens of any text change: an index of another version must be fed again."""

_UUID_LENGTH = 32  # hex digits
_ICD_CATEGORY = 3  # characters: "J18" of "J18.9"
_OPEN_END = date.max
# of what follows the time in a UUIDv7 and is no constant: a counter, then chance
_ID_TAIL_BITS = 62
# of a UUIDv7's 48-bit milliseconds; the first of them stays 0 until the year 6429
_ID_TIME_BITS = 47


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is indexed of one entry. Keys are fields of the engine; tokens hold no white space.

    `stay` is the first and last day of the stay (ordinals; open stays last for ever), None where
    neither is known. `recency` orders hits of equal score, and `sequence` those of equal recency:
    larger is newer. Both fit a signed 64-bit integer.
    """

    texts: dict[str, tuple[str, ...]]  # in order, so that phrases are found
    codes: dict[str, tuple[str, ...]]
    stay: tuple[int, int] | None
    recency: int
    sequence: int


def tokens(entry: Entry) -> Tokens:
    """Return what is indexed of `entry`; pure."""
    texts: dict[str, tuple[str, ...]] = {}
    raw = {
        "patient_name": entry.patient_name,
        "diagnoses": "\n".join(entry.diagnoses),
        "title": entry.title,
        "body": "" if entry.sensitive else entry.body or "",
        "sensitive_body": entry.body or "" if entry.sensitive else "",
    }
    for field in TEXT_FIELDS:
        analysed = vietnamese.words(raw[field.name])
        texts[field.name] = tuple(word.folded for word in analysed)
        texts[field.exact_name] = tuple(word.exact for word in analysed)
    codes = {
        "whole_name": _codes(entry.patient_name),
        "identifiers": _codes(*entry.identifiers, entry.document_id, entry.chart_id),
        ENDS_FIELD: _ends(entry.identifiers),
        "archive_number": archive_number(entry.archive_number or ""),
        "birth_date": dates.tokens(entry.birth_date or ""),
        "icd10": icd10(entry.icd10),
        "form": _codes(entry.form),
        "kind": _codes(entry.kind),
        "outcome": _codes(entry.outcome),
        "department": _codes(*codes_of(entry.department)),
        "dates": tuple(
            sorted(
                {
                    token
                    for day in (entry.admitted, entry.discharged)
                    if day
                    for token in dates.tokens(str(day))
                }
            )
        ),
    }
    return Tokens(texts, codes, _stay(entry), _recency(entry), _sequence(entry))


def _codes(*texts: str) -> tuple[str, ...]:
    return tuple(sorted({token for token in map(vietnamese.code, texts) if token}))


def _ends(identifiers: tuple[str, ...]) -> tuple[str, ...]:
    """Return the identifiers that end in enough digits, turned round; UUIDs do not count."""
    numbered = (
        code[::-1]
        for code in _codes(*identifiers)
        if code[-FEWEST_END_DIGITS:].isdigit() and len(code) < _UUID_LENGTH
    )
    return tuple(sorted(code for code in numbered if len(code) >= FEWEST_END_DIGITS))


def archive_number(number: str) -> tuple[str, ...]:
    """Return an archive number whole and in parts, with and without leading zeros.

    People say 123 for 2026-000123.
    """
    parts = {word.folded for word in vietnamese.words(number)}
    return tuple(
        sorted({vietnamese.code(number), *parts, *(part.lstrip("0") for part in parts)} - {""})
    )


def icd10(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return each code with its prefixes down to its three-character category."""
    return tuple(
        sorted(
            {
                token[:length]
                for token in map(vietnamese.code, codes)
                for length in range(min(_ICD_CATEGORY, len(token)), len(token) + 1)
                if token
            }
        )
    )


def _stay(entry: Entry) -> tuple[int, int] | None:
    first = entry.admitted or entry.discharged
    if first is None:
        return None
    return first.toordinal(), (entry.discharged or _OPEN_END).toordinal()


def _recency(entry: Entry) -> int:
    """Return the last known day of the stay, and within a day the time in the document's UUIDv7."""
    day = entry.discharged or entry.admitted or date.min
    days = min(max(day.toordinal() - date(1900, 1, 1).toordinal(), 0), (1 << 16) - 1)
    try:
        moment = uuid.UUID(entry.document_id).int >> 80
    except ValueError:  # the order among equals is a courtesy, no reason to refuse an entry
        moment = 0
    return days << _ID_TIME_BITS | moment & ((1 << _ID_TIME_BITS) - 1)


def _sequence(entry: Entry) -> int:
    """Return what follows the time in the document's UUIDv7.

    It is a counter, where many are made in one millisecond.
    """
    try:
        number = uuid.UUID(entry.document_id).int
    except ValueError:
        return 0
    # without version and variant (RFC 9562, 5.7)
    tail = (number >> 64 & 0xFFF) << 62 | number & ((1 << 62) - 1)
    return tail >> (74 - _ID_TAIL_BITS)
