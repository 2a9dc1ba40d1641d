"""The fonts: pinned, complete for Vietnamese, and all that a paper embeds."""

import io
import shutil
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

import ingest.render.fonts
from archive.base.errors import IntegrityError
from ingest.render.fonts import coverage, load_fonts
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import CATALOG, job, maximal

FOLDER = Path(ingest.render.fonts.__file__).parent / "fonts"
VIETNAMESE = {*range(0x1EA0, 0x1EFA), *map(ord, "ăâđêôơưĂÂĐÊÔƠƯàáãèéìíĩòóõùúũýÀÁÃÈÉÌÍĨÒÓÕÙÚŨÝ₫")}


def test_every_vietnamese_letter_is_covered() -> None:
    assert coverage() >= VIETNAMESE


def test_what_the_data_file_says_is_covered_is_what_all_four_styles_can_show() -> None:
    shown = [set(TTFont(file).getBestCmap()) for file in sorted(FOLDER.glob("*.ttf"))]
    assert len(shown) == 4
    assert set.intersection(*shown) == coverage()


def test_every_sentence_of_kho_can_be_printed() -> None:
    words = (FOLDER.parent / "lib" / "words.yaml").read_text("utf-8")
    assert set(map(ord, words)) - {ord("\n")} <= coverage()


def test_another_font_file_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "fonts")
    file = folder / "KhoSerif-Italic.ttf"
    file.write_bytes(file.read_bytes() + b"\x00")
    with pytest.raises(IntegrityError, match="KhoSerif-Italic"):
        load_fonts(folder)


def test_a_paper_embeds_no_other_font() -> None:
    pdf = Renderer().render(job("36/BV2", maximal(CATALOG.get("36/BV2"))))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [thing for thing in document.objects if isinstance(thing, pikepdf.Dictionary)]
        names = {str(thing.FontName) for thing in fonts if thing.get("/Type") == "/FontDescriptor"}
    assert names
    assert all("+KhoSerif" in name for name in names)
