"""What an image is, and an image as the pages of a plain PDF.

Runs in a child process: see `inspect_file.py`.
"""

import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Pdf
from PIL import Image, ImageOps, ImageSequence

from ingest.files.image_end import ending_fault, scans
from ingest.files.limits import ImageLimits
from ingest.sources.kinds import JPEG, PHOTOGRAPHS, TIFF, FileKind
from ingest.sources.photographs import images

_PILLOW = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}
_POINTS = 72  # an inch
_PLAUSIBLE = range(50, 1201)  # dots an inch: fewer or more are no scanner's
# what cameras, phones and screens write where they know nothing: Exif 2.32, 4.6.4 (default 72)
_MEANINGLESS = {72, 96}
_A4 = 297 / 25.4  # the long side, in inches
_LONGEST = 420 / 25.4  # of a plausible sheet, in inches: A3
_PNG_HEAD = 8


@dataclass
class Picture:
    """What an image is: how many pages it has, and its faults by code with their facts."""

    pages: int = 0
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)


def read_image(data: bytes, kind: FileKind, limits: ImageLimits) -> Picture:
    """Decode every page of the image `data`; it raises nothing for bad input."""
    picture = Picture()
    if kind == JPEG and scans(data) > limits.scans:
        picture.faults["image.scans"] = {"limit": limits.scans}
        return picture
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with _opened(data, kind) as image:
                if kind.media_type == "image/png" and getattr(image, "n_frames", 1) > 1:
                    # others would see other pictures than the one that is kept
                    picture.faults["image.animated"] = {}
                    return picture
                picture.pages = _page_count(image, kind)
                if picture.pages > limits.pages:
                    picture.faults["image.pages"] = {"limit": limits.pages}
                    return picture
                for frame in _frames(image, picture.pages):
                    if fault := _size_fault(frame, limits):
                        picture.faults |= fault
                        return picture
                    frame.load()
        except (
            OSError,
            ValueError,
            SyntaxError,
            EOFError,
            struct.error,
            KeyError,
            TypeError,
            RuntimeError,
        ):
            picture.faults["image.damaged"] = {}  # what Pillow raises on broken files
            return picture
    if code := ending_fault(data, kind):
        picture.faults[code] = {}
    return picture


def _size_fault(frame: Image.Image, limits: ImageLimits) -> dict[str, dict[str, Any]]:
    width, height = frame.size
    if min(width, height) < limits.smallest_side:
        return {"image.too_small": {"limit": limits.smallest_side}}
    if max(width, height) > limits.side:
        return {"image.side": {"limit": limits.side}}
    if width * height > limits.pixels:
        return {"image.pixels": {"limit": limits.pixels}}
    return {}


def image_pdf(data: bytes, kind: FileKind) -> bytes:
    """Return the image as a plain PDF, one page for each picture, without loss: a JPEG keeps its
    own bytes, others are compressed again. The images of a bundle follow each other.
    """
    several = images(data) if kind == PHOTOGRAPHS else [(data, kind)]
    with warnings.catch_warnings(), Pdf.new() as pdf:
        warnings.simplefilter("ignore")
        for each, its_kind in several:
            with _opened(each, its_kind) as image:
                for frame in _frames(image, _page_count(image, its_kind)):
                    _add_page(pdf, frame, each)
        out = BytesIO()
        pdf.save(out)
    return out.getvalue()


def thumbnail(data: bytes, kind: FileKind, side: int, pixels: int) -> bytes:
    """Return the first page of an image as a small JPEG, turned as it is meant to be seen.

    Raises ValueError for one of more than `pixels`, and what Pillow raises.
    """
    with warnings.catch_warnings(), _opened(data, kind) as image:
        warnings.simplefilter("ignore")
        if image.width * image.height > pixels:
            raise ValueError("too many pixels")
        image.draft("RGB", (2 * side, 2 * side))  # a JPEG is decoded small
        small = ImageOps.exif_transpose(image)
        plain = _plain(small).convert("RGB")
        plain.thumbnail((side, side))
        out = BytesIO()
        plain.save(out, "JPEG", quality=70)
    return out.getvalue()


def _page_count(image: Image.Image, kind: FileKind) -> int:
    return getattr(image, "n_frames", 1) if kind == TIFF else 1


