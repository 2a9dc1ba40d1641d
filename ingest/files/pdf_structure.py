"""Examines a PDF's structure before anything else is done with it.

Runs in a child process: see `inspect_file.py`.
"""

import re
import tomllib
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Pdf, Stream, StreamDecodeLevel

from ingest.files.limits import PdfLimits
from ingest.files.pdf_entries import entries, filters
from ingest.files.qpdf_warnings import masking_warning

_FORBIDDEN = tomllib.loads(Path(__file__).with_name("forbidden.toml").read_text("utf-8"))
_ACTIONS: dict[str, str] = _FORBIDDEN["actions"]
_KEYS: dict[str, str] = _FORBIDDEN["keys"]
_END = re.compile(rb"%%EOF[\s\0]*\Z")
_END_WITHIN = 4096  # bytes: `%%EOF`, and the white space that may follow
_CHUNK = 1 << 20
# Their size is that of the picture, which is bounded in pixels.
_PICTURES = frozenset({"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"})


@dataclass
class Structure:
    """What a PDF is: its faults by code with their facts, and whether it is signed."""

    pages: int = 0
    signed: bool = False
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)

    def fault(self, code: str, **facts: object) -> None:
        """Note a fault, once."""
        self.faults.setdefault(code, facts)


class _Enough(Exception):
    """A limit is reached: what lies beyond it is not examined."""


def read_structure(data: bytes, limits: PdfLimits, pixels: int) -> Structure:
    """Examine every object of the PDF `data`, reachable or not; it raises nothing for bad input."""
    # also a signature without a field: the validator reports why
    structure = Structure(signed=b"/ByteRange" in data)
    if not data.startswith(b"%PDF-"):
        structure.fault("pdf.junk_before")
    if _END.search(data[-_END_WITHIN:]) is None:
        structure.fault("pdf.junk_after" if b"%%EOF" in data[-_END_WITHIN:] else "pdf.truncated")
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True, attempt_recovery=False) as pdf:
            _Walk(pdf, data, limits, pixels, structure).go()
    except pikepdf.PasswordError:
        structure.fault("pdf.encrypted")
    except _Enough:
        pass
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RuntimeError,
        zlib.error,
    ):
        structure.fault("pdf.damaged")  # what pikepdf raises on broken files
    return structure


class _Walk:
    """One pass over all objects."""

    def __init__(
        self, pdf: Pdf, data: bytes, limits: PdfLimits, pixels: int, structure: Structure
    ) -> None:
        self._pdf, self._data, self._limits = pdf, data, limits
        self._pixels, self._structure = pixels, structure
        self._left, self._embedded = limits.decoded_bytes, 0

    def go(self) -> None:
        if self._pdf.is_encrypted:
            self._structure.fault("pdf.encrypted")
            return
        if len(self._pdf.objects) > self._limits.objects:
            self._stop("pdf.objects", self._limits.objects)
        self._pages()
        for thing in self._pdf.objects:
            self._look(thing, 0)
        warning = masking_warning(self._pdf, self._data)  # qpdf has read everything by now
        if warning is not None:
            self._structure.fault("pdf.ambiguous", **warning)

    def _stop(self, code: str, limit: int) -> None:
        self._structure.fault(code, limit=limit)
        raise _Enough

    def _pages(self) -> None:
        self._structure.pages = len(self._pdf.pages)
        if self._structure.pages == 0:
            self._structure.fault("pdf.no_pages")
        if self._structure.pages > self._limits.pages:
            self._stop("pdf.pages", self._limits.pages)
        for page in self._pdf.pages:
            box, unit = [float(edge) for edge in page.mediabox], float(page.obj.get("/UserUnit", 1))
            sides = abs(box[2] - box[0]) * unit, abs(box[3] - box[1]) * unit
            if not all(1 <= side <= self._limits.page_points for side in sides):
                self._structure.fault("pdf.page_size", limit=self._limits.page_points)

    def _look(self, thing: object, depth: int) -> None:
        """Look into one object and its direct children; indirect ones have their own turn."""
        if depth > self._limits.depth:
            self._stop("pdf.depth", self._limits.depth)
        if isinstance(thing, Dictionary | Stream):
            self._judge(thing)
            if isinstance(thing, Stream):
                self._measure(thing)
            children = list(entries(thing).values())
        elif isinstance(thing, Array):
            children = list(thing)
        else:
            return
        for child in children:
            if isinstance(child, pikepdf.Object) and not child.is_indirect:
                self._look(child, depth + 1)

    def _judge(self, thing: Dictionary | Stream) -> None:
        action = _ACTIONS.get(str(thing.get("/S", "")))
        for code in (action, *(code for key, code in _KEYS.items() if key in thing)):
            if code is not None:
                self._structure.fault(code)
        if "/ByteRange" in thing or str(thing.get("/Type", "")) in ("/Sig", "/DocTimeStamp"):
            self._structure.signed = self._structure.signed or "/Contents" in thing
        if str(thing.get("/FT", "")) == "/Sig" and isinstance(thing.get("/V"), Dictionary):
            self._structure.signed = True  # also with an odd value: the validator decides
        if str(thing.get("/Type", "")) == "/EmbeddedFile":
            self._embedded += 1
            if self._embedded > self._limits.embedded_files:
                self._stop("pdf.embedded_files", self._limits.embedded_files)

    def _measure(self, stream: Stream) -> None:
        """Count the bytes of a stream while it is decompressed, and stop at the limit."""
        is_image = str(stream.get("/Subtype", "")) == "/Image"
        if is_image and int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > self._pixels:
            self._stop("image.pixels", self._pixels)
        names = filters(stream)
        if names == ["/FlateDecode"]:
            self._inflate(stream.read_raw_bytes())
        elif names and names[-1] not in _PICTURES:
            # a chain of filters; memory is bounded by the process
            self._spend(len(stream.read_bytes(StreamDecodeLevel.specialized)))
        else:
            self._spend(len(stream.read_raw_bytes()))

    def _inflate(self, packed: bytes) -> None:
        inflater, waiting = zlib.decompressobj(), packed
        while waiting and not inflater.eof:
            self._spend(len(inflater.decompress(waiting, _CHUNK)))
            waiting = inflater.unconsumed_tail

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            self._stop("pdf.decoded_bytes", self._limits.decoded_bytes)
