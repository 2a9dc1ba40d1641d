"""The shape of a signature in a report: a child that a file has taken over may send any JSON."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

_LONGEST = 4096  # characters; names in certificates are far shorter
_MOST = 1000  # signatures in a file, problems of a signature
_MOST_CHANGES = 100_000

Check = Callable[[Any], bool]


def checked_signatures(raw: Any) -> tuple[dict[str, Any], ...]:
    """Return the signatures of a report as they are.

    Raises ValueError where a part is not what a report holds.
    """
    if (
        not isinstance(raw, list)
        or len(raw) > _MOST
        or not all(_fits(each, _SIGNATURE) for each in raw)
    ):
        raise ValueError("not the signatures of a report")
    return tuple(raw)


def checked_text(raw: Any) -> str:
    """Return `raw`. Raises ValueError where it is no text of a report."""
    if not _is_text(raw):
        raise ValueError("not a text of a report")
    return str(raw)


def _fits(value: Any, shape: Mapping[str, Check]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == shape.keys()
        and all(shape[key](value[key]) for key in shape)
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


def _is_text_or_none(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_time_or_none(value: Any) -> bool:
    if value is None:
        return True
    if not _is_text(value):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_problems(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST and all(_is_text(each) for each in value)


def _is_size(value: Any) -> bool:
    return type(value) is int and value >= 0


def _are_changes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MOST_CHANGES
        and all(_fits(each, {"kind": _is_text, "what": _is_text}) for each in value)
    )


def _is_validity_or_none(value: Any) -> bool:
    return value is None or _fits(value, {"from": _is_time_or_none, "until": _is_time_or_none})


_TOKEN: Mapping[str, Check] = {
    "subject": _is_text_or_none,
    "issuer": _is_text_or_none,
    "managing_unit": _is_text_or_none,
    "serial": _is_text_or_none,
    "certificate_valid": _is_validity_or_none,
    "digest_algorithm": _is_text,
    "signature_algorithm": _is_text,
    "integrity": _is_flag,
    "cryptography": _is_flag,
    "trusted": _is_flag,
    "problems": _are_problems,
    "proven_until": _is_time_or_none,
}


def _is_timestamp_or_none(value: Any) -> bool:
    return value is None or _fits(value, {**_TOKEN, "time": _is_time_or_none})


_SIGNATURE: Mapping[str, Check] = {
    **_TOKEN,
    "field": _is_text,
    "kind": _is_text,
    "level": _is_text_or_none,
    "claimed_time": _is_time_or_none,
    "sealed_at": _is_time_or_none,
    "timestamp": _is_timestamp_or_none,
    "indication": _is_text,
    "subindication": _is_text_or_none,
    "revision_end": _is_size,
    "changes_after": _are_changes,
}
