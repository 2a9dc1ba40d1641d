"""The act that hands the ledger over to another key: both keys sign it, and the old one signs
nothing after it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.acts.act_log_reader import ActsMissing
from archive.acts.envelope import Act
from archive.acts.ledger_key import SCHEMA, LedgerKey, countersigned
from archive.acts.signature import Forged, signed
from archive.acts.signed_acts import CatalogueAltered
from archive.base.errors import IntegrityError
from archive.catalog import projection
from archive.catalog.tables import LedgerKeyRow
from archive.coordination.sequencer import Sequencer
from archive.coordination.sequencer_session import last_act
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey, open_checkpoint
from archive.ledger.keys import KeyNotInForce, ledger_keys
from archive.vault.policy import rolling_until
from tests.archive.conftest import CODE, ORIGIN, SIGNER, Ground, act_zero, drafted, new_chain

NEW = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
THIRD = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34))))


def writer(ground: Ground, signer: CheckpointSigner) -> Sequencer:
    """Return a sequencer that signs with `signer`."""
    return Sequencer(
        ground.catalog, ground.vault, CODE, ground.leases, ground.clock, lambda: signer
    )


def facts_for(ground: Ground, new: CheckpointSigner) -> LedgerKey:
    """Return the facts of the next act, if it hands over to `new`."""
    with ground.catalog.read() as session:
        last = last_act(session, CODE)
    assert last is not None
    return countersigned(CODE, last.index + 1, last.digest, new)


def hand_over(
    ground: Ground, old: CheckpointSigner, new: CheckpointSigner, **changes: object
) -> Act:
    """Append the act that hands over from `old` to `new`, its facts changed as a forger would."""
    facts = {**facts_for(ground, new).model_dump(mode="json"), **changes}
    act = writer(ground, old).append(drafted(ground.clock, SCHEMA, facts))
    assert act is not None
    return act


@pytest.fixture
def handed(ground: Ground) -> Ground:
    """A ledger of four acts: act 2 hands it over to NEW."""
    writer(ground, SIGNER).append(act_zero(ground.clock))
    writer(ground, SIGNER).append(new_chain(ground.clock, "1"))
    hand_over(ground, SIGNER, NEW)
    writer(ground, NEW).append(new_chain(ground.clock, "3"))
    return ground


def newest_checkpoint(ground: Ground, size: int) -> bytes:
    (checkpoint,) = ground.vault.list(f"{CODE}/ledger/checkpoint/{size}-")
    return ground.vault.read(checkpoint.key, checkpoint.version)


def test_the_new_key_signs_from_the_next_act_on_and_every_later_checkpoint(handed: Ground) -> None:
    handed.publisher(NEW).publish()
    note = newest_checkpoint(handed, 4)
    assert open_checkpoint(note, NEW.verifier).size == 4
    with handed.catalog.read() as session:
        keys = ledger_keys(session, CODE)
    assert keys.stated == ((0, SIGNER.verifier), (2, NEW.verifier))
    assert [keys.of_act(index) for index in range(4)] == [SIGNER.verifier] * 3 + [NEW.verifier]
    assert [keys.of_head(size) for size in range(1, 5)] == [SIGNER.verifier] * 2 + [
        NEW.verifier
    ] * 2
    assert keys.open(note).size == 4
    with pytest.raises(ValueError, match="not signed by this ledger's key"):
        keys.open(SIGNER.sign(keys.open(note)))  # who still has the old key


def test_a_rebuild_of_it_gives_the_same_catalogue(handed: Ground) -> None:
    def dump(ground: Ground) -> list[bytes]:
        with ground.catalog.read() as session:
            return list(projection.lines(session))

    other = handed.another("other")
    assert writer(other, NEW).catch_up() == 4
    assert dump(other) == dump(handed)
    writer(handed, NEW).rebuild()
    assert dump(other) == dump(handed)


def test_a_ledger_is_handed_over_again(handed: Ground) -> None:
    hand_over(handed, NEW, THIRD)
    writer(handed, THIRD).append(new_chain(handed.clock, "5"))
    assert writer(handed, THIRD).signed.keys().all == (
        SIGNER.verifier,
        NEW.verifier,
        THIRD.verifier,
    )
    assert handed.another("other").sequencer().catch_up() == 6


@pytest.mark.parametrize("name", ["other/ledger", ORIGIN + "x"])
def test_a_key_under_another_origin_takes_over_nothing(ground: Ground, name: str) -> None:
    writer(ground, SIGNER).append(act_zero(ground.clock))
    stranger = CheckpointSigner(name, Ed25519PrivateKey.generate())
    with pytest.raises(IntegrityError):
        hand_over(ground, SIGNER, stranger)


def test_no_key_takes_over_twice(handed: Ground) -> None:
    for old in (SIGNER, NEW):
        with pytest.raises(IntegrityError):
            hand_over(handed, NEW, old)


def _of_another_place(ground: Ground) -> dict[str, Any]:
    return countersigned(CODE, 7, "0" * 64, NEW).model_dump(mode="json")


def _of_another_key(ground: Ground) -> dict[str, Any]:
    return {**facts_for(ground, THIRD).model_dump(mode="json"), "key": str(NEW.verifier)}


@pytest.mark.parametrize("forged", [_of_another_place, _of_another_key])
def test_an_act_that_the_new_key_did_not_countersign_is_refused(
    ground: Ground, forged: Callable[[Ground], dict[str, Any]]
) -> None:
    """An attacker with only the old key cannot give the ledger to a key that is not there."""
    writer(ground, SIGNER).append(act_zero(ground.clock))
    with pytest.raises(Forged):
        hand_over(ground, SIGNER, NEW, **forged(ground))
    plant(ground, SIGNER, forged(ground))
    with pytest.raises(Forged):
        ground.another("other").sequencer().catch_up()


def test_an_act_that_the_old_key_did_not_sign_is_refused(ground: Ground) -> None:
    """An attacker with write access to the vault cannot give the ledger to another key."""
    writer(ground, SIGNER).append(act_zero(ground.clock))
    plant(ground, NEW, facts_for(ground, NEW).model_dump(mode="json"))
    with pytest.raises(Forged):
        ground.another("other").sequencer().catch_up()


def test_an_act_that_the_old_key_signs_after_the_handover_is_refused(handed: Ground) -> None:
    plant(handed, SIGNER, {"pem": "forged"}, schema="kho/act/seal-chain/1")
    with pytest.raises(Forged):
        handed.another("other").sequencer().catch_up()


def test_a_writer_with_the_old_key_writes_nothing(handed: Ground) -> None:
    before = [stored.key for stored in handed.vault.list(f"{CODE}/")]
    with pytest.raises(KeyNotInForce):
        writer(handed, SIGNER).append(new_chain(handed.clock, "x"))
    with pytest.raises(KeyNotInForce):
        handed.publisher(SIGNER).publish()
    assert [stored.key for stored in handed.vault.list(f"{CODE}/")] == before


def test_a_writer_asks_for_its_key_again_when_another_has_handed_over(ground: Ground) -> None:
    """A server keeps its key in memory while a person hands the ledger over on the command line."""
    writer(ground, SIGNER).append(act_zero(ground.clock))
    asked: list[CheckpointSigner] = []

    def signer() -> CheckpointSigner:
        asked.append(NEW if asked else SIGNER)
        if len(asked) == 1:
            hand_over(ground, SIGNER, NEW)  # after the key was asked for, before the turn
        return asked[-1]

    server = Sequencer(ground.catalog, ground.vault, CODE, ground.leases, ground.clock, signer)
    act = server.append(new_chain(ground.clock, "after"))
    assert act is not None
    assert (act.index, asked) == (2, [SIGNER, NEW])


def test_acts_of_both_keys_are_vouched_for_and_an_altered_list_of_keys_is_not_believed(
    handed: Ground,
) -> None:
    sequencer = writer(handed, NEW)
    assert [sequencer.signed.act(index).index for index in range(4)] == [0, 1, 2, 3]
    with handed.catalog.write() as session:
        session.query(LedgerKeyRow).one().key = str(THIRD.verifier)
    with pytest.raises(CatalogueAltered):
        writer(handed, NEW).signed.act(3)
    with handed.catalog.write() as session:
        session.query(LedgerKeyRow).delete()
    with pytest.raises(Forged):
        writer(handed, NEW).signed.act(3)
    with handed.catalog.write() as session:
        session.add(LedgerKeyRow(facility=CODE, act_index=1, key=str(NEW.verifier)))
    with pytest.raises(CatalogueAltered):
        writer(handed, NEW).signed.act(3)


def test_a_lost_checkpoint_of_the_old_key_is_not_signed_by_the_new_one(ground: Ground) -> None:
    writer(ground, SIGNER).append(act_zero(ground.clock))
    ground.publisher(SIGNER).publish()
    (kept,) = ground.vault.list(f"{CODE}/ledger/checkpoint/")
    hand_over(ground, SIGNER, NEW)
    assert not ground.publisher(NEW).restore(kept.key)
    assert ground.publisher(NEW).publish().size == 2


def test_a_checkpoint_of_the_new_key_shows_that_later_acts_are_missing(handed: Ground) -> None:
    handed.publisher(NEW).publish()
    (last,) = handed.vault.list(f"{CODE}/acts/{3:012}-")
    (handed.folder.parent / "vault" / last.key).unlink()
    with pytest.raises(ActsMissing):
        handed.another("other").sequencer().rebuild()


def plant(
    ground: Ground, signer: CheckpointSigner, facts: dict[str, Any], schema: str = SCHEMA
) -> None:
    """Put an act behind the newest one into the vault, as somebody who has `signer` and the vault's
    password.
    """
    with ground.catalog.read() as session:
        last = last_act(session, CODE)
    assert last is not None
    (stored,) = ground.vault.list(f"{CODE}/acts/{last.index:012}-")
    before = Act.model_validate_json(ground.vault.read(stored.key, stored.version))
    members = before.model_dump(mode="json", by_alias=True)
    members |= {"schema": schema, "index": last.index + 1, "previous": last.digest, "facts": facts}
    act = signed(members, signer)
    key = stored.key.replace(f"{last.index:012}-{last.digest}", f"{act.index:012}-{act.digest()}")
    ground.vault.put(
        type(stored.key)(key),
        act.to_bytes(),
        retain_until=rolling_until(ground.clock.now()),
        media_type="application/json",
    )


def test_a_verifier_key_is_named_by_the_origin(handed: Ground) -> None:
    with handed.catalog.read() as session:
        assert VerifierKey.parse(session.query(LedgerKeyRow).one().key).name == ORIGIN
