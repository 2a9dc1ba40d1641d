"""The published ledger: full tiles, full bundles and a checkpoint, and a proof that anyone can
follow.
"""

import base64

import pytest

from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey, Sha256
from archive.catalog.operations import LedgerObjectRow
from archive.catalog.tables import ActRow, LedgerNodeRow
from archive.ledger import merkle, tiles
from archive.ledger.checkpoint import open_checkpoint
from archive.ledger.nodes import node_reader
from archive.ledger.store import LedgerPublisher, head, proof_text
from archive.vault.contract import ObjectMissing
from tests.archive.conftest import CODE, ORIGIN, SIGNER, Ground, act_zero, new_chain


@pytest.fixture
def publisher(ground: Ground) -> LedgerPublisher:
    """A publisher over a ledger of act 0 alone."""
    ground.sequencer().append(act_zero(ground.clock))
    return ground.publisher()


def names(ground: Ground) -> list[str]:
    return [s.key.removeprefix(f"{CODE}/ledger/") for s in ground.vault.list(f"{CODE}/ledger/")]


def read(ground: Ground, name: str) -> bytes:
    key = ObjectKey(f"{CODE}/ledger/{name}")
    return ground.vault.read(key, ground.vault.stat(key).version)


def test_each_published_size_has_its_checkpoint(ground: Ground, publisher: LedgerPublisher) -> None:
    publisher.publish()
    ground.sequencer().append(new_chain(ground.clock, "1"))
    newest = publisher.publish()
    assert sorted(name.split("-")[0] for name in names(ground)) == ["checkpoint/1", "checkpoint/2"]
    heads = [open_checkpoint(read(ground, name), SIGNER.verifier) for name in names(ground)]
    assert newest in heads
    assert {h.size for h in heads} == {1, 2}


def test_publishing_again_changes_nothing(ground: Ground, publisher: LedgerPublisher) -> None:
    publisher.publish()
    before = names(ground)
    publisher.publish()
    assert names(ground) == before


