"""An act is its canonical bytes: what is not exactly so is damaged."""

import json

import pytest

from archive.acts.envelope import Act, act_key, parse_act
from archive.base.errors import IntegrityError
from archive.base.identifiers import sha256

ACT = Act.model_validate(
    {
        "schema": "kho/act/handover/1",
        "facility": "99001",
        "index": 7,
        "previous": "a" * 64,
        "time": "2026-11-22T07:00:00.000Z",
        "actor": {"name": "Hòa", "role": "clerk"},
        "chart": "01a205ab-c8ec-76b8-b498-5c2d72a56be7",
        "facts": {"note": "Trần Thử"},
        "objects": [],
        "salt": "0" * 32,
        "software": "kho 0.1.0",
        "signature": "",
    }
)


def test_an_act_is_read_back_from_its_bytes() -> None:
    assert parse_act(ACT.to_bytes(), act_key(ACT)) == ACT


def test_the_key_has_index_and_digest() -> None:
    assert act_key(ACT) == f"99001/acts/000000000007-{ACT.digest()}.json"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b"Th", b"th"),
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: data.replace(b'"salt":"0', b'"salt":"1'),
        lambda data: b"[" * 100_000,
        lambda data: b"\xff\xfe",
        lambda data: b"",
    ],
)
def test_other_bytes_under_its_key_are_damage(damage) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(IntegrityError):
        parse_act(damage(ACT.to_bytes()), act_key(ACT))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "kho/act/../1"},
        {"index": -1},
        {"time": "2026-11-22 07:00"},
        {"time": "2026-13-45T07:00:00.000Z"},
        {"previous": "A" * 64},
        {"facility": "9900"},
        {"salt": ""},
        {"more": 1},
    ],
)
def test_an_act_that_does_not_fit_its_schema_is_damaged(change: dict[str, object]) -> None:
    raw = {**ACT.model_dump(mode="json", by_alias=True), **change}
    with pytest.raises(IntegrityError):
        parse_act(json.dumps(raw).encode(), act_key(ACT))


def test_a_copy_with_other_facts_has_a_digest_of_its_own() -> None:
    before = ACT.digest()
    other = ACT.model_copy(update={"facts": {"note": "Lê Thử"}})
    assert other.digest() != before
    assert other.digest() == sha256(other.to_bytes())
    assert ACT.digest() == before
