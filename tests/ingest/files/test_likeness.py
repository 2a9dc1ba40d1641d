"""A page that lost or gained anything a reader would see is refused, however little of the page it
is; what a converter may do to edges of letters is not.
"""

import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image, ImageChops

from ingest.files.fidelity import compared, differences
from ingest.files.flattening.flat import as_it_is
from ingest.files.flattening.flatten import flatten
from ingest.files.likeness import unlike
from ingest.files.limits import FILE_LIMITS
from tests.ingest.files.marked import drawn, field, look, marked, saved, seen, ticked
from tests.ingest.files.papers import picture, plain_pdf, scanned_pdf

SAME = FILE_LIMITS.same
Change = Callable[[pikepdf.Pdf], None]

# what each draws, in PDF operators: all of them much less than 1 % of a page
THINGS = {
    "tick": "1 w 100 400 m 103 396 l 109 405 l S",
    "small tick": "0.7 w 100 400 m 102 397 l 106 403 l S",
    "cross": "1 w 100 400 m 107 407 l S 100 407 m 107 400 l S",
    "dot in a circle": "103 403 3 3 re f",
    "signature": "0.6 w 100 400 m 120 430 130 380 150 410 c 160 420 170 390 190 405 c S",
    "pale signature": "0.55 0.6 0.8 RG 0.8 w 100 400 m 120 430 130 380 150 410 c S",
    "red stamp": "0.8 0.1 0.1 RG 1.5 w 100 400 60 30 re S",
    "round stamp": "0.8 0.1 0.1 RG 1 w 130 400 m 130 417 100 417 100 400 c S",
    "yellow marker": "1 1 0 rg 100 400 60 12 re f",
    "pale green marker": "0.7 1 0.7 rg 100 400 60 12 re f",
    "underline": "0.7 w 100 400 m 160 400 l S",
    "strike out": "1 w 60 755 m 200 755 l S",
    "blue box": "0 0 1 RG 0.5 w 100 400 12 12 re S",
    "black bar over text": "60 755 80 12 re f",
    "white patch over text": "1 g 60 745 90 20 re f",
    "decimal comma": "103 399 1.6 3 re f",
    "minus sign": "100 403 5 0.9 re f",
    "arrow": "0.8 w 100 400 m 112 400 l 109 402 l S",
    "thin frame": "0.5 w 100 400 200 100 re S",
    "at the edge": "0 0 6 6 re f",
    "at the upper corner": "585 832 8 8 re f",
    "grey shade": "0.75 g 100 400 80 40 re f",
}
# letters of 8 and 12 points
LETTERS = {
    f"{letter!r} of {size} points": f"BT /Kho {size} Tf 300 300 Td ({letter}) Tj ET"
    for size in (8, 12)
    for letter in "1378.,+-x"
}


def with_operators(operators: str, base: bytes | None = None) -> bytes:
    """Return a page with `operators` behind its content."""
    with pikepdf.open(io.BytesIO(base or plain_pdf())) as pdf:
        page = pdf.pages[0]
        page.obj.Resources.Font = page.obj.Resources.get("/Font", pikepdf.Dictionary())
        page.obj.Resources.Font.Kho = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        page.contents_add(b"q ", prepend=True)
        page.contents_add(f"\nQ q {operators} Q".encode())
        return saved(pdf)


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "gained"])
@pytest.mark.parametrize("name", [*THINGS, *LETTERS])
def test_whatever_a_page_loses_or_gains_is_found(name: str, lost: bool) -> None:
    more = with_operators({**THINGS, **LETTERS}[name])
    less = with_operators("")
    before, after = (more, less) if lost else (less, more)
    named = differences(before, after, FILE_LIMITS, text_too=True) - {"fonts"}
    # the letters are of a font that the file does not bring: a dot may be lost in its substitute
    assert "looks" in named or (lost and name in LETTERS)
    assert ("text" in named) == (name in LETTERS)


