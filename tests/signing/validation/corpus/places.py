"""Where the signature values of a file are, by its bytes: no parser has to like the file."""

import re

from asn1crypto import cms

BYTE_RANGE = re.compile(rb"/ByteRange ?\[ ?(\d+) +(\d+) +(\d+) +(\d+) *\]")


def values(pdf: bytes) -> list[tuple[int, int]]:
    """Return where the hexadecimal digits of each signature value are, in the order of the file."""
    ranges = (tuple(map(int, match.groups())) for match in BYTE_RANGE.finditer(pdf))
    return [(start + 1, resume - 1) for _, start, resume, _ in ranges]


def signed_data(pdf: bytes, index: int = 0) -> cms.SignedData:
    """Return the SignedData of the signature `index`."""
    start, end = values(pdf)[index]
    return cms.ContentInfo.load(bytes.fromhex(pdf[start:end].decode()))["content"]


def with_value(pdf: bytes, value: bytes, index: int = 0) -> bytes:
    """Return `pdf` with `value` as its signature value `index`, in the room that is there."""
    start, end = values(pdf)[index]
    digits = value.hex().encode()
    assert len(digits) <= end - start, "no room for the value"
    return pdf[:start] + digits.ljust(end - start, b"0") + pdf[end:]
