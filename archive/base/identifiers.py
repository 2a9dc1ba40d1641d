"""Names and digests that mean something: each is a type of its own.

They are parsed at the edge and trusted inside.
"""

import hashlib
import re
from typing import NewType

import uuid_utils

FacilityCode = NewType("FacilityCode", str)  # mã CSKCB, 5 characters
ChartId = NewType("ChartId", str)  # UUIDv7
DocumentId = NewType("DocumentId", str)  # UUIDv7
SubmissionId = NewType("SubmissionId", str)  # UUIDv7
FormCode = NewType("FormCode", str)  # canonical, e.g. "01/BV1", "XML3"
Sha256 = NewType("Sha256", str)  # 64 lower-case hex digits
ObjectKey = NewType("ObjectKey", str)  # a key in the vault, '/'-separated, ASCII
ArchiveNumber = NewType("ArchiveNumber", str)  # số lưu trữ

FACILITY = "[0-9A-Z]{5}"  # pattern of a facility code
_FACILITY = re.compile(rf"{FACILITY}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def parse_facility_code(text: str) -> FacilityCode:
    """Return `text` as a facility code (mã CSKCB: five digits or capital letters).

    Raises :class:`ValueError`.
    """
    if not _FACILITY.match(text):
        raise ValueError("a facility code has five digits or capital letters")
    return FacilityCode(text)


def record_id(text: str) -> str:
    """Return the id of a record as it is stored.

    UUIDs are written in small letters, and read in any (RFC 9562, 4).
    """
    return text.strip().lower()


def parse_sha256(text: str) -> Sha256:
    """Return `text` as a SHA-256 digest in lower-case hex; raises :class:`ValueError`."""
    if not _SHA256.match(text):
        raise ValueError("a SHA-256 digest has 64 lower-case hex digits")
    return Sha256(text)


def sha256(data: bytes) -> Sha256:
    """Return the SHA-256 digest of `data`."""
    return Sha256(hashlib.sha256(data).hexdigest())


def new_id() -> str:
    """Return a new UUIDv7 (RFC 9562) in its canonical text form."""
    return str(uuid_utils.uuid7())
