"""The parts of a sealed PDF by name, found in its bytes: where a flipped byte must not go
unnoticed.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]  # first byte, one past the last

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_RANGE = re.compile(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+) *\]")
_KINDS = (
    (rb"/Type ?/DocTimeStamp\b", "document timestamp"),
    (rb"/Type ?/Sig\b", "seal"),
    (rb"/FT ?/Sig\b", "signature field"),
    (rb"/Type ?/Catalog\b", "catalog"),
    (rb"/Type ?/DSS\b", "security store"),
    (rb"/SigFlags\b", "form"),
    (rb"/Type ?/Metadata\b", "XMP"),
    (rb"/Type ?/EmbeddedFile\b", "attachment"),
    (rb"/Type ?/Filespec\b", "attachment's name"),
    (rb"/Type ?/Pages\b", "page tree"),
    (rb"/Type ?/Page\b", "page"),
    (rb"/Type ?/StructTreeRoot\b", "structure root"),
    (rb"/Type ?/StructElem\b", "structure element"),
    (rb"/Type ?/Font\b", "font"),
    (rb"/Type ?/FontDescriptor\b", "font descriptor"),
    (rb"/Type ?/OutputIntent\b", "output intent"),
    (rb"/(FontFile\d|Length1|CIDToGIDMap|CMapName)\b", "font program"),
    (rb"stream\r?\n", "stream"),
)


def regions(pdf: bytes) -> dict[str, list[Span]]:
    """Return every byte of `pdf` under at least one name; a name may have many places."""
    spans: dict[str, list[Span]] = {}
    for name, span in _all(pdf):
        spans.setdefault(name, []).append(span)
    return spans


def _all(pdf: bytes) -> Iterator[tuple[str, Span]]:
    revision_ends = [match.end() for match in re.finditer(rb"%%EOF\n", pdf)]
    objects = [match.span() for match in _OBJECT.finditer(pdf)]
    yield "header", (0, objects[0][0])
    for number, (start, end) in enumerate(pairwise([0, *revision_ends])):
        inside = [span for span in objects if start <= span[0] < end]
        yield f"table and trailer {number}", (inside[-1][1], end)
        yield from (
            (f"gap between objects {number}", (a[1], b[0]))
            for a, b in pairwise(inside)
            if a[1] < b[0]
        )
        for match in re.finditer(rb"startxref\s+(\d+)\s+(%%EOF)(\n)", pdf[start:end]):
            for group, name in enumerate(("startxref", "end mark", "last line end"), start=1):
                yield f"{name} {number}", (start + match.start(group), start + match.end(group))
        for span in inside:
            yield from _object(pdf, span, number)


def _object(pdf: bytes, span: Span, revision: int) -> Iterator[tuple[str, Span]]:
    text = pdf[slice(*span)]
    head = text.split(b"stream\n")[0] + (b"stream\n" if b"stream\n" in text else b"")
    kind = next(
        (name for pattern, name in _KINDS if re.search(pattern, head)), "dictionary or array"
    )
    name = f"{kind} {revision}"
    yield name, span
    if stream := _STREAM.search(text):
        yield f"data of {name}", (span[0] + stream.start(1), span[0] + stream.end(1))
    if placed := _RANGE.search(text):
        for group in range(1, 5):
            yield (
                f"byte range of {name}",
                (span[0] + placed.start(group), span[0] + placed.end(group)),
            )
        first, resume = int(placed[2]), int(placed[3])
        digits = pdf[first + 1 : resume - 1]
        used = len(digits.rstrip(b"0")) + 1
        yield f"value of {name}", (first + 1, first + 1 + used)
        if used < len(digits):
            yield f"padding of {name}", (first + 1 + used, resume - 1)
        yield f"brackets of {name}", (first, first + 1)
        yield f"brackets of {name}", (resume - 1, resume)
