"""A small picture of an image that came from outside, drawn in a child process."""

from archive.base.errors import Unreadable
from archive.isolation.child import isolated, preload
from ingest.files.images import thumbnail
from ingest.files.limits import FILE_LIMITS
from ingest.sources.kinds import JPEG
from ingest.sources.photographs import kind_of_photograph

preload(__name__)
_MOST_BYTES = 256 << 10  # of a picture of some hundred dots


def small_picture(data: bytes, side: int) -> bytes | None:
    """Return a JPEG of at most `side` dots a side; None for what is no image that can be read."""
    kind = kind_of_photograph(data)
    if kind is None:
        return None
    limits = FILE_LIMITS.for_size(len(data))
    try:
        picture = isolated(limits.examine, thumbnail, data, kind, side, limits.image.pixels)
    except Unreadable:
        return None
    return picture if picture.startswith(JPEG.begins) and len(picture) <= _MOST_BYTES else None
