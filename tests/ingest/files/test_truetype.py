"""The reader of TrueType fonts agrees with fontTools, and raises nothing for a broken font."""

import io

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from pikepdf import Dictionary

from ingest.files.pdfa.truetype import FontProgram, read_truetype
from ingest.render.fonts import FOLDER
from tests.ingest.files.papers import plain_pdf

WHOLE = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.ttf"))}
READ = {0, 4, 6, 12}  # formats of a cmap


def subsets() -> list[bytes]:
    """Return the fonts of a page, of which a typesetter kept the letters that it needs."""
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        return [
            thing.FontFile2.read_bytes()
            for thing in pdf.objects
            if isinstance(thing, Dictionary) and "/FontFile2" in thing
        ]


def by_fonttools(data: bytes) -> FontProgram:
    """Return what fontTools reads of a font."""
    with TTFont(io.BytesIO(data)) as font:
        order = font.getGlyphOrder()
        units, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        tables = font["cmap"].tables if "cmap" in font else []
        return FontProgram(
            tuple(metrics[name][0] * 1000 / units for name in order),
            {
                (table.platformID, table.platEncID): {
                    code: order.index(name) for code, name in table.cmap.items()
                }
                for table in tables
                if table.format in READ
            },
        )


@pytest.mark.parametrize("data", [*WHOLE.values(), *subsets()])
def test_fonttools_reads_the_same(data: bytes) -> None:
    assert read_truetype(data) == by_fonttools(data)


def test_a_font_that_is_cut_off_is_no_font_or_a_part_of_one() -> None:
    data = subsets()[0]
    assert read_truetype(data[: len(data) // 8]) is None
    for length in range(0, len(data), 7):
        read_truetype(data[:length])


def test_a_font_with_other_bytes_raises_nothing() -> None:
    data = subsets()[0]
    for at in range(0, len(data), 5):
        read_truetype(data[:at] + b"\xff\x00\xff" + data[at + 3 :])
