"""`kho check` finds whatever was done behind Kho's back, in the database or in the vault, and
changes nothing.
"""

import hashlib
import json
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.composition.ledger_key import LEDGER_KEY, checkpoint_signer
from api.home import Home
from api.upkeep.maintenance import checker, rebuild
from archive.acts.envelope import act_key, parse_act
from archive.acts.signature import signed
from archive.base.clock import FixedClock, SystemClock
from archive.base.identifiers import ObjectKey
from archive.catalog.operations import ObservationRow
from archive.catalog.tables import ChartRow
from archive.files.working_folders import WorkingFolders
from archive.ledger.checkpoint import CheckpointSigner
from archive.ledger.keys import ledger_keys
from archive.vault.lock_file import read_record
from retention.health.faults import fault_kinds
from retention.lock_requirements import lock_requirements
from tests.fixtures.home import CLERK, chart, take

Homes = Callable[[], Home]


def faults(home: Home, *, read_data: bool = True) -> list[tuple[str, str]]:
    report = checker(home).check(read_data=read_data)
    return [(fault.kind.code, fault.object) for fault in report.faults]


def codes(home: Home, *, read_data: bool = True) -> set[str]:
    return {code for code, _ in faults(home, read_data=read_data)}


def object_file(home: Home, part: str, nth: int = 0) -> Path:
    files = sorted(f for f in (home.folder / "vault").rglob("*") if f.is_file() and part in str(f))
    return [f for f in files if not f.name.endswith(".lock")][nth]


def overwrite(file: Path, data: bytes) -> None:
    file.chmod(0o644)
    file.write_bytes(data)


def shorten_lock(home: Home, key: str, until: datetime) -> None:
    """Lower a lock behind Kho, with a check that fits."""
    file = home.folder / "vault" / key
    lock = file.with_name(file.name + ".lock")
    record = read_record(ObjectKey(key), lock.read_bytes())
    assert record is not None
    lock.unlink()
    lock.write_bytes(replace(record, lock=replace(record.lock, retain_until=until)).to_bytes())


def test_a_sound_archive_has_no_fault(home: Home) -> None:
    assert faults(home) == []


def test_checking_changes_no_byte(home: Home) -> None:
    def digests() -> dict[str, str]:
        files = (
            f
            for f in home.folder.rglob("*")
            if f.is_file() and f.name not in ("catalog.db-shm", "catalog.db-wal")
        )
        return {str(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}

    before = digests()
    checker(home).check(read_data=True)
    assert digests() == before


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("UPDATE document SET sha256 = replace(sha256, substr(sha256, 1, 1), 'f')", "document"),
        ("UPDATE patient SET name = 'Người Khác'", "patient"),
        (
            "UPDATE chart SET retain_until = '2027-01-01 00:00:00.000000' WHERE state = "
            "'deposited'",
            "chart",
        ),
        ("UPDATE chart SET archive_number = '2026-000099' WHERE state = 'deposited'", "chart"),
        ("DELETE FROM document WHERE position = 1", "document"),
        ("UPDATE ledger_node SET hash = zeroblob(32) WHERE level = 0", "ledger_node"),
        ("UPDATE archive_number SET last = 0", "archive_number"),
        ("UPDATE act SET actor_name = 'Kẻ Khác'", "act"),
    ],
)
def test_an_altered_catalogue_is_found(home: Home, sql: str, row: str) -> None:
    home.catalog.close()
    with sqlite3.connect(home.folder / "catalog.db") as database:
        database.execute(sql)
    database.close()
    reported = faults(home, read_data=False)
    assert any(
        code == "catalogue.altered" and subject.startswith(f"{row} ") for code, subject in reported
    )
    assert not checker(home).check().ok


def test_a_lost_original_is_found(home: Home) -> None:
    object_file(home, "/documents/").unlink()
    assert "object.missing" in codes(home, read_data=False)


def test_a_changed_original_of_the_same_size_is_found_by_reading(home: Home) -> None:
    file = object_file(home, "/documents/")
    data = bytearray(file.read_bytes())
    data[1000] ^= 1
    overwrite(file, bytes(data))
    assert "object.damaged" in codes(home)


def test_a_cut_original_is_found(home: Home) -> None:
    file = object_file(home, "/documents/")
    overwrite(file, file.read_bytes()[:-1])
    assert codes(home) & {"object.damaged", "object.missing"}


