"""The container is written in one way, and read so that no two readers can see two things in it."""

import contextlib
import io
import stat
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.base.errors import Unreadable
from signing.asic import container
from signing.asic.container import MAX_FILES, is_safe_name, read_container, write_container

MOMENT = datetime(2026, 11, 23, 0, 11, 42, 954000, tzinfo=UTC)
FILES = {
    "mimetype": b"application/vnd.etsi.asic-e+zip",
    "a/b.json": b"{}",
    "ban-doc.pdf": b"%PDF" * 300,
}
GOOD = write_container(FILES.items(), MOMENT)
LOCAL = container._LOCAL.size
CENTRAL = GOOD.index(b"PK\x01\x02")
END = len(GOOD) - container._END.size

names = st.from_regex(r"[a-z][a-z0-9.-]{0,8}(/[a-z0-9][a-z0-9.-]{0,8}){0,2}", fullmatch=True)


@given(st.dictionaries(names, st.binary(max_size=200), min_size=1, max_size=6))
def test_what_is_written_is_read(files: dict[str, bytes]) -> None:
    if len({name.lower() for name in files}) == len(files):
        data = write_container(files.items(), MOMENT)
        assert list(read_container(data).items()) == list(files.items())
        assert write_container(files.items(), MOMENT) == data


@given(st.binary(max_size=300))
def test_other_bytes_are_unreadable_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_container(data)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_one_byte_changed_is_unreadable_or_shows_the_same_files(at: int, value: int) -> None:
    changed = GOOD[:at] + bytes([value]) + GOOD[at + 1 :]
    with contextlib.suppress(Unreadable):
        assert read_container(changed) == FILES


def test_other_programs_read_it() -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
        assert {info.filename: archive.read(info) for info in infos} == FILES
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in infos} == {(2026, 11, 23, 0, 11, 42)}
    assert {stat.S_IFMT(info.external_attr >> 16) for info in infos} == {stat.S_IFREG}
    assert not any(info.extra or info.comment for info in infos)
    # EN 319 162-1, A.1: so that a reader finds the type at a fixed place
    assert GOOD[30:38] == b"mimetype"
    assert GOOD[38:69] == FILES["mimetype"]


def test_what_another_program_wrote_is_read() -> None:
    assert read_container(zipped(lambda archive: None)) == FILES
    assert read_container(zipped(lambda archive: None, zipfile.ZIP_DEFLATED)) == FILES


def zipped(more: Callable[[zipfile.ZipFile], object], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a ZIP by Python's own writer, after `more` was done to it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
        more(archive)
    return out.getvalue()


def with_field(at: int, form: str, value: int) -> bytes:
    """Return the container with one field of one header replaced."""
    changed = bytearray(GOOD)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)


def bomb() -> bytes:
    return zipped(lambda archive: archive.writestr("bomb", bytes(50 << 20)), zipfile.ZIP_DEFLATED)


def understated_bomb() -> bytes:
    """A file that inflates to 5 MB and says 100 bytes, in both headers."""
    data = bytearray(
        zipped(lambda archive: archive.writestr("bomb", bytes(5 << 20)), zipfile.ZIP_DEFLATED)
    )
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.rindex(mark) + offset, 100)
    return bytes(data)


