"""Reading sealed files in tests, by pyHanko's reader and by plain bytes."""

import io
import re

from pyhanko.pdf_utils.reader import PdfFileReader

BYTE_RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]")


def read(data: bytes) -> PdfFileReader:
    """Open a PDF."""
    return PdfFileReader(io.BytesIO(data))


def byte_ranges(data: bytes) -> list[tuple[int, int, int, int]]:
    """Return the four numbers of each /ByteRange, in the order of the file."""
    return [tuple(int(number) for number in match.groups()) for match in BYTE_RANGE.finditer(data)]  # type: ignore[misc]


def contents(data: bytes) -> list[bytes]:
    """Return the /Contents of each signature as they stand between `<` and `>`."""
    return [data[first + 1 : resume - 1] for _, first, resume, _ in byte_ranges(data)]
