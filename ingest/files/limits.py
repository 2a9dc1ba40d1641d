"""The limits of finished files (`limits.toml`), typed."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.isolation.child import Limits


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
    """What an image may be, in pixels; `pages` of a TIFF, `scans` of a JPEG."""

    pages: int
    scans: int
    pixels: int
    side: int
    smallest_side: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far a converted page may look unlike the file as received.

    A dot counts as another dot where it is `changed` by more than that against all dots around it.
    Fewer than `dots` of them in a square of `window` dots may be so. `points`: by which a side of
    the page may differ.
    """

    dots_per_inch: int
    changed: int
    window: int
    dots: int
    points: float


@dataclass(frozen=True, slots=True)
class FileLimits:
    """All of `limits.toml`."""

    file_bytes: int
    full_time_bytes: int
    least_seconds: float
    pdf: PdfLimits
    image: ImageLimits
    same: Likeness
    examine: Limits
    convert: Limits
    recognise: Limits
    recognise_full_time_bytes: int
    recognise_least_seconds: float
    recognise_pages: int  # of one run of OCRmyPDF
    languages: str

    def for_size(self, size: int) -> "FileLimits":
        """Return the limits of a file of `size` bytes: a small file gets less time for each step.

        Time grows with the size up to the whole limit, which a file of `full_time_bytes` has; the
        recognition of text has a size of its own. A blank picture of 100 million pixels has 12 kB.
        """
        share = min(1.0, size / self.full_time_bytes)
        return replace(
            self,
            examine=_timed(self.examine, self.least_seconds, share),
            convert=_timed(self.convert, self.least_seconds, share),
            recognise=_timed(
                self.recognise,
                self.recognise_least_seconds,
                min(1.0, size / self.recognise_full_time_bytes),
            ),
        )


def _timed(whole: Limits, least: float, share: float) -> Limits:
    least = min(least, whole.seconds)
    return replace(whole, seconds=round(least + (whole.seconds - least) * share, 1))


_FILE = Path(__file__).with_name("limits.toml")


def load_limits(path: Path = _FILE) -> FileLimits:
    """Read a limits file of this shape."""
    stated = tomllib.loads(path.read_text("utf-8"))
    answer = stated["convert"]["written"]
    return FileLimits(
        file_bytes=stated["file_bytes"],
        full_time_bytes=stated["full_time_bytes"],
        least_seconds=stated["least_seconds"],
        pdf=PdfLimits(**stated["pdf"]),
        image=ImageLimits(**stated["image"]),
        same=Likeness(**stated["same"]),
        examine=_limits(stated["examine"]),
        convert=_limits(stated["convert"], answer),
        recognise=_limits(stated["recognise"], answer),
        recognise_full_time_bytes=stated["recognise"]["full_time_bytes"],
        recognise_least_seconds=stated["recognise"]["least_seconds"],
        recognise_pages=stated["recognise"]["pages"],
        languages=stated["recognise"]["languages"],
    )


def _limits(stated: dict[str, Any], answer: int = 16 << 20) -> Limits:
    return Limits(stated["seconds"], stated["memory"], stated.get("written", 0), answer)


FILE_LIMITS = load_limits()
