"""Cursors: where a list continues, as opaque text that only this archive can write, for one list
and its filters.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from api.rest.errors import CursorInvalid

_CONTEXT = b"kho cursor/1\n"
# bytes of the HMAC: a forger has as many tries as there are requests, and gains a position in a
# list
_TAG = 16


class Cursors:
    """Writes and reads cursors; `secret` is the same on all hosts of an archive."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _CONTEXT, "sha256")

    def write(self, place: str, asked: Mapping[str, Any], position: list[Any]) -> str:
        """Return the cursor behind `position` (JSON values) of the list `place` with the filters
        `asked`.
        """
        body = _canonical(position)
        return base64.urlsafe_b64encode(self._tag(place, asked, body) + body).rstrip(b"=").decode()

    def read(self, cursor: str, place: str, asked: Mapping[str, Any]) -> list[Any]:
        """Return the position; raises CursorInvalid unless :meth:`write` wrote it for this list and
        these filters.
        """
        try:
            raw = base64.b64decode(
                cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
        except ValueError as error:
            raise CursorInvalid from error
        tag, body = raw[:_TAG], raw[_TAG:]
        # one spelling for each cursor
        canonical = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == cursor
        if not hmac.compare_digest(tag, self._tag(place, asked, body)) or not canonical:
            raise CursorInvalid
        position: list[Any] = json.loads(body)
        return position

    def _tag(self, place: str, asked: Mapping[str, Any], body: bytes) -> bytes:
        filters = hashlib.sha256(_canonical(dict(asked))).digest()
        return hmac.digest(self._key, place.encode() + b"\n" + filters + body, "sha256")[:_TAG]


def _canonical(value: Any) -> bytes:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
    ).encode()