@pytest.mark.parametrize("name", THINGS)
def test_whatever_a_scan_loses_is_found(name: str) -> None:
    base = scanned_pdf()
    before = with_operators(THINGS[name], base)
    assert differences(before, base, FILE_LIMITS, text_too=False) == {"looks"}


@pytest.mark.parametrize(("before", "after"), [("1", "7"), ("3", "8"), ("5", "6"), ("0", "9")])
def test_another_digit_is_found(before: str, after: str) -> None:
    first, second = (
        with_operators(f"BT /Kho 10 Tf 300 300 Td (Glucose 5.{digit}) Tj ET")
        for digit in (before, after)
    )
    assert "text" in differences(first, second, FILE_LIMITS, text_too=True)


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        pytest.param(drawn("Stamp"), "Stamp", id="stamp"),
        pytest.param(ticked(), "Widget", id="tick"),
        pytest.param(drawn("Ink"), "Ink", id="ink"),
        pytest.param(field("Sig", AP={"N": look()}), "Widget", id="picture of a signature"),
        pytest.param({**drawn("Text"), "F": 28}, "Text", id="note"),
    ],
)
def test_a_lost_annotation_is_named_with_its_page_and_place(
    mark: dict[str, object], kind: str
) -> None:
    flat = flatten(marked(plain_pdf(), mark), FILE_LIMITS.convert, apart=False)
    (difference,) = compared(flat, plain_pdf(), FILE_LIMITS, text_too=True)
    assert (difference.what, difference.page, difference.kind) == ("looks", 1, kind)
    assert difference.at is not None
    # its box begins 300 points from the left edge, and ends 530 points from the lower one
    assert difference.at[0] == pytest.approx(300 * 25.4 / 72, abs=8)
    assert difference.at[1] == pytest.approx((842 - 530) * 25.4 / 72, abs=8)


def test_the_order_of_a_page_s_texts_is_no_difference() -> None:
    texts = [f"BT /Kho 10 Tf {x} {y} Td (so {x} {y}) Tj ET" for x in (60, 300) for y in (200, 300)]
    first, second = (with_operators(" ".join(order)) for order in (texts, texts[::-1]))
    assert differences(first, second, FILE_LIMITS, text_too=True) == {"fonts"}  # not in the file


@pytest.mark.parametrize(("across", "down"), [(1, 0), (0, 1), (2, 3), (-3, 2), (4, 0), (0, -4)])
def test_letters_that_moved_by_less_than_a_dot_are_no_difference(across: int, down: int) -> None:
    fine = seen(plain_pdf(), scale=4 * SAME.dots_per_inch / 72)
    moved = ImageChops.offset(fine, across, down)
    assert unlike(fine.reduce(4), moved.reduce(4), SAME) is None


def test_noise_of_another_compression_is_no_difference() -> None:
    with Image.open(io.BytesIO(_jpeg(95))) as first, Image.open(io.BytesIO(_jpeg(90))) as second:
        assert unlike(first.convert("RGB"), second.convert("RGB"), SAME) is None


def _jpeg(quality: int) -> bytes:
    out = io.BytesIO()
    picture(resolution=SAME.dots_per_inch).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_a_page_of_another_size_is_named() -> None:
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        pdf.pages[0].obj.MediaBox[3] = 900
        (difference,) = compared(as_it_is(plain_pdf()), saved(pdf), FILE_LIMITS, text_too=True)
    assert (difference.what, difference.page) == ("sizes", 1)


def test_a_large_sheet_is_compared_within_the_memory_of_a_child() -> None:
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        pdf.pages[0].obj.MediaBox = pikepdf.Array([0, 0, 14_400, 14_400])
        whole = saved(pdf)
    limits = replace(FILE_LIMITS, convert=replace(FILE_LIMITS.convert, seconds=60))
    assert differences(whole, whole, limits, text_too=True) == frozenset()