def test_a_full_tile_and_its_bundle_are_stored_and_hold_every_act(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    sequencer = ground.sequencer()
    acts = [sequencer.append(new_chain(ground.clock, str(number))) for number in range(256)]
    publisher.publish()
    assert {"tile/0/000", "tile/entries/000"} <= set(names(ground))
    entries = tiles.parse_entry_bundle(read(ground, "tile/entries/000"))
    assert entries[1:] == [merkle.entry(act.digest()) for act in acts[:255] if act]
    tile = read(ground, "tile/0/000")
    assert len(tile) == 256 * 32
    assert [tile[n * 32 : n * 32 + 32] for n in range(256)] == [
        merkle.leaf_hash(entry) for entry in entries
    ]


def test_a_proof_leads_from_an_act_to_the_signed_root(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    sequencer = ground.sequencer()
    acts = [sequencer.append(new_chain(ground.clock, str(number))) for number in range(10)]
    newest = publisher.publish()
    act = acts[4]
    assert act is not None
    with ground.catalog.read() as session:
        assert head(session, CODE, ORIGIN) == newest
        text = proof_text(session, CODE, act.index, SIGNER.sign(newest), newest.size)
    proof, checkpoint = text.split("\n\n", 1)
    first, index, *path = proof.split("\n")
    assert (first, index) == ("c2sp.org/tlog-proof@v1", f"index {act.index}")
    stated = open_checkpoint(checkpoint.encode(), SIGNER.verifier)
    leaf = merkle.leaf_hash(merkle.entry(Sha256(act.digest())))
    hashes = [base64.b64decode(line) for line in path]
    assert merkle.root_of_inclusion(leaf, act.index, stated.size, hashes) == stated.root


def test_no_head_is_signed_over_a_leaf_that_is_no_signed_act(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    publisher.publish()
    ground.sequencer().append(new_chain(ground.clock, "1"))
    leaf = merkle.leaf_hash(merkle.entry(Sha256("ab" * 32)))
    with ground.catalog.write() as session:
        first = node_reader(session, CODE)(0, 0)
        altered = {(0, 1): leaf, (1, 0): merkle.node_hash(first, leaf)}  # a tree that fits together
        for (level, position), value in altered.items():
            session.query(LedgerNodeRow).filter_by(level=level, position=position).update(
                {"hash": value}
            )
    with pytest.raises(IntegrityError):
        publisher.publish()
    assert [name.split("-")[0] for name in names(ground)] == ["checkpoint/1"]


def test_no_head_is_signed_over_an_act_that_the_vault_does_not_hold(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    publisher.publish()
    act = ground.sequencer().append(new_chain(ground.clock, "1"))
    assert act is not None
    invented = Sha256("ab" * 32)
    leaf = merkle.leaf_hash(merkle.entry(invented))
    with ground.catalog.write() as session:
        first = node_reader(session, CODE)(0, 0)
        session.query(LedgerNodeRow).filter_by(level=0, position=1).update({"hash": leaf})
        session.query(LedgerNodeRow).filter_by(level=1).update(
            {"hash": merkle.node_hash(first, leaf)}
        )
        session.query(ActRow).filter_by(index=1).update({"digest": invented})
    with pytest.raises((IntegrityError, ObjectMissing)):
        publisher.publish()
    assert [name.split("-")[0] for name in names(ground)] == ["checkpoint/1"]


def test_no_head_is_signed_that_leaves_the_last_published_one(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    sequencer = ground.sequencer()
    sequencer.append(new_chain(ground.clock, "1"))
    publisher.publish()
    sequencer.append(new_chain(ground.clock, "2"))
    with ground.catalog.write() as session:
        session.query(LedgerNodeRow).filter_by(level=1, position=0).update({"hash": bytes(32)})
    with pytest.raises(IntegrityError):
        publisher.publish()


def test_a_row_of_the_catalogue_does_not_say_which_head_was_published(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    publisher.publish()
    ground.sequencer().append(new_chain(ground.clock, "1"))
    with ground.catalog.write() as session:
        session.query(LedgerObjectRow).update({"size": 2})
    with pytest.raises(IntegrityError):
        publisher.publish()


def test_no_tile_is_published_that_is_not_of_the_tree(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    sequencer = ground.sequencer()
    for number in range(10):
        sequencer.append(new_chain(ground.clock, str(number)))
    publisher.publish()
    with ground.catalog.write() as session:
        session.query(LedgerNodeRow).filter_by(level=0, position=3).update({"hash": bytes(32)})
    for number in range(10, 256):
        sequencer.append(new_chain(ground.clock, str(number)))
    with pytest.raises(IntegrityError):
        publisher.publish()
    assert not [name for name in names(ground) if name.startswith("tile/")]


def test_a_catalogue_that_was_made_again_continues_the_checkpoint_in_the_vault(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    publisher.publish()
    ground.sequencer().append(new_chain(ground.clock, "1"))
    with ground.catalog.write() as session:
        session.query(LedgerObjectRow).delete()
    assert publisher.publish().size == 2
    assert sorted(name.split("-")[0] for name in names(ground)) == ["checkpoint/1", "checkpoint/2"]


def test_a_catalogue_that_was_made_again_knows_the_tiles_again(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    sequencer = ground.sequencer()
    for number in range(256):
        sequencer.append(new_chain(ground.clock, str(number)))
    publisher.publish()
    before = known(ground)
    with ground.catalog.write() as session:
        session.query(LedgerObjectRow).delete()
    publisher.publish()
    assert known(ground) == before
    with ground.catalog.write() as session:
        session.query(LedgerObjectRow).delete()
        session.query(LedgerNodeRow).filter_by(level=0, position=3).update({"hash": bytes(32)})
    with pytest.raises(IntegrityError):
        publisher.publish()


def test_no_lost_tile_is_put_again_that_is_not_of_the_tree(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    sequencer = ground.sequencer()
    for number in range(256):
        sequencer.append(new_chain(ground.clock, str(number)))
    publisher.publish()
    (tile,) = ground.vault.list(f"{CODE}/ledger/tile/0/")
    assert publisher.restore(tile.key)
    with ground.catalog.write() as session:
        session.query(LedgerNodeRow).filter_by(level=0, position=3).update({"hash": bytes(32)})
    with pytest.raises(IntegrityError):
        publisher.restore(tile.key)


def known(ground: Ground) -> set[str]:
    with ground.catalog.read() as session:
        return {row.object_key for row in session.query(LedgerObjectRow)}


def test_no_proof_is_given_that_does_not_lead_to_the_signed_root(
    ground: Ground, publisher: LedgerPublisher
) -> None:
    sequencer = ground.sequencer()
    for number in range(4):
        sequencer.append(new_chain(ground.clock, str(number)))
    note = SIGNER.sign(publisher.publish())
    with ground.catalog.write() as session:
        session.query(LedgerNodeRow).filter_by(level=0, position=1).update({"hash": bytes(32)})
    with ground.catalog.read() as session:
        with pytest.raises(IntegrityError):
            proof_text(session, CODE, 0, note, 5)
        proof_text(session, CODE, 2, note, 5)  # that node is not on its way