def test_a_changed_act_is_found(home: Home) -> None:
    file = object_file(home, "/acts/", 1)
    overwrite(
        file,
        file.read_bytes().replace(b"Hoa", b"Hoe").replace("Hòa".encode(), "Hóa".encode())[:-1]
        + b" ",
    )
    assert "act.damaged" in codes(home, read_data=False)


def test_a_lost_act_in_the_middle_is_found(home: Home) -> None:
    object_file(home, "/acts/", 1).unlink()
    assert ("acts.missing", f"{home.code}/acts/000000000001") in faults(home, read_data=False)
    assert "acts.fork" not in codes(home)


def test_a_removed_or_torn_lock_is_found(home: Home) -> None:
    file = object_file(home, "/documents/")
    lock = file.with_name(file.name + ".lock")
    lock.chmod(0o644)
    lock.write_bytes(lock.read_bytes()[:10])
    assert "object.lock_missing" in codes(home, read_data=False)
    lock.unlink()
    assert "object.lock_missing" in codes(home, read_data=False)


def test_a_shortened_lock_is_found_and_a_repeated_deposit_repairs_it(home: Home) -> None:
    with home.catalog.read() as session:
        deposited = session.query(ChartRow).filter_by(state="deposited").one()
        document = deposited.documents[0]
    shorten_lock(home, document.object_key, datetime(2027, 12, 31, tzinfo=UTC))
    assert "object.lock_short" in codes(home, read_data=False)
    home.open_for_writing().deposits.deposit(deposited.id, CLERK, home.scope)
    assert faults(home) == []


def test_a_forged_checkpoint_is_found(home: Home) -> None:
    file = object_file(home, "/checkpoint/")
    overwrite(file, file.read_bytes().replace(b"99001", b"99002", 1))
    assert "ledger.checkpoint_wrong" in codes(home, read_data=False)


def test_an_object_that_no_act_names_is_foreign_and_no_error(home: Home) -> None:
    key = ObjectKey(f"{home.code}/documents/01a205ab-c8ec-76b8-b498-5c2d72a56be7/{'0' * 64}.pdf")
    until = home.clock.now() + timedelta(days=90)
    home.vault.put(key, b"%PDF-", retain_until=until, media_type="application/pdf")
    assert faults(home) == [("object.foreign", key)]
    assert checker(home).check().ok


@pytest.fixture
def behind(home: Home, fresh_home: Homes) -> Iterator[Home]:
    """The home with three more acts (4, 5 and 6) in the vault than in the catalogue: as after a
    restored backup.
    """
    home.catalog.close()
    backup = {f.name: f.read_bytes() for f in home.folder.glob("catalog.db*")}
    take(home, chart(3), chart(4), chart(5))
    home.close()
    for file in home.folder.glob("catalog.db*"):
        file.unlink()
    for name, data in backup.items():
        (home.folder / name).write_bytes(data)
    with Home.open(home.folder) as restored:
        yield restored


def test_acts_that_the_catalogue_has_not_seen_are_reported(behind: Home) -> None:
    assert "catalogue.behind" in codes(behind)
    assert checker(behind).check().ok
    behind.sequencer.catch_up()
    assert "catalogue.behind" not in codes(behind)


def test_a_gap_among_acts_that_the_catalogue_has_not_seen_is_an_error(behind: Home) -> None:
    object_file(behind, "/acts/", 5).unlink()
    assert ("acts.missing", f"{behind.code}/acts/000000000005") in faults(behind)
    assert "catalogue.behind" not in codes(behind)
    assert not checker(behind).check().ok


def test_a_gap_right_after_the_acts_of_the_catalogue_is_an_error(behind: Home) -> None:
    object_file(behind, "/acts/", 4).unlink()
    assert ("acts.missing", f"{behind.code}/acts/000000000004") in faults(behind)
    assert "catalogue.behind" not in codes(behind)


def test_a_later_act_of_another_history_is_a_fork(behind: Home) -> None:
    key, other = signed_elsewhere(behind, 6)
    behind.vault.put(
        key,
        other,
        retain_until=behind.clock.now() + timedelta(days=90),
        media_type="application/json",
    )
    assert "acts.fork" in codes(behind)
    assert not checker(behind).check().ok


def test_a_later_act_that_is_not_signed_by_the_ledger_key_is_damaged(behind: Home) -> None:
    key, other = signed_elsewhere(
        behind, 7, CheckpointSigner("kho/fremd", Ed25519PrivateKey.generate())
    )
    behind.vault.put(
        key,
        other,
        retain_until=behind.clock.now() + timedelta(days=90),
        media_type="application/json",
    )
    assert ("act.damaged", key) in faults(behind)


