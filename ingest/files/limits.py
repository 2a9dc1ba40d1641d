"""The limits of finished files (`limits.toml`), typed."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.isolation import Limits


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """What a PDF may hold; `page_points` is a length, the rest are numbers and bytes."""

    pages: int
    page_points: int
    objects: int
    depth: int
    decoded_bytes: int
    embedded_files: int


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may be, in pixels; `pages` of a TIFF."""

    pages: int
    pixels: int
    side: int
    smallest_side: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far a converted page may look unlike the original: `share` of its dots, each `changed` by more than that."""

    dots_per_inch: int
    changed: int
    share: float
    points: float


@dataclass(frozen=True, slots=True)
class FileLimits:
    """All of `limits.toml`."""

    file_bytes: int
    pdf: PdfLimits
    image: ImageLimits
    same: Likeness
    examine: Limits
    convert: Limits
    recognise: Limits
    languages: str


_FILE = Path(__file__).with_name("limits.toml")


def load_limits(path: Path = _FILE) -> FileLimits:
    """Read a limits file of this shape."""
    told = tomllib.loads(path.read_text("utf-8"))
    answer = told["convert"]["written"]
    return FileLimits(
        file_bytes=told["file_bytes"],
        pdf=PdfLimits(**told["pdf"]),
        image=ImageLimits(**told["image"]),
        same=Likeness(**told["same"]),
        examine=_limits(told["examine"]),
        convert=_limits(told["convert"], answer),
        recognise=_limits(told["recognise"], answer),
        languages=told["recognise"]["languages"],
    )


def _limits(told: dict[str, Any], answer: int = 16 << 20) -> Limits:
    return Limits(told["seconds"], told["memory"], told.get("written", 0), answer)


FILE_LIMITS = load_limits()