def _opened(data: bytes, kind: FileKind) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
    return Image.open(BytesIO(data), formats=[_PILLOW[kind.media_type]])


def _frames(image: Image.Image, pages: int) -> Iterator[Image.Image]:
    if pages == 1:
        yield image
    else:
        yield from ImageSequence.Iterator(image)


def _add_page(pdf: Pdf, frame: Image.Image, data: bytes) -> None:
    across, down = _resolution(frame)
    turned = frame.getexif().get(0x0112, 1) not in (0, 1)
    if frame.format in ("JPEG", "MPO") and frame.mode in ("L", "RGB") and not turned:
        width, height = frame.size
        picture = pdf.make_stream(data, Filter=Name.DCTDecode, **_described(frame))
    else:
        if turned:
            frame = ImageOps.exif_transpose(frame)
            across, down = down, across
        plain = _plain(frame)
        width, height = plain.size
        picture = _packed(pdf, plain)
    size = width * _POINTS / across, height * _POINTS / down
    page = pdf.add_blank_page(page_size=size)
    page.obj.Resources = Dictionary(XObject=Dictionary(Picture=picture))
    page.obj.Contents = pdf.make_stream(
        f"q {size[0]:.4f} 0 0 {size[1]:.4f} 0 0 cm /Picture Do Q".encode()
    )


def _resolution(frame: Image.Image) -> tuple[float, float]:
    """Return the dots an inch across and down.

    They are what the file says where that makes a sheet: 50 to 1200, and no side longer than A3,
    for a real scan of a larger sheet has more than a camera's 72 or 96. Else the long side becomes
    that of A4: a phone's photo of 4000 dots that says 72 would be a page of 1.4 m.
    """
    said = frame.info.get("dpi", (0, 0))
    across, down = float(said[0]), float(said[1])
    if int(across) in _PLAUSIBLE and int(down) in _PLAUSIBLE:
        longest = max(frame.width / across, frame.height / down)
        if longest <= _LONGEST or not {round(across), round(down)} <= _MEANINGLESS:
            return across, down
    dots = max(frame.size) / _A4
    return dots, dots


def _plain(frame: Image.Image) -> Image.Image:
    """Return the frame in black and white, grey or RGB, on white paper where it is transparent."""
    if frame.mode in ("1", "L", "RGB") and "transparency" not in frame.info:
        return frame
    if frame.mode.startswith("I;16"):
        return frame.point(lambda level: level / 256).convert("L")
    if frame.mode in ("I", "F", "CMYK", "YCbCr", "LAB", "HSV"):
        return frame.convert("L" if frame.mode in ("I", "F") else "RGB")
    paper = Image.new("RGBA", frame.size, "white")
    return Image.alpha_composite(paper, frame.convert("RGBA")).convert("RGB")


def _described(frame: Image.Image) -> dict[str, Any]:
    grey = frame.mode in ("1", "L")
    return {
        "Type": Name.XObject,
        "Subtype": Name.Image,
        "Width": frame.width,
        "Height": frame.height,
        "ColorSpace": Name.DeviceGray if grey else Name.DeviceRGB,
        "BitsPerComponent": 1 if frame.mode == "1" else 8,
    }


def _packed(pdf: Pdf, frame: Image.Image) -> pikepdf.Stream:
    """Return the frame as PNG compresses it: a PDF may hold a PNG's rows as they are (ISO 32000-2,
    7.4.4.4).
    """
    out = BytesIO()
    frame.save(out, "PNG")
    described = _described(frame)
    parameters = Dictionary(
        Predictor=15,
        Colors=3 if described["ColorSpace"] == Name.DeviceRGB else 1,
        BitsPerComponent=described["BitsPerComponent"],
        Columns=frame.width,
    )
    rows = b"".join(body for name, body in _chunks(out.getvalue()) if name == b"IDAT")
    return pdf.make_stream(rows, Filter=Name.FlateDecode, DecodeParms=parameters, **described)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _PNG_HEAD
    while at < len(png):
        size, name = struct.unpack_from(">I4s", png, at)
        yield name, png[at + 8 : at + 8 + size]
        at += size + 12