def test_a_checkpoint_of_more_acts_than_the_vault_holds_is_an_error(behind: Home) -> None:
    for nth in (6, 5, 4):
        object_file(behind, "/acts/", nth).unlink()
    subjects = [subject for code, subject in faults(behind) if code == "acts.missing"]
    assert [subject.split("/")[-1].split("-")[0] for subject in subjects] == ["5", "6", "7"]
    assert not checker(behind).check().ok


def signed_elsewhere(
    home: Home, index: int, signer: CheckpointSigner | None = None
) -> tuple[ObjectKey, bytes]:
    """Return an act that could stand at `index` but for its history or its signature."""
    file = object_file(home, "/acts/", index - 1)
    before = parse_act(file.read_bytes(), file.relative_to(home.folder / "vault").as_posix())
    members = before.model_dump(mode="json", by_alias=True)
    members |= {"index": index, "previous": before.digest(), "salt": "0" * 32}
    with home.catalog.read() as session:  # asking the home for its signer would catch it up
        keys = ledger_keys(session, home.code)
    act = signed(members, signer or checkpoint_signer(home.folder / LEDGER_KEY, keys, ""))
    return act_key(act), act.to_bytes()


def test_a_scratch_catalogue_left_by_a_kill_is_swept_but_no_living_one(home: Home) -> None:
    checker(home).check()
    left = home.folder / "scratch" / "check-left"
    left.mkdir()
    (left / "catalog.db").write_bytes(b"x")
    with WorkingFolders(home.folder / "scratch").job() as living:
        checker(home).check()
        assert list((home.folder / "scratch").iterdir()) == [living]
    assert stat.S_IMODE((home.folder / "scratch").stat().st_mode) == 0o700
    assert list((home.folder / "scratch").iterdir()) == []


def test_locks_that_end_soon_are_reported_and_renewed_by_the_next_writer(home: Home) -> None:
    home.close()
    later = FixedClock(SystemClock().now() + timedelta(days=70))
    with Home(home.settings, later) as then:
        assert "object.lock_ending" in codes(then, read_data=False)
        assert then.follow_ups.locks.renew() > 0
        assert "object.lock_ending" not in codes(then, read_data=False)


def test_a_rolling_lock_that_was_lowered_is_seen_and_renewed_within_a_month(home: Home) -> None:
    with home.catalog.read() as session:
        document = session.query(ChartRow).filter_by(state="open").one().documents[0]
    start = SystemClock().now()
    shorten_lock(home, document.object_key, (start + timedelta(days=2)).replace(microsecond=0))
    assert "object.lock_ending" in codes(home, read_data=False)
    assert home.follow_ups.locks.renew() == 0  # it was seen a moment ago
    home.close()
    with Home(home.settings, FixedClock(start + timedelta(days=31))) as then:
        assert then.follow_ups.locks.renew() == 1
        stored = then.vault.stat(ObjectKey(document.object_key))
        assert stored.lock is not None
        assert stored.lock.retain_until > start + timedelta(days=120)


def test_a_catalogue_rebuilt_sees_every_lock_before_it_could_forget_one(home: Home) -> None:
    rebuild(home)
    with home.catalog.write() as session:
        session.query(ObservationRow).delete()
    rebuild(home)
    home.follow_ups.run()
    with home.catalog.read() as session:
        seen = {row.object_key for row in session.query(ObservationRow)}
        assert {d.object_key for d in lock_requirements(session, home.code) if d.sha256} <= seen


def test_a_restored_catalogue_hides_nothing_that_was_acknowledged(home: Home) -> None:
    home.close()
    backup = {f.name: f.read_bytes() for f in home.folder.glob("catalog.db*")}
    with Home.open(home.folder) as later:
        (result,) = take(later, chart(3))
    for file in home.folder.glob("catalog.db*"):
        file.unlink()
    for name, data in backup.items():
        (home.folder / name).write_bytes(data)
    with Home.open(home.folder) as restored:
        document, data = restored.open_for_reading().originals.original(
            result.receipts[0].document_id, CLERK, restored.scope
        )
        assert document.sha256 == hashlib.sha256(data).hexdigest()


def test_every_kind_of_fault_says_what_to_do() -> None:
    for kind in fault_kinds().values():
        assert kind.severity in ("error", "notice")
        assert all((kind.what.vi, kind.what.en, kind.remedy.vi, kind.remedy.en))


def test_a_report_is_json(home: Home) -> None:
    text = json.dumps(checker(home).check().as_json())
    assert set(json.loads(text)) == {"ok", "checked", "faults"}
