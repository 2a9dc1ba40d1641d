"""Makes `ingest/render/fonts` and its `fonts.yaml` from Liberation Serif 2.1.5 and Noto (both SIL
OFL 1.1).

    python -m tests.ingest.render.make_fonts FOLDER_OF_LIBERATION_SERIF FOLDER_OF_NOTO
    ingest/render/fonts

Debian has both: `fonts-liberation2` 2.1.5-1 and `fonts-noto-core` 20201225-1. The same packages
give the same bytes. A subset is a modified version, so it may not carry the reserved name (OFL 1.1,
condition 3): it is called Kho Serif. Bidirectional controls, private use and right-to-left scripts
are left out on purpose: what is left out is printed by its code point
(`ingest/render/printable.py`).
"""

import hashlib
import sys
from pathlib import Path

import yaml
from fontTools import subset

from tests.ingest.render.font_marks import position_marks
from tests.ingest.render.font_signs import add_signs, symbol_fonts

STYLES = ("Regular", "Bold", "Italic", "BoldItalic")
RANGES = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0xAC),  # Latin-1, without the soft hyphen
    (0xAE, 0x24F),  # Latin-1, Latin Extended-A and -B: ă đ ơ ư
    (0x2B0, 0x36F),  # modifiers, combining marks
    (0x370, 0x3FF),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x1E00, 0x1EF9),  # Latin Extended Additional: ạ ... ỹ
    (0x2000, 0x200A),  # spaces
    (0x2010, 0x2027),  # dashes, quotes, bullets
    (0x202F, 0x205F),
    (0x2070, 0x209F),  # superscripts, subscripts
    (0x20A0, 0x20BF),  # currency: ₫
    (0x2100, 0x22FF),  # letter-like, number forms, arrows, mathematics
    (0x2300, 0x23FF),
    (0x25A0, 0x25FF),  # geometric shapes
)


def make(source: Path, noto: Path, target: Path) -> None:
    """Write the four fonts and the data file that pins them."""
    symbols = symbol_fonts(noto)
    digests, covered = {}, set(range(0x110000))
    for style in STYLES:
        options = subset.Options(
            hinting=False,
            layout_features=["kern", "ccmp", "locl"],
            name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
            recalc_timestamp=False,
            notdef_outline=True,
        )
        font = subset.load_font(str(source / f"LiberationSerif-{style}.ttf"), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(
            unicodes=[point for first, last in RANGES for point in range(first, last + 1)]
        )
        subsetter.subset(font)
        add_signs(font, symbols)
        position_marks(font)
        for name in font["name"].names:
            if name.nameID in (1, 3, 4, 6):
                name.string = (
                    str(name)
                    .replace("Liberation Serif", "Kho Serif")
                    .replace("LiberationSerif", "KhoSerif")
                )
        file = target / f"KhoSerif-{style}.ttf"
        subset.save_font(font, str(file), options)
        digests[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
        covered &= set(font.getBestCmap())
    data = {"family": "Kho Serif", "sha256": digests, "coverage": spans(covered)}
    (target / "fonts.yaml").write_text(
        HEAD + yaml.safe_dump(data, sort_keys=False, width=100), "utf-8"
    )


def spans(points: set[int]) -> list[str]:
    """Return `points` as `first-last` ranges in hex."""
    spans: list[list[int]] = []
    for point in sorted(points):
        if spans and point == spans[-1][1] + 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return [f"{first:04X}-{last:04X}" for first, last in spans]


HEAD = """\
# The fonts of every paper, pinned: a file with another digest is refused when it is loaded. Made by
# tests/ingest/render/make_fonts.py; `coverage` is what all four styles can show (code points, hex).
"""

if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
