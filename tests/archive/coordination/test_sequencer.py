"""Every act has one place: no gap, no double, no fork, whatever the vault does or says."""

import threading
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from archive.acts.act_log_reader import ActsMissing, Fork
from archive.acts.envelope import Act, ActActor, act_key, act_prefix, parse_act
from archive.acts.signature import Forged, signed
from archive.base.clock import iso
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey
from archive.catalog import projection
from archive.catalog.operations import OutboxRow, PendingActRow
from archive.catalog.tables import ActRow, FacilityRow, LedgerNodeRow, SealChainRow, StoredObjectRow
from archive.ledger.checkpoint import CheckpointSigner
from archive.vault.contract import OutcomeUnknown, Stored, Vault, VaultError
from archive.vault.policy import fixed_until
from tests.archive.conftest import CODE, ORIGIN, SIGNER, Ground, act_zero, drafted, new_chain


def dump(ground: Ground) -> list[bytes]:
    with ground.catalog.read() as session:
        return list(projection.lines(session))


def chains(ground: Ground) -> list[str]:
    with ground.catalog.read() as session:
        return list(session.scalars(select(SealChainRow.pem).order_by(SealChainRow.act_index)))


class FailingVault:
    """A store that fails one PUT: it may have written all the same, and may say so or not."""

    def __init__(self, inner: Vault, error: type[VaultError], *, writes: bool) -> None:
        self._inner, self._error, self._writes, self.failed = inner, error, writes, 0

    def put(
        self, key: ObjectKey, data: bytes, *, retain_until: datetime, media_type: str
    ) -> Stored:
        if not self.failed:
            self.failed += 1
            if self._writes:
                self._inner.put(key, data, retain_until=retain_until, media_type=media_type)
            raise self._error(why="test")
        return self._inner.put(key, data, retain_until=retain_until, media_type=media_type)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_acts_are_numbered_and_chained(ground: Ground) -> None:
    sequencer = ground.sequencer()
    first = sequencer.append(act_zero(ground.clock))
    second = sequencer.append(new_chain(ground.clock, "chain 1"))
    assert first is not None
    assert second is not None
    assert (first.index, first.previous) == (0, None)
    assert (second.index, second.previous) == (1, first.digest())
    assert first.salt != second.salt


def test_the_vault_holds_the_act_before_the_catalogue_does(ground: Ground) -> None:
    act = ground.sequencer().append(act_zero(ground.clock))
    assert act is not None
    (stored,) = ground.vault.list(act_prefix(CODE, 0))
    assert parse_act(ground.vault.read(stored.key, stored.version), stored.key) == act


def test_a_draft_that_finds_nothing_to_do_leaves_no_act(ground: Ground) -> None:
    assert ground.sequencer().append(lambda _: None) is None
    assert list(ground.vault.list("")) == []


def test_what_a_draft_raises_leaves_nothing(ground: Ground) -> None:
    def refuse(_: object) -> None:
        raise IntegrityError(object="test")

    with pytest.raises(IntegrityError):
        ground.sequencer().append(refuse)
    assert list(ground.vault.list("")) == []
    assert dump(ground) == []


def test_a_catalogue_rebuilt_says_the_same(ground: Ground) -> None:
    sequencer = ground.sequencer()
    sequencer.append(act_zero(ground.clock))
    for number in range(5):
        sequencer.append(new_chain(ground.clock, f"chain {number + 1}"))
    again = ground.another("again")
    assert again.sequencer().catch_up() == 6
    assert dump(again) == dump(ground)
    again.catalog.close()


def test_an_act_that_was_put_but_not_applied_is_applied_by_a_caller_that_comes_next(
    ground: Ground,
) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    other = ground.another("other")
    other.sequencer().append(new_chain(ground.clock, "by another"))
    ground.sequencer().append(new_chain(ground.clock, "by us"))
    assert chains(ground) == ["chain 0", "by another", "by us"]
    other.catalog.close()


@pytest.mark.parametrize("writes", [False, True], ids=["lost", "reported lost but persisted"])
def test_after_an_unanswered_put_the_same_act_is_finished_first(
    ground: Ground, writes: bool
) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    failing = FailingVault(ground.vault, OutcomeUnknown, writes=writes)
    with pytest.raises(OutcomeUnknown):
        ground.sequencer(failing).append(new_chain(ground.clock, "unanswered"))  # type: ignore[arg-type]
    ground.sequencer().append(new_chain(ground.clock, "next"))
    assert chains(ground) == ["chain 0", "unanswered", "next"]
    assert len(list(ground.vault.list(f"{CODE}/acts/"))) == 3


def test_a_pending_act_survives_a_refusal_after_an_unanswered_try(
    ground: Ground,
) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    with pytest.raises(OutcomeUnknown):
        ground.sequencer(FailingVault(ground.vault, OutcomeUnknown, writes=False)).append(  # type: ignore[arg-type]
            new_chain(ground.clock, "unanswered")
        )
    with pytest.raises(VaultError):
        ground.sequencer(FailingVault(ground.vault, VaultError, writes=False)).catch_up()  # type: ignore[arg-type]
    ground.clock.moment += timedelta(days=200)
    ground.sequencer().append(new_chain(ground.clock, "next"))
    assert chains(ground) == ["chain 0", "unanswered", "next"]


