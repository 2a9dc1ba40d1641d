"""A flattened PDF, and how a child process hands it to its parent."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from archive.isolation.child import Limits
from ingest.files.pdf_entries import Box


@dataclass(frozen=True, slots=True)
class Mark:
    """An annotation or field that a page shows.

    `page` counts from 0; `box` is in points from the lower left corner of the sheet; `kind` is its
    subtype without the slash, or `Unknown`. `drawn`: it brought no appearance, so readers draw it
    in ways of their own.
    """

    page: int
    box: Box
    kind: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class Flat:
    """A flattened PDF.

    `pages` has no annotations but links. `bare` is the same without what annotations show, and
    `looks` has a page for each of the pages `numbers` (from 0) with that and nothing else. Where
    they were not asked for, or no annotation is shown, `bare` is `pages` and `looks` is empty.
    `seen` is the file as received, without what readers hide:
    what the pages must look like. `is_tagged_or_claims_pdfa`: converting it would lose that.
    """

    pages: bytes
    bare: bytes
    looks: bytes
    numbers: tuple[int, ...]
    seen: bytes
    marks: tuple[Mark, ...]
    is_tagged_or_claims_pdfa: bool


def as_it_is(pdf: bytes) -> Flat:
    """Return `pdf`, which has nothing to flatten."""
    return Flat(pdf, pdf, b"", (), pdf, (), is_tagged_or_claims_pdfa=False)


def packed(parts: list[bytes], numbers: list[int], marks: list[Mark], keeps: bool) -> bytes:
    """Return the answer of a child: `parts` are `pages`, `bare`, `looks` and `seen`, behind a line
    of JSON; a part that is the file as received is empty.
    """
    head = {
        "sizes": [len(part) for part in parts],
        "numbers": numbers,
        "marks": [asdict(mark) for mark in marks],
        "tagged_or_pdfa": keeps,
    }
    return json.dumps(head).encode() + b"\n" + b"".join(parts)


def read_flat(pdf: bytes, answer: bytes, limits: Limits) -> Flat:
    """Return what a child made of `pdf`; raises TooDemanding for any other answer."""
    head, _, rest = answer.partition(b"\n")
    try:
        stated = json.loads(head)
        sizes = [int(size) for size in stated["sizes"]]
        if min(sizes) < 0 or sum(sizes) != len(rest):
            raise ValueError("parts of other sizes")
        pages, bare, looks, seen = _parts(rest, sizes)
        return Flat(
            pages=pages or pdf,
            bare=bare or pages or pdf,
            looks=looks,
            numbers=tuple(int(number) for number in stated["numbers"]),
            seen=seen or pdf,
            marks=tuple(_mark(each) for each in stated["marks"]),
            is_tagged_or_claims_pdfa=bool(stated["tagged_or_pdfa"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise limits.exceeded from error  # no answer of ours


def _parts(joined: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield joined[at : at + size]
        at += size


def _mark(stated: dict[str, Any]) -> Mark:
    left, bottom, right, top = (float(edge) for edge in stated["box"])
    kind = str(stated["kind"])
    if not kind.isalnum():
        raise ValueError("no subtype")
    return Mark(int(stated["page"]), (left, bottom, right, top), kind, bool(stated["drawn"]))
