"""Canonical JSON (RFC 8785): the one way in which facts become bytes that are hashed and signed.

The library writes byte by byte in Python. Python's own encoder, in C, writes the same bytes twenty
times as fast for nearly all that Kho has to say; what it might write otherwise goes to the library.
"""

import json
from typing import Any

import rfc8785

CanonicalizationError = rfc8785.CanonicalizationError

_SAFE = 2**53 - 1  # RFC 8785, 3.2.2.3: larger integers are not exact in every reader
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises CanonicalizationError for another value, RecursionError.
    """
    try:
        return _encode(value).encode("utf-8") if _is_plain(value) else rfc8785.dumps(value)
    except UnicodeEncodeError as error:
        raise CanonicalizationError("half of a surrogate pair is no text") from error


def _is_plain(value: Any) -> bool:
    """Tell whether both encoders write `value` alike.

    ASCII names sort alike in any encoding, and numbers are short.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(type(name) is str and name.isascii() for name in value) and all(
            map(_is_plain, value.values())
        )
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    if isinstance(value, int):
        return -_SAFE <= value <= _SAFE
    # Decimal notation in both Python and ECMAScript, with the same digits: the fewest that give the
    # number again.
    return isinstance(value, float) and 1e-4 <= abs(value) < 1e15 and not value.is_integer()