def test_after_a_refused_put_nothing_has_happened(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    before = dump(ground)
    failing = FailingVault(ground.vault, VaultError, writes=False)
    with pytest.raises(VaultError):
        ground.sequencer(failing).append(new_chain(ground.clock, "refused"))  # type: ignore[arg-type]
    assert dump(ground) == before
    with ground.catalog.read() as session:
        assert session.query(PendingActRow).count() == 0
    ground.sequencer().append(new_chain(ground.clock, "next"))
    assert chains(ground) == ["chain 0", "next"]


def resigned(act: Act, **changes: object) -> Act:
    """Return another act that the ledger's key signed: what only a second home with the same key
    could write.
    """
    return signed({**act.model_dump(mode="json", by_alias=True), **changes}, SIGNER)


def plant(ground: Ground, act: Act) -> None:
    until = ground.clock.now().replace(year=2027)
    ground.vault.put(
        act_key(act), act.to_bytes(), retain_until=until, media_type="application/json"
    )


def test_two_histories_are_a_fork_and_nothing_is_written(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    other = ground.another("other")
    other.sequencer().catch_up()
    act = other.sequencer().append(new_chain(ground.clock, "one history"))
    assert act is not None
    plant(ground, resigned(act, facts={"pem": "another history"}))
    with pytest.raises(Fork):
        ground.sequencer().append(new_chain(ground.clock, "ours"))
    assert chains(ground) == ["chain 0"]
    other.catalog.close()


def test_an_act_of_another_chain_is_a_fork(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    act = ground.sequencer().append(new_chain(ground.clock, "one"))
    assert act is not None
    plant(ground, resigned(act, index=2, previous="0" * 64))
    with pytest.raises(Fork):
        ground.sequencer().catch_up()


def test_an_act_that_the_ledgers_key_did_not_sign_is_never_applied(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    act = ground.sequencer().append(new_chain(ground.clock, "true"))
    assert act is not None
    stranger = CheckpointSigner(ORIGIN, Ed25519PrivateKey.generate())
    members = act.model_dump(mode="json", by_alias=True)
    plant(ground, signed({**members, "index": 2, "previous": act.digest()}, stranger))
    with pytest.raises(Forged):
        ground.sequencer().append(new_chain(ground.clock, "next"))
    assert chains(ground) == ["chain 0", "true"]


def test_a_forged_act_beside_the_true_act_is_passed_over(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    other = ground.another("other")
    other.sequencer().catch_up()
    act = other.sequencer().append(new_chain(ground.clock, "true"))
    assert act is not None
    stranger = CheckpointSigner(ORIGIN, Ed25519PrivateKey.generate())
    plant(
        ground,
        signed(
            {**act.model_dump(mode="json", by_alias=True), "facts": {"pem": "forged"}}, stranger
        ),
    )
    assert ground.sequencer().catch_up() == 1
    assert chains(ground) == ["chain 0", "true"]
    other.catalog.close()


def test_what_cannot_be_applied_never_reaches_the_vault(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    with pytest.raises(IntegrityError):
        ground.sequencer().append(
            drafted(ground.clock, "kho/act/deposit/1", {"archive_number": "2026-000001"})
        )
    assert len(list(ground.vault.list(f"{CODE}/acts/"))) == 1
    ground.sequencer().append(new_chain(ground.clock, "next"))
    assert chains(ground) == ["chain 0", "next"]


def remove(ground: Ground, index: int) -> None:
    """Take an act out of the folder, as the owner of the disk can."""
    (stored,) = ground.vault.list(act_prefix(CODE, index))
    (ground.folder.parent / "vault" / stored.key).unlink()


@pytest.fixture
def five(ground: Ground) -> Ground:
    """A ground of five acts."""
    ground.sequencer().append(act_zero(ground.clock))
    for number in range(1, 5):
        ground.sequencer().append(new_chain(ground.clock, str(number)))
    return ground


def test_nothing_is_rebuilt_over_a_gap_and_the_old_catalogue_stays(five: Ground) -> None:
    before = dump(five)
    remove(five, 2)
    with pytest.raises(ActsMissing):
        five.sequencer().rebuild()
    assert dump(five) == before


def test_nothing_is_caught_up_over_a_gap(five: Ground) -> None:
    remove(five, 2)
    again = five.another("again")
    with pytest.raises(ActsMissing):
        again.sequencer().catch_up()
    again.catalog.close()


def test_nothing_is_written_after_an_act_that_the_vault_has_lost(five: Ground) -> None:
    remove(five, 4)
    with pytest.raises(ActsMissing):
        five.sequencer().append(new_chain(five.clock, "after"))
    assert len(list(five.vault.list(f"{CODE}/acts/"))) == 4


def test_acts_that_a_checkpoint_states_may_not_be_missing(five: Ground) -> None:
    five.publisher().publish()
    remove(five, 4)
    with pytest.raises(ActsMissing):
        five.sequencer().rebuild()


def test_a_restored_catalogue_with_an_old_pending_act_goes_on(five: Ground) -> None:
    failing = FailingVault(five.vault, OutcomeUnknown, writes=True)
    with pytest.raises(OutcomeUnknown):
        five.sequencer(failing).append(new_chain(five.clock, "pending"))  # type: ignore[arg-type]
    other = five.another("other")
    other.sequencer().append(new_chain(five.clock, "later"))
    five.sequencer().append(new_chain(five.clock, "last"))
    assert chains(five)[-3:] == ["pending", "later", "last"]
    other.catalog.close()


def test_a_rebuild_says_the_same_as_before(five: Ground) -> None:
    before = dump(five)
    five.sequencer().rebuild()
    assert dump(five) == before


def test_eight_writers_leave_no_gap_and_no_double(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))

    def write(writer: int) -> None:
        for number in range(5):
            ground.sequencer().append(new_chain(ground.clock, f"{writer}.{number}"))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ground.catalog.read() as session:
        indexes = list(session.scalars(select(ActRow.index).order_by(ActRow.index)))
    assert indexes == list(range(41))
    assert sorted(chains(ground)) == sorted(
        ["chain 0", *(f"{w}.{n}" for w in range(8) for n in range(5))]
    )
    keys = [stored.key for stored in ground.vault.list(f"{CODE}/acts/")]
    assert len(keys) == 41


def test_every_act_leaves_work_for_the_ledger_and_the_locks(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    with ground.catalog.read() as session:
        assert list(session.scalars(select(OutboxRow.topic))) == ["ledger", "locks"]


def test_a_pending_act_that_the_ledger_did_not_sign_is_not_put(five: Ground) -> None:
    """A store takes no locked object back, so what somebody wrote into the catalogue never reaches
    it.
    """
    other = CheckpointSigner(ORIGIN, Ed25519PrivateKey.generate())
    with five.catalog.read() as session:
        last = session.get_one(ActRow, (CODE, 4))
    members = {
        "schema": "kho/act/seal-chain/1",
        "facility": CODE,
        "index": 5,
        "previous": last.digest,
        "time": iso(five.clock.now()),
        "actor": ActActor(name="Giả", role="clerk"),
        "chart": None,
        "facts": {"pem": "forged"},
        "objects": (),
        "salt": "0" * 32,
        "software": "kho 0",
    }
    act = signed(members, other)
    with five.catalog.write() as session:
        session.add(
            PendingActRow(
                facility=CODE,
                index=5,
                object_key=act_key(act),
                body=act.to_bytes(),
                retain_until=five.clock.now() + timedelta(days=300_000),
            )
        )
        # the catalogue vouches for it, too
        session.query(FacilityRow).update({"ledger_key": str(other.verifier)})
    with pytest.raises(IntegrityError):
        five.sequencer().catch_up()
    assert list(five.vault.list(act_prefix(CODE, 5))) == []


def test_a_pending_act_is_locked_no_longer_than_it_must(five: Ground) -> None:
    """The date in the catalogue may be altered, and a lock is never taken back."""
    failing = FailingVault(five.vault, OutcomeUnknown, writes=False)
    with pytest.raises(OutcomeUnknown):
        five.sequencer(failing).append(new_chain(five.clock, "pending"))  # type: ignore[arg-type]
    with five.catalog.write() as session:
        session.query(PendingActRow).update(
            {"retain_until": five.clock.now() + timedelta(days=300_000)}
        )
    assert five.sequencer().catch_up() == 1
    (stored,) = five.vault.list(act_prefix(CODE, 5))
    lock = five.vault.stat(stored.key, stored.version).lock
    assert lock is not None
    assert lock.retain_until <= fixed_until(five.clock.now())


@pytest.mark.parametrize("column", ["digest", "index"])
def test_nothing_is_written_after_an_act_that_the_catalogue_names_otherwise(
    five: Ground, column: str
) -> None:
    with five.catalog.write() as session:
        value = {"digest": "ab" * 32, "index": 7}[column]
        session.query(ActRow).filter_by(index=4).update({column: value})
    with pytest.raises(IntegrityError):
        five.sequencer().append(new_chain(five.clock, "after"))
    assert len(list(five.vault.list(f"{CODE}/acts/"))) == 5


def test_an_act_that_was_taken_from_the_catalogue_gets_no_second_one_in_its_place(
    five: Ground,
) -> None:
    sequencer = five.sequencer()
    sequencer.append(new_chain(five.clock, "5"))
    with five.catalog.write() as session:
        session.query(SealChainRow).filter_by(act_index=5).delete()
        session.query(LedgerNodeRow).filter_by(level=0, position=5).delete()
        session.query(LedgerNodeRow).filter_by(level=1, position=2).delete()
        session.query(StoredObjectRow).filter_by(act_index=5).delete()
        session.query(ActRow).filter_by(index=5).delete()
    act = sequencer.append(new_chain(five.clock, "6"))
    assert act is not None
    assert act.index == 6
    assert len(list(five.vault.list(act_prefix(CODE, 5)))) == 1
