"""The ledger over the API: a stranger's program follows it and proves a document by it, with
nothing of ours.
"""

import base64
import hashlib
import json

import pytest

from api.home import Home
from archive.catalog.tables import FacilityRow
from archive.ledger.checkpoint import VerifierKey, open_checkpoint
from archive.ledger.tiles import parse_entry_bundle
from tests.api.rest.conftest import Api


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """Return the root of RFC 6962, computed in the plainest way."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:split]), root_of(leaves[split:]))


def climbed(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root to which an audit path leads (RFC 9162, 2.1.3.2)."""
    at, last, value = index, size - 1, leaf
    for sibling in path:
        if at % 2 or at == last:
            value = node(sibling, value)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            value = node(value, sibling)
        at, last = at >> 1, last >> 1
    assert last == 0
    return value


def test_the_leaves_that_are_shown_have_the_root_that_is_signed(
    reading: Api, reading_home: Home
) -> None:
    note = reading.get("/ledger/checkpoint")
    assert note.content_type == "text/plain; charset=utf-8"
    _, size, root = note.text.split("\n")[:3]
    tile = reading.get(f"/ledger/tile/0/000.p/{size}")
    leaves = [tile.data[at : at + 32] for at in range(0, len(tile.data), 32)]
    assert base64.b64encode(root_of(leaves)).decode() == root
    entries = parse_entry_bundle(reading.get(f"/ledger/tile/entries/000.p/{size}").data)
    assert [hashlib.sha256(b"\0" + entry).digest() for entry in entries] == leaves
    assert "immutable" in tile.headers["Cache-Control"]
    with reading_home.catalog.read() as session:
        facility = session.get(FacilityRow, reading_home.code)
    assert facility is not None
    assert open_checkpoint(note.data, VerifierKey.parse(facility.ledger_key)).size == int(size)


def test_a_document_is_proven_step_by_step_as_the_document_says(reading: Api) -> None:
    document = reading.body("/documents?limit=1")["items"][0]
    proof = reading.body(f"/documents/{document['document_id']}/proof")
    act = proof["act"].encode()
    assert hashlib.sha256(act).hexdigest() == proof["act_sha256"]
    assert document["sha256"] in {stored["sha256"] for stored in json.loads(act)["objects"]}
    entry = b"kho-act/1\n" + hashlib.sha256(act).digest()
    leaf = hashlib.sha256(b"\0" + entry).digest()
    assert base64.b64encode(leaf).decode() == proof["leaf_hash"]
    path = [base64.b64decode(digest) for digest in proof["inclusion_path"]]
    root = climbed(leaf, proof["ledger_index"], proof["tree_size"], path)
    assert proof["checkpoint"].split("\n")[1:3] == [
        str(proof["tree_size"]),
        base64.b64encode(root).decode(),
    ]
    assert proof["tlog_proof"].startswith(
        f"c2sp.org/tlog-proof@v1\nindex {proof['ledger_index']}\n"
    )
    assert proof["tlog_proof"].endswith(proof["checkpoint"])


def test_the_ledger_is_shown_to_have_only_grown(reading: Api) -> None:
    size = int(reading.get("/ledger/checkpoint").text.split("\n")[1])
    tile = reading.get(f"/ledger/tile/0/000.p/{size}").data
    leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    for old in range(1, size + 1):
        proof = reading.body(f"/ledger/consistency?old={old}")
        assert (proof["old"], proof["new"]) == (old, size)
        path = [base64.b64decode(digest) for digest in proof["path"]]
        assert grown(leaves, old, path)


def grown(leaves: list[bytes], old: int, path: list[bytes]) -> bool:
    """Check a consistency proof (RFC 9162, 2.1.4.2) against both roots."""
    new = len(leaves)
    if old == new:
        return path == []
    rest = list(path)
    if old & (old - 1) == 0:
        rest.insert(0, root_of(leaves[:old]))
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = rest.pop(0)
    for value in rest:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node(value, first), node(value, second)
            while at & 1 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node(second, value)
        at, last = at >> 1, last >> 1
    return (first, second, last) == (root_of(leaves[:old]), root_of(leaves), 0)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/99",
        "tile/1/000.p/1",
        "tile/0/001.p/1",
        "tile/0/x000/000.p/1",
        "tile/0/0",
        "tile/0/../0/000.p/1",
        "tile/entries/000",
        "tile/63/000.p/1",
        "consistency?old=3&new=2",
        "consistency?old=1&new=999",
    ],
)
def test_what_the_ledger_does_not_have_is_not_there(reading: Api, path: str) -> None:
    assert reading.get(f"/ledger/{path}").status_code == 404


def test_reading_publishes_nothing(reading: Api, reading_home: Home) -> None:
    stored = sorted(
        str(stored.key) for stored in reading_home.vault.list(f"{reading_home.code}/ledger/")
    )
    reading.get("/ledger/checkpoint")
    assert (
        sorted(
            str(stored.key) for stored in reading_home.vault.list(f"{reading_home.code}/ledger/")
        )
        == stored
    )
