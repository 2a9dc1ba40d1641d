"""Originals: byte for byte, whole or one range, and never a damaged one."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from api.home import Home
from api.reading import originals as reading_originals
from api.rest.resources import originals
from api.rest.service import Service
from archive.base.errors import IntegrityError
from tests.api.rest.conftest import Api, basic, make_app
from tests.fixtures.home import CLERK, chart, take


@pytest.fixture
def stored(reading: Api) -> tuple[str, bytes]:
    """The address of an original, and its bytes."""
    document = reading.body("/documents?limit=1")["items"][0]
    path = f"/documents/{document['document_id']}/original"
    return path, reading.get(path).data


@pytest.fixture(params=["held", "streamed"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which originals leave: held whole up to 16 MiB, streamed above."""
    if request.param == "streamed":
        monkeypatch.setattr(originals, "CHECKED_WHOLE", 0)
        monkeypatch.setattr(reading_originals, "_PIECE", 1000)
    return str(request.param)


def structured(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def test_the_original_is_what_the_archive_says_it_is(reading: Api, way: str) -> None:
    document = reading.body("/documents?limit=1")["items"][0]
    answer = reading.get(f"/documents/{document['document_id']}/original")
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert hashlib.sha256(answer.data).hexdigest() == document["sha256"]
    assert answer.headers["ETag"] == f'"{document["sha256"]}"'
    assert answer.headers["Repr-Digest"] == structured(answer.data)
    assert answer.headers.get("Content-Digest") == (
        structured(answer.data) if way == "held" else None
    )
    assert (
        answer.headers["Content-Disposition"]
        == f'attachment; filename="{document["document_id"]}.pdf"'
    )
    assert answer.content_length == document["bytes"]


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=500-", 500, None),
        ("bytes=-7", -7, None),
        ("bytes=0-99999999", 0, None),
    ],
)
def test_one_range_is_served(
    reading: Api, stored: tuple[str, bytes], way: str, asked: str, first: int, end: int | None
) -> None:
    path, whole = stored
    answer = reading.get(path, Range=asked)
    assert answer.status_code == 206
    assert answer.data == whole[first:end]
    start = first % len(whole)
    assert (
        answer.headers["Content-Range"]
        == f"bytes {start}-{start + len(answer.data) - 1}/{len(whole)}"
    )
    assert answer.headers["Repr-Digest"] == structured(whole)
    if way == "held":
        assert answer.headers["Content-Digest"] == structured(answer.data)


@pytest.mark.parametrize("asked", ["bytes=0-1,5-9", "bytes=99999999-", "bytes=0-0, -1"])
def test_several_ranges_or_one_outside_are_refused(
    reading: Api, stored: tuple[str, bytes], asked: str
) -> None:
    path, whole = stored
    answer = reading.get(path, Range=asked)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"


@pytest.mark.parametrize("asked", ["pages=1-2", "bytes=x", "bytes=9-1", "bytes"])
def test_a_range_that_is_not_understood_is_passed_over(
    reading: Api, stored: tuple[str, bytes], asked: str
) -> None:
    path, whole = stored
    answer = reading.get(path, Range=asked)
    assert (answer.status_code, answer.data) == (200, whole)


def test_conditions(reading: Api, stored: tuple[str, bytes]) -> None:
    path, whole = stored
    tag = f'"{hashlib.sha256(whole).hexdigest()}"'
    unchanged = reading.get(path, If_None_Match=f'"x", {tag}')
    assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", tag)
    assert reading.get(path, If_None_Match='"x"').status_code == 200
    assert reading.get(path, If_Match='"x"').status_code == 412
    assert reading.get(path, If_Match=tag).status_code == 200
    assert reading.get(path, Range="bytes=0-9", If_Range=tag).status_code == 206
    assert reading.get(path, Range="bytes=0-9", If_Range='"x"').data == whole
    assert reading.get(path, Range="bytes=0-9", If_Range=f"W/{tag}").data == whole
    assert (
        reading.get(path, Range="bytes=0-9", If_Range="Sat, 01 Jan 2028 00:00:00 GMT").data == whole
    )


def test_head_describes_the_original_without_its_bytes(
    reading: Api, stored: tuple[str, bytes]
) -> None:
    path, whole = stored
    answer = reading.call("HEAD", path, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.data, answer.content_length) == (200, b"", len(whole))
    assert answer.headers["ETag"] == f'"{hashlib.sha256(whole).hexdigest()}"'


@pytest.fixture
def damaged(fresh_home: Callable[[], Home]) -> tuple[Api, str, bytes]:
    """A home in whose vault one byte of an original was changed behind Kho's back; its address; the
    bytes before.
    """
    home = fresh_home()
    (result,) = take(home, chart(1))
    receipt = result.receipts[0]
    file = next(
        file
        for file in (Path(home.folder) / "vault").rglob("*")
        if file.is_file() and _is(file, receipt.sha256)
    )
    good = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(good[:-20] + bytes([good[-20] ^ 1]) + good[-19:])
    return Api(make_app(home), basic()), f"/documents/{receipt.document_id}/original", good


def _is(file: Path, sha256: str) -> bool:
    return hashlib.sha256(file.read_bytes()).hexdigest() == sha256


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=0-99"}, {"Range": "bytes=-5"}])
def test_not_one_byte_of_a_damaged_original_leaves(
    damaged: tuple[Api, str, bytes], asked: dict[str, str]
) -> None:
    api, path, _ = damaged
    answer = api.get(path, **asked)
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["code"] == "object.damaged"


@pytest.mark.parametrize("asked", [None, (0, 100), (50, 60)])
def test_a_damaged_large_original_breaks_before_its_end(
    damaged: tuple[Api, str, bytes], monkeypatch: pytest.MonkeyPatch, asked: tuple[int, int] | None
) -> None:
    api, path, good = damaged
    held: Service = api.app.extensions["kho.rest"]
    monkeypatch.setattr(reading_originals, "_PIECE", 1000)
    document = held.archive.originals.entitled(path.split("/")[2], CLERK, held.archive.scope)
    first, end = asked or (0, len(good))
    got: list[bytes] = []
    with pytest.raises(IntegrityError):
        got.extend(held.archive.originals.pieces(document, first, end))
    assert len(b"".join(got)) < end - first


def test_a_whole_large_original_is_sent_to_its_end(
    reading_home: Home, reading: Api, stored: tuple[str, bytes]
) -> None:
    path, whole = stored
    document = reading_home.open_for_reading().originals.entitled(
        path.split("/")[2], CLERK, reading_home.scope
    )
    for first, end in ((0, len(whole)), (3, 9), (len(whole) - 1, len(whole))):
        assert (
            b"".join(reading_home.open_for_reading().originals.pieces(document, first, end))
            == whole[first:end]
        )
