"""Marks above their own letter and signs of clinicians, by the picture: Ê-đê and Jrai names must
read as written.
"""

import pypdfium2
import pytest
import typst
from PIL import Image, ImageChops

from ingest.render.fonts import coverage, load_fonts
from ingest.render.printable import printable

STYLES = [(weight, slope) for weight in ("regular", "bold") for slope in ("normal", "italic")]
BREVE = "\u0306"
LETTERS = "êôơưâeobmÊÔƠƯÂ"
SIGNS = (
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎☐☑☒✓✔✗✘♀♂℃℉ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅰⅱⅲⅳⅴⅵ≤≥±µμαβγδΔ∆λω→←↑↓↔⇒↗↘‰×÷½¼¾⅓⅔"
    "㎎㎍㎏㎖㎡㎥ﬁﬂ①②③≈≠≡∞√∑∅○●□■△▲Å–—…•°§†‡№₫€"
)


def picture(text: str, weight: str, slope: str) -> Image.Image:
    """Return `text` as Typst draws it, large, in grey."""
    source = (
        '#set page(width: 300pt, height: 160pt, margin: 40pt)\n#set text(font: "Kho Serif", '
        "size: 60pt, "
        f'weight: "{weight}", style: "{slope}", fallback: false)\n#"{text}"'
    )
    pdf = typst.compile(source.encode(), font_paths=load_fonts())
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn: Image.Image = document[0].render(scale=2).to_pil()
        return drawn.convert("L")
    finally:
        document.close()


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Return the box of what is drawn."""
    box = ImageChops.invert(image).point(lambda level: 255 if level > 64 else 0).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize(("weight", "slope"), STYLES)
@pytest.mark.parametrize("letter", LETTERS)
def test_a_breve_lies_above_its_own_letter(letter: str, weight: str, slope: str) -> None:
    plain, marked = picture(letter, weight, slope), picture(letter + BREVE, weight, slope)
    left, top, right, bottom = ink(plain)
    mark = ink(ImageChops.invert(ImageChops.difference(plain, marked)))
    assert left - 16 <= mark[0]
    assert mark[2] <= right + 16  # 8 pt of 60: an italic mark leans
    horned = letter in "ơưƠƯ"  # the mark is beside the horn
    assert mark[3] <= (top + bottom) / 2 if horned else mark[3] <= top + 1


@pytest.mark.parametrize(("weight", "slope"), STYLES)
def test_e_with_circumflex_and_breve_is_no_e_with_circumflex_and_tilde(
    weight: str, slope: str
) -> None:
    other = ImageChops.difference(picture("ê" + BREVE, weight, slope), picture("ễ", weight, slope))
    assert sum(other.histogram()[128:]) > 100  # dots that differ plainly


@pytest.mark.parametrize(("weight", "slope"), STYLES)
def test_a_mark_moves_no_letter_after_it(weight: str, slope: str) -> None:
    assert ink(picture("ô" + BREVE + "l", weight, slope))[2] == ink(picture("ôl", weight, slope))[2]


def test_the_signs_that_clinicians_write_are_printed_as_they_are() -> None:
    assert [sign for sign in SIGNS if ord(sign) not in coverage()] == []
    assert printable("Na⁺ HCO₃⁻ ☑ ♀ 37℃ độ Ⅱ") == "Na⁺ HCO₃⁻ ☑ ♀ 37℃ độ Ⅱ"
