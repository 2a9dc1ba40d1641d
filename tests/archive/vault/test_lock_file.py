"""The bytes of a lock file are for ever: these are they, and nothing else is read as one."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from archive.base.identifiers import ObjectKey, sha256
from archive.vault.contract import Lock, LockMode
from archive.vault.lock_file import LockRecord, read_record

KEY = ObjectKey("79001/documents/0199/a.pdf")
RECORD = LockRecord(
    KEY,
    "application/pdf",
    sha256(b"bytes"),
    5,
    Lock(LockMode.COMPLIANCE, datetime(2036, 11, 22, 7, tzinfo=UTC)),
)
BYTES = (
    b'{"check":"c96e36e953ffad9150722a2d4e5560a9b72fcb34538522263ab7f91ab1db8e2c",'
    b'"format":"kho-lock/1","key":"79001/documents/0199/a.pdf","media_type":"application/pdf",'
    b'"mode":"COMPLIANCE","retain_until":"2036-11-22T07:00:00Z",'
    b'"sha256":"277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9","size":5}'
)


def test_a_lock_file_is_written_as_the_format_says() -> None:
    assert RECORD.to_bytes() == BYTES


def test_a_lock_file_is_read_as_it_was_written() -> None:
    assert read_record(KEY, BYTES) == RECORD


@given(
    st.binary(max_size=200)
    | st.binary(max_size=20).map(lambda tail: BYTES + tail)
    | st.text().map(str.encode)
)
def test_nothing_else_is_a_lock_file(data: bytes) -> None:
    assert data == BYTES or read_record(KEY, data) is None


@given(st.integers(0, len(BYTES) - 1), st.integers(1, 255))
def test_no_altered_byte_passes(place: int, difference: int) -> None:
    assert (
        read_record(KEY, BYTES[:place] + bytes([BYTES[place] ^ difference]) + BYTES[place + 1 :])
        is None
    )


def test_the_lock_file_of_another_key_does_not_count() -> None:
    assert read_record(ObjectKey("79001/documents/0199/b.pdf"), BYTES) is None