def symlink(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def with_extra(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("extra")
    # Info-ZIP Unicode path: another name for those who look
    info.extra = b"\x75\x70\x05\x00\x01abcd"
    archive.writestr(info, b"x")


def with_comment(archive: zipfile.ZipFile) -> None:
    archive.comment = b"PK\x05\x06"


def streamed() -> bytes:
    """A ZIP that was written to a pipe: sizes stand after the data."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            raw = bytes(data)  # type: ignore[call-overload]
            self.data += raw
            return len(raw)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.writestr("mimetype", b"x")
    return bytes(pipe.data)


def gap_before_the_directory() -> bytes:
    """Bytes that no file owns stand before the directory,
    and the end record knows where it begins.
    """
    data = bytearray(GOOD[:CENTRAL] + b"hidden" + GOOD[CENTRAL:])
    (start,) = struct.unpack_from("<I", data, len(data) - 6)
    struct.pack_into("<I", data, len(data) - 6, start + 6)
    return bytes(data)


def name_in_both(old: bytes, new: bytes) -> bytes:
    """Replace a file's name in its two headers by one of the same length."""
    assert len(old) == len(new)
    return GOOD.replace(old, new)


HOSTILE = {
    "data before": b"#!/bin/sh\n" + GOOD,
    "data after": GOOD + b"\0",
    "two archives": GOOD + GOOD,
    "cut off": GOOD[:-1],
    "only half": GOOD[: len(GOOD) // 2],
    "no directory": GOOD[:CENTRAL],
    "bytes between the files and the directory": gap_before_the_directory(),
    "a bomb": bomb(),
    "a bomb that understates itself": understated_bomb(),
    "a name twice": zipped(lambda a: a.writestr("mimetypE", b"x")),
    "a path upwards": name_in_both(b"a/b.json", b"../.json"),
    "an absolute path": name_in_both(b"a/b.json", b"/etc/abc"),
    "a backslash": name_in_both(b"a/b.json", b"a\\b.json"),
    "NUL in a name": name_in_both(b"a/b.json", b"a\0b.json"),
    "a drive": name_in_both(b"a/b.json", b"C:b.json"),
    "a hidden file": name_in_both(b"a/b.json", b".profile"),
    "a name in other letters": zipped(lambda a: a.writestr("tài-liệu.pdf", b"x")),
    "a folder": zipped(lambda a: a.mkdir("folder")),
    "a symbolic link": zipped(symlink),
    "an extra field": zipped(with_extra),
    "a comment": zipped(with_comment),
    "streamed": streamed(),
    "bzip2": zipped(lambda a: None, zipfile.ZIP_BZIP2),
    "lzma": zipped(lambda a: None, zipfile.ZIP_LZMA),
    "encrypted by its local header": with_field(6, "<H", 1),
    "encrypted by its directory": with_field(CENTRAL + 8, "<H", 1),
    "another method in the directory": with_field(CENTRAL + 10, "<H", 8),
    "another CRC in the directory": with_field(CENTRAL + 16, "<I", 7),
    "another size in the directory": with_field(CENTRAL + 24, "<I", 7),
    "a size of zip64": with_field(CENTRAL + 24, "<I", 0xFFFFFFFF),
    "an offset of zip64": with_field(CENTRAL + 42, "<I", 0xFFFFFFFF),
    "an overlap": with_field(CENTRAL + 42, "<I", 5),
    "on another disk": with_field(CENTRAL + 34, "<H", 1),
    "more files than it says": with_field(END + 10, "<H", 2),
    "a count of zip64": with_field(END + 8, "<H", 0xFFFF),
    "a directory elsewhere": with_field(END + 16, "<I", 0),
    "another name in the local header": GOOD.replace(b"a/b.json", b"a/c.json", 1),
    "other bytes": GOOD.replace(b"{}", b"[]"),
    "too many files": write_container(((f"f{n}", b"") for n in range(MAX_FILES + 1)), MOMENT),
    "empty": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_containers_are_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_container(data)


def test_a_container_beyond_the_limit_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_CONTAINER", len(GOOD) - 1)
    with pytest.raises(Unreadable):
        read_container(GOOD)


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "..", "a/../b", ".a", "a/.b", "a b", "à", "a\n", "a" * 201]
)
def test_unsafe_names(name: str) -> None:
    assert not is_safe_name(name)
    with pytest.raises(ValueError, match="name"):
        write_container([(name, b"")], MOMENT)


def test_a_name_is_written_once() -> None:
    with pytest.raises(ValueError, match="name"):
        write_container([("a", b""), ("a", b"")], MOMENT)
