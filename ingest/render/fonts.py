"""The pinned fonts of every paper, and which characters they can show (`fonts/fonts.yaml`)."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from archive.base.errors import IntegrityError
from archive.base.identifiers import sha256

if TYPE_CHECKING:
    import typst

FOLDER = Path(__file__).parent / "fonts"


def load_fonts(folder: Path = FOLDER) -> "typst.Fonts":
    """Return the fonts of `folder` for Typst: these files and no others, neither the system's nor
    Typst's own.

    Raises :class:`IntegrityError` when a file is not the one that `fonts.yaml` pins.
    """
    import typst  # here, because callers of `coverage` do not need the typesetter

    for name, digest in _facts(folder)["sha256"].items():
        if sha256((folder / name).read_bytes()) != digest:
            raise IntegrityError(object=f"fonts/{name}")
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )


@cache
def coverage() -> frozenset[int]:
    """Return the code points that all four styles can show."""
    spans = ((int(end, 16) for end in span.split("-")) for span in _facts(FOLDER)["coverage"])
    return frozenset(point for first, last in spans for point in range(first, last + 1))


def _facts(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = yaml.safe_load((folder / "fonts.yaml").read_text("utf-8"))
    return facts
