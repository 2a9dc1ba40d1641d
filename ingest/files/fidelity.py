"""Compares a converted file with the file as received: pages, sizes, text, fonts and looks.

Runs in a child process.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

from archive.base.text import normal, stream_safe
from archive.isolation.child import isolated, preload
from ingest.files.flattening.flat import Flat, Mark, as_it_is
from ingest.files.letter_regions import loose_letters
from ingest.files.likeness import Region, unlike
from ingest.files.limits import FileLimits, Likeness
from ingest.files.pdfa.embedded_fonts import fonts_are_embedded

preload(__name__)
DIFFERENCES = frozenset({"pages", "sizes", "text", "fonts", "looks", "pdfa"})
_POINTS = 72  # an inch
_MILLIMETRES = 25.4  # an inch
_MOST = 20  # differences that are named
_MOST_DOTS = 16_000_000  # of the picture of a page: a large one is drawn with fewer an inch


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not the same: `what` is one of :data:`DIFFERENCES`.

    `page` counts from 1; 0: the whole file. `kind` is the subtype of an annotation that looks
    different, or empty. `at`: where, in millimetres from the left and the upper edge.
    """

    what: str
    page: int = 0
    kind: str = ""
    at: tuple[int, int] | None = None


def differences(
    before: bytes, after: bytes, limits: FileLimits, *, text_too: bool
) -> frozenset[str]:
    """Return the kinds of differences between two files without annotations.

    Raises :class:`archive.base.errors.Unreadable`.
    """
    named = compared(as_it_is(before), after, limits, text_too=text_too)
    return frozenset(difference.what for difference in named)


def compared(
    before: Flat, after: bytes, limits: FileLimits, *, text_too: bool
) -> tuple[Difference, ...]:
    """Return the differences between `before` and `after`, the file converted from it.

    `text_too`: no page may gain text; of a scan, only the pages with text must keep it. Raises
    :class:`archive.base.errors.Unreadable`.
    """
    same = limits.same
    answer = isolated(
        limits.convert, _compare, before.seen, before.pages, after, before.marks, same, text_too
    )
    return read_differences(answer, limits)


def read_differences(answer: bytes, limits: FileLimits) -> tuple[Difference, ...]:
    """Return the differences that a child process named;
    raises TooDemanding for any other answer.
    """
    try:
        return tuple(_difference(stated) for stated in json.loads(answer))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise limits.convert.exceeded from error


def _difference(stated: dict[str, Any]) -> Difference:
    what, page, kind = str(stated["what"]), int(str(stated["page"])), str(stated["kind"])
    if what not in DIFFERENCES or page < 0 or not (kind == "" or kind.isalnum()):
        raise ValueError("no difference")
    at = stated["at"]
    if at is None:
        return Difference(what, page, kind)
    left, top = (int(edge) for edge in at)
    return Difference(what, page, kind, (left, top))


def _compare(
    seen: bytes, pages: bytes, after: bytes, marks: Sequence[Mark], same: Likeness, text_too: bool
) -> bytes:
    named = [] if fonts_are_embedded(after) else [Difference("fonts")]
    with (
        closing(pypdfium2.PdfDocument(seen)) as old,
        closing(pypdfium2.PdfDocument(pages)) as flat,
        closing(pypdfium2.PdfDocument(after)) as new,
    ):
        for document in (old, flat, new):
            document.init_forms()
        if not len(old) == len(flat) == len(new):
            named.append(Difference("pages"))
        else:
            units, new_units = _units(seen), _units(after)
            for number in range(len(old)):
                pair = _Pair(
                    _Page(old[number], units[number]),
                    _Page(flat[number], units[number]),
                    _Page(new[number], new_units[number]),
                    [mark for mark in marks if mark.page == number],
                )
                named += pair.differences(number + 1, same, text_too)
    return json.dumps([asdict(each) for each in named[:_MOST]]).encode()


def _units(pdf: bytes) -> list[float]:
    """Return the unit of each page, in points: PDFium does not know it (ISO 32000-2, 14.11.2)."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [float(page.obj.get("/UserUnit", 1)) for page in opened.pages]


@dataclass(frozen=True, slots=True)
class _Page:
    page: pypdfium2.PdfPage
    unit: float

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.page.get_size()
        return width * self.unit, height * self.unit

    def picture(self, dots_per_point: float) -> Image.Image:
        scale = dots_per_point * self.unit
        with closing(self.page.render(scale=scale, may_draw_forms=True)) as bitmap:
            picture: Image.Image = bitmap.to_pil().convert("RGB")
        return picture

    def letters(self) -> Counter[str]:
        """Return how often each letter is on the page.

        White space, ligatures and hyphens that only a reader inserts do not count, nor does the
        order of the parts of a page, in which programs write it as they like.
        """
        with closing(self.page.get_textpage()) as textpage:
            text = normal(stream_safe(textpage.get_text_bounded()), "NFKC")
        return Counter(
            c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cn")
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A page as it was `seen`, the same `flat`, and as it became."""

    seen: _Page
    flat: _Page
    new: _Page
    marks: Sequence[Mark]

    def differences(self, number: int, same: Likeness, text_too: bool) -> Iterator[Difference]:
        with closing(self.seen.page), closing(self.flat.page), closing(self.new.page):
            pairs = zip(self.seen.size, self.new.size, strict=True)
            if any(abs(a - b) > same.points for a, b in pairs):
                yield Difference("sizes", number)
                return
            before, after = self.flat.letters(), self.new.letters()
            if before != after if text_too else before - after:
                yield Difference("text", number)
            width, height = self.seen.size
            scale = min(same.dots_per_inch / _POINTS, (_MOST_DOTS / (width * height)) ** 0.5)
            if region := self._unlike(scale, same):
                yield self._named(number, region, scale)

    def _unlike(self, scale: float, same: Likeness) -> Region | None:
        expected, new = self._expected(scale), self.new.picture(scale)
        if unlike(expected, new, same) is None:
            return None
        return unlike(expected, new, same, loose_letters(self.flat.page, scale * self.flat.unit))

    def _expected(self, scale: float) -> Image.Image:
        """Return how the page must look.

        Where readers draw what brings no appearance in ways of their own, Kho's way counts.
        """
        picture = self.seen.picture(scale)
        drawn = [_dots(mark, scale, picture.height) for mark in self.marks if mark.drawn]
        if drawn:
            flat = self.flat.picture(scale)
            for box in drawn:
                picture.paste(flat.crop(box), box)
        return picture

    def _named(self, number: int, region: Region, scale: float) -> Difference:
        height = round(self.seen.size[1] * scale)
        hit = (m for m in self.marks if _overlap(_dots(m, scale, height), region))
        kind = next((mark.kind for mark in hit), "")
        per_dot = _MILLIMETRES / _POINTS / scale
        return Difference(
            "looks", number, kind, (round(region[0] * per_dot), round(region[1] * per_dot))
        )


def _dots(mark: Mark, scale: float, height: int) -> Region:
    """Return the box of a mark in dots from the upper left corner, two dots larger."""
    left, bottom, right, top = (edge * scale for edge in mark.box)
    return (
        max(0, int(left) - 2), max(0, int(height - top) - 2),
        max(0, int(right) + 3), max(0, int(height - bottom) + 3),
    )  # fmt: skip


def _overlap(a: Region, b: Region) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
