"""The container: ordered files as one ZIP, written in one way only, and checked strictly when read.

The ZIP (PKWARE APPNOTE) has nothing beside its files: no comment, extra field, directory,
descriptor, zip64 record or gap, so that every reader sees the same files.
"""

import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from archive.base.errors import Unreadable

MAX_CONTAINER = 512 << 20  # bytes, packed and unpacked alike
MAX_FILES = 8192
MAX_RATIO = 100  # unpacked to packed; records and PDFs stay far below
_MAX_NAME = 200

_LOCAL = struct.Struct("<4s5H3I2H")  # 4.3.7 local file header
_CENTRAL = struct.Struct("<4s6H3I5H2I")  # 4.3.12 central directory header
_END = struct.Struct("<4s4H2IH")  # 4.3.16 end of central directory record
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_STORED, _DEFLATED = 0, 8
_VERSION = 20  # needed to extract; no feature of a later one is used
_UNIX = 3
_MADE_BY = _UNIX << 8 | _VERSION
_REGULAR = 0o100000
_ATTRIBUTES = (_REGULAR | 0o644) << 16
_UTF8_NAMES = 0x0800  # the only general purpose flag that is allowed; names are ASCII all the same
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a container as its central directory describes it; `start` is where its packed
    bytes begin.
    """

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int


def write_container(files: Iterable[tuple[str, bytes]], moment: datetime) -> bytes:
    """Return the ZIP of `files` in their order, all stored, each dated `moment` (UTC, to two
    seconds).

    Raises :class:`ValueError` for an unsafe name, or a name that comes twice.
    """
    date, time = _dos(moment)
    out, directory, seen = bytearray(), bytearray(), set[str]()
    for name, data in files:
        if not is_safe_name(name) or name in seen:
            raise ValueError("not a name for a file of a container")
        seen.add(name)
        raw, size = name.encode("ascii"), len(data)
        common = (_VERSION, 0, _STORED, time, date, zlib.crc32(data), size, size, len(raw), 0)
        directory += (
            _CENTRAL.pack(_CENTRAL_MARK, _MADE_BY, *common, 0, 0, 0, _ATTRIBUTES, len(out)) + raw
        )
        out += _LOCAL.pack(_LOCAL_MARK, *common) + raw + data
    end = _END.pack(_END_MARK, 0, 0, len(seen), len(seen), len(directory), len(out), 0)
    return bytes(out + directory + end)


def read_container(data: bytes) -> dict[str, bytes]:
    """Return the files of a ZIP in their order in it.

    Stored and deflated files are read. A ZIP that two programs could read differently is refused.
    No file is unpacked beyond its declared size. Raises :class:`archive.base.errors.Unreadable`.
    """
    if len(data) > MAX_CONTAINER:
        raise _unreadable("tệp quá lớn", "it is too large")
    try:
        entries = _entries(data)
    except struct.error as error:
        raise _unreadable(
            "tệp ZIP bị cắt hoặc hỏng", "its ZIP structure is cut off or broken"
        ) from error
    if sum(entry.size for entry in entries) > min(MAX_CONTAINER, MAX_RATIO * len(data)):
        raise _unreadable("nội dung giải nén quá lớn", "its unpacked content is too large")
    return {entry.name: _unpacked(data, entry) for entry in entries}


def is_stored(data: bytes, name: str) -> bool:
    """Return whether the container that :func:`read_container` accepted begins with the file
    `name`, stored.
    """
    return _LOCAL.unpack_from(data)[3] == _STORED and data[_LOCAL.size :].startswith(
        name.encode("ascii")
    )


def is_safe_name(name: str) -> bool:
    """Return whether `name` is a relative path of plain ASCII segments, none of which starts with a
    dot.
    """
    return len(name) <= _MAX_NAME and bool(_NAME.match(name))


def _entries(data: bytes) -> list[Entry]:
    """Read the central directory and compare each local header with it;
    no byte may be left over.
    """
    end_at = len(data) - _END.size
    if end_at < 0 or not data.startswith(_LOCAL_MARK):
        raise _unreadable("không phải tệp ZIP", "it is not a ZIP file")
    mark, disk, start_disk, here, count, size, start, comment = _END.unpack_from(data, end_at)
    if (
        mark != _END_MARK
        or comment
        or disk
        or start_disk
        or here != count
        or start + size != end_at
    ):
        raise _unreadable(
            "có dữ liệu thừa trước hoặc sau tệp ZIP",
            "there is data before or after the ZIP, or a gap",
        )
    if not 0 < count <= MAX_FILES:
        raise _unreadable("số tệp trong gói vượt giới hạn", "it holds too many files, or none")
    entries, at, expected = [], start, 0
    for _ in range(count):
        entry, at, expected = _entry(data, at, expected)
        entries.append(entry)
    if at != end_at or expected != start:
        raise _unreadable(
            "có dữ liệu thừa trong tệp ZIP", "there is data between the files of the ZIP"
        )
    if len({entry.name.lower() for entry in entries}) != len(entries):
        raise _unreadable("hai tệp trong gói trùng tên", "two of its files have the same name")
    return entries


def _entry(data: bytes, at: int, offset: int) -> tuple[Entry, int, int]:
    """Read the directory record at `at`; its file's local header must be at `offset`.

    Return also both next offsets.
    """
    mark, made_by, *common, comment, disk, _, attributes, header_at = _CENTRAL.unpack_from(data, at)
    _, flags, method, _, _, crc, packed, size, name_size, extra = common
    if mark != _CENTRAL_MARK or comment or disk or extra or header_at != offset:
        raise _unreadable(
            "mục lục ZIP có phần không được phép",
            "its ZIP directory has parts that a packet must not have",
        )
    local_mark, *local = _LOCAL.unpack_from(data, offset)
    name_at, local_name_at = at + _CENTRAL.size, offset + _LOCAL.size
    raw = data[name_at : name_at + name_size]
    if (
        local_mark != _LOCAL_MARK
        or local != common
        or data[local_name_at : local_name_at + name_size] != raw
    ):
        raise _unreadable(
            "mục lục ZIP không khớp với tệp",
            "its ZIP directory and its files contradict each other",
        )
    if flags & ~_UTF8_NAMES:
        raise _unreadable(
            "tệp ZIP được mã hóa hoặc ghi theo luồng", "it is encrypted or has streamed files"
        )
    if method not in (_STORED, _DEFLATED) or (method == _STORED and packed != size):
        raise _unreadable(
            "kiểu nén không được hỗ trợ", "Kho does not support its compression method"
        )
    kind = attributes >> 16 & 0o170000 if made_by >> 8 == _UNIX else 0
    name = raw.decode("latin-1")
    if kind not in (0, _REGULAR) or not is_safe_name(name):
        raise _unreadable(
            "có tên tệp hoặc liên kết nguy hiểm", "it holds a link, a folder or an unsafe file name"
        )
    start = local_name_at + name_size
    return Entry(name, method, crc, packed, size, start), name_at + name_size, start + packed


def _unpacked(data: bytes, entry: Entry) -> bytes:
    packed = data[entry.start : entry.start + entry.packed]
    content = packed if entry.method == _STORED else _inflated(packed, entry.size)
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise _unreadable("tệp trong gói bị hỏng (CRC)", "a file in it is damaged (CRC)")
    return content


def _inflated(packed: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(packed, size + 1)
    except zlib.error as error:
        raise _unreadable("dữ liệu nén bị hỏng", "its compressed data is broken") from error
    if not inflater.eof or inflater.unused_data or len(content) > size:
        raise _unreadable(
            "kích thước khai báo không đúng", "the stated size of a file in it is wrong"
        )
    return content


def _dos(moment: datetime) -> tuple[int, int]:
    """Return MS-DOS date and time (4.4.6), of UTC."""
    at = moment.astimezone(UTC)
    return (
        at.year - 1980
    ) << 9 | at.month << 5 | at.day, at.hour << 11 | at.minute << 5 | at.second // 2


def _unreadable(why_vi: str, why_en: str) -> Unreadable:
    return Unreadable(why_vi=why_vi, why_en=why_en)
