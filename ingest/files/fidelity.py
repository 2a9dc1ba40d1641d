"""Compares a converted file with the original: pages, sizes, text, fonts and looks.

Runs in a child process.
"""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO

import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name
from PIL import Image, ImageChops, ImageFilter

from archive.base.text import normal, stream_safe
from archive.isolation.child import isolated, preload
from ingest.files.limits import FileLimits, Likeness

preload(__name__)
DIFFERENCES = frozenset({"pages", "sizes", "text", "fonts", "looks"})
_POINTS = 72  # an inch
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def differences(
    before: bytes, after: bytes, limits: FileLimits, *, text_too: bool
) -> frozenset[str]:
    """Return the differences between `before` and `after`, the file converted from it: some of
    :data:`DIFFERENCES`.

    `text_too`: no page may gain text; of a scan, only the pages with text must keep it. Raises
    :class:`archive.base.errors.Unreadable`.
    """
    return read_differences(
        isolated(limits.convert, _compare, before, after, limits.same, text_too), limits
    )


def read_differences(answer: bytes, limits: FileLimits) -> frozenset[str]:
    """Return the differences that a child process named;
    raises TooDemanding for any other answer.
    """
    try:
        named = frozenset(json.loads(answer))
    except (ValueError, TypeError, RecursionError) as error:
        raise limits.convert.exceeded from error
    if not named <= DIFFERENCES:
        raise limits.convert.exceeded
    return named


def _compare(before: bytes, after: bytes, same: Likeness, text_too: bool) -> bytes:
    found = set() if fonts_are_embedded(after) else {"fonts"}
    with (
        closing(pypdfium2.PdfDocument(before)) as old,
        closing(pypdfium2.PdfDocument(after)) as new,
    ):
        for document in (old, new):
            document.init_forms()
        if len(old) != len(new):
            found.add("pages")
        else:
            for number in range(len(old)):
                found.update(_page_differences(old[number], new[number], same, text_too))
    return json.dumps(sorted(found)).encode()


def _page_differences(
    old: pypdfium2.PdfPage, new: pypdfium2.PdfPage, same: Likeness, text_too: bool
) -> Iterator[str]:
    with closing(old), closing(new):
        if any(
            abs(a - b) > same.points for a, b in zip(old.get_size(), new.get_size(), strict=True)
        ):
            yield "sizes"
            return
        before = _text(old)
        if (text_too or before) and before != _text(new):
            yield "text"
        if _changed_share(_picture(old, same), _picture(new, same), same) > same.share:
            yield "looks"


def _text(page: pypdfium2.PdfPage) -> str:
    """Return a page's text without white space,
    ligatures and hyphens that only a reader inserts.
    """
    with closing(page.get_textpage()) as textpage:
        text = normal(stream_safe(textpage.get_text_range()), "NFKC")
    return "".join(
        c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cn")
    )


def _picture(page: pypdfium2.PdfPage, same: Likeness) -> Image.Image:
    with closing(page.render(scale=same.dots_per_inch / _POINTS, may_draw_forms=True)) as bitmap:
        picture: Image.Image = bitmap.to_pil().convert("L")
    return picture.filter(ImageFilter.BoxBlur(1))  # a letter may move by less than a dot


def _changed_share(old: Image.Image, new: Image.Image, same: Likeness) -> float:
    size = min(old.width, new.width), min(old.height, new.height)
    changed = ImageChops.difference(old.crop((0, 0, *size)), new.crop((0, 0, *size)))
    return sum(changed.histogram()[same.changed + 1 :]) / (size[0] * size[1])


def fonts_are_embedded(pdf: bytes) -> bool:
    """Return whether every font of `pdf` is in it, so that it looks the same everywhere."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return all(_is_embedded(thing) for thing in opened.objects if isinstance(thing, Dictionary))


def _is_embedded(thing: Dictionary) -> bool:
    if thing.get("/Type") != Name.Font or thing.get("/Subtype") in (Name.Type3, Name.Type0):
        return True  # Type 3 draws its own letters; of Type 0 its descendant is looked at
    descriptor = thing.get("/FontDescriptor")
    return isinstance(descriptor, Dictionary) and any(key in descriptor for key in _FONT_FILES)
