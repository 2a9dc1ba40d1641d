"""Where a paper is in a chart or a set: its number, and the papers before and after it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The `number` (from 1) of `total` papers; `previous` and `next` are ids, None at an end."""

    number: int
    total: int
    previous: str | None
    next: str | None


def place_in(ids: Sequence[str], document_id: str) -> Place | None:
    """Return the place of a paper in `ids`, which are in order; None where it is not there."""
    if document_id not in ids:
        return None
    at = ids.index(document_id)
    previous = ids[at - 1] if at else None
    return Place(at + 1, len(ids), previous, ids[at + 1] if at + 1 < len(ids) else None)
