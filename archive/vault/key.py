"""Which keys a vault takes: the same for every engine.

So a bucket and a folder can be copied into one another.
"""

import re

from archive.base.identifiers import ObjectKey
from archive.vault.contract import KeyRefused

# the folder engine's lock file beside each object; no segment may end like this
LOCK_SUFFIX = ".lock"
_LONGEST_KEY = 1024  # bytes, S3's own limit
# A file name has at most 255 bytes; the folder engine adds a dot in front and up to nine bytes
# behind.
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=-]{0,199}\Z")
_MEDIA_TYPE = re.compile(
    r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,127}(; charset=utf-8)?\Z"
)


def is_key(text: str) -> bool:
    """Tell whether `text` is a key: segments separated by single slashes.

    A segment has ASCII letters, digits and `._=-`.

    A segment does not start with a dot or a dash (so there is no `..`, and temporary files are
    never objects), does not end in `.lock` and has at most 200 characters; the whole has at most
    1024.
    """
    return len(text) <= _LONGEST_KEY and all(_is_segment(segment) for segment in text.split("/"))


def check_key(key: ObjectKey) -> None:
    """Raise :class:`KeyRefused` unless `key` is one by :func:`is_key`."""
    if not is_key(key):
        raise KeyRefused(key=ascii(key[:100]))


def check_media_type(media_type: str) -> None:
    """Raise :class:`ValueError` unless it is `type/subtype` (RFC 6838, 4.2).

    `; charset=utf-8` may follow.

    A wrong media type is an error of the calling code; it never comes from outside.
    """
    if not _MEDIA_TYPE.match(media_type):
        raise ValueError("not a media type")


def check_prefix(prefix: str) -> None:
    """Raise :class:`KeyRefused` unless some key can start with `prefix`.

    The empty prefix is the whole vault.
    """
    complete, _, begun = prefix.rpartition("/")
    if (complete and not is_key(complete)) or (begun and not is_key(begun)) or prefix == "/":
        raise KeyRefused(key=ascii(prefix[:100]))


def _is_segment(segment: str) -> bool:
    return bool(_SEGMENT.match(segment)) and not segment.endswith(LOCK_SUFFIX)
