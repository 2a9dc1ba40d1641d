"""`kho check --repair` repairs what it may, says what it left and why, and after it a check finds
nothing more of it.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.home import Home
from api.upkeep.maintenance import repairer
from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import IntegrityError
from archive.base.identifiers import DocumentId, ObjectKey, Sha256, SubmissionId, new_id
from archive.catalog.operations import IntentRow, LedgerObjectRow, OutboxRow
from archive.catalog.records import chart_lease
from archive.catalog.tables import ChartRow, DocumentRow
from archive.ledger import tiles
from archive.ledger.store import entry_bundle
from archive.vault.contract import LockRefused
from archive.vault.folder import RELOCK_POINTS
from ingest.spool import Spool
from retention.health.check import CheckReport
from retention.health.faults import Repair, fault_kinds
from retention.health.repair import RepairOutcome
from tests.fixtures.home import CLERK, chart, json_lines, kho, paper, take
from tests.retention.test_check import Homes, faults, object_file, overwrite, shorten_lock

SIGKILLED = -9
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def template(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two charts, one deposited. Do not change it."""
    folder = Path(shutil.copytree(home_template, tmp_path_factory.mktemp("mended") / "home"))
    with Home.open(folder) as home:
        results = take(home, chart(1, papers=[paper("1"), paper("2")]), chart(2))
        home.open_for_writing().deposits.deposit(results[0].receipts[0].chart_id, CLERK, home.scope)
        home.follow_ups.run()
    return folder


@pytest.fixture
def homes(template: Path, tmp_path: Path) -> Homes:
    """Open a copy of it; the test closes it."""
    return lambda: Home.open(Path(shutil.copytree(template, tmp_path / "home")))


@pytest.fixture
def home(homes: Homes) -> Iterator[Home]:
    """That home, open."""
    with homes() as opened:
        yield opened


def repair(
    home: Home, *, read_data: bool = True
) -> tuple[dict[tuple[str, str], RepairOutcome], CheckReport]:
    """Repair; return what became of each fault, and the last report."""
    *repairs, report = repairer(home).run(read_data=read_data)
    assert isinstance(report, CheckReport)
    outcomes = {
        (outcome.fault.kind.code, outcome.fault.object): outcome
        for outcome in repairs
        if isinstance(outcome, RepairOutcome)
    }
    assert len(outcomes) == len(repairs)
    return outcomes, report


def repaired(home: Home, *, read_data: bool = True) -> set[str]:
    """Repair; return the codes of what was repaired. Nothing of it may be found again."""
    outcomes, report = repair(home, read_data=read_data)
    assert all(outcome.left is None for outcome in outcomes.values()), [
        outcome.as_json() for outcome in outcomes.values()
    ]
    assert report.faults == []
    assert repair(home, read_data=read_data) == ({}, report)
    return {code for code, _ in outcomes}


def lock_of(home: Home, key: str) -> datetime:
    lock = home.vault.stat(ObjectKey(key)).lock
    assert lock is not None
    return lock.retain_until


def lock_file(home: Home, key: str) -> Path:
    file = home.folder / "vault" / key
    return file.with_name(file.name + ".lock")


def documents(home: Home, state: str) -> list[DocumentRow]:
    with home.catalog.read() as session:
        return list(session.query(ChartRow).filter_by(state=state).one().documents)


def abandoned(home: Home, *, lease: str | None = None, claimed_at: datetime = LONG_AGO) -> str:
    """Leave an intent and a sealed paper of a submission that was interrupted."""
    submission = new_id()
    with home.catalog.write() as session:
        session.add(
            IntentRow(
                submission_id=submission,
                facility=home.code,
                fingerprint=submission,
                chart_id=new_id(),
                documents={},
                claimed_at=claimed_at,
                lease=lease,
            )
        )
    spooled(home, submission)
    return submission


def spooled(home: Home, submission: str, *, at: datetime = LONG_AGO) -> Path:
    spool = Spool(home.folder / "spool")
    spool.keep(SubmissionId(submission), DocumentId(new_id()), b"%PDF-", "PAdES-B-LTA", at)
    folder = home.folder / "spool" / submission
    os.utime(folder, (at.timestamp(), at.timestamp()))
    return folder


def test_a_sound_archive_is_left_as_it_is(home: Home) -> None:
    assert repaired(home) == set()


@pytest.mark.parametrize("state", ["open", "deposited"])
@pytest.mark.parametrize("how", ["removed", "torn"])
def test_a_missing_or_torn_lock_is_made_again_from_what_the_acts_demand(
    home: Home, state: str, how: str
) -> None:
    document = documents(home, state)[0]
    before = lock_of(home, document.object_key)
    lock = lock_file(home, document.object_key)
    data = lock.read_bytes()
    lock.unlink()
    if how == "torn":
        lock.write_bytes(data[:17])
    assert repaired(home, read_data=False) == {"object.lock_missing"}
    assert lock_of(home, document.object_key) >= before
    if state == "deposited":
        assert lock.read_bytes() == data


def test_every_object_that_lost_its_lock_gets_one_again(home: Home) -> None:
    vault = home.folder / "vault"
    locks = {
        lock: json.loads(lock.read_bytes())
        for lock in vault.rglob("*.lock")
        if "canary" not in str(lock)
    }
    for lock in locks:
        lock.unlink()
    assert repaired(home) == {"object.lock_missing"}
    for lock, before in locks.items():
        after = json.loads(lock.read_bytes())
        assert after["retain_until"] >= before["retain_until"]
        assert {**after, "retain_until": 0, "check": 0} == {**before, "retain_until": 0, "check": 0}


def test_an_object_whose_bytes_are_not_what_the_acts_say_is_not_locked_again(home: Home) -> None:
    document = documents(home, "deposited")[0]
    file = home.folder / "vault" / document.object_key
    overwrite(file, b"x" * file.stat().st_size)
    lock_file(home, document.object_key).unlink()
    outcomes, report = repair(home)
    assert outcomes == {}  # it is another version: the one that the acts name is missing
    assert ("object.missing", document.object_key) in [
        (f.kind.code, f.object) for f in report.faults
    ]
    assert not lock_file(home, document.object_key).exists()
    stored = home.vault.stat(ObjectKey(document.object_key))
    with pytest.raises(IntegrityError):
        home.vault.relock(
            stored.key,
            stored.version,
            Sha256(document.sha256),
            retain_until=SystemClock().now() + timedelta(days=1),
            media_type="application/pdf",
        )


def test_a_lock_that_can_be_read_is_never_set_again(home: Home) -> None:
    document = documents(home, "deposited")[0]
    with pytest.raises(LockRefused):
        home.vault.relock(
            ObjectKey(document.object_key),
            document.object_version,
            Sha256(document.sha256),
            retain_until=SystemClock().now() + timedelta(days=1),
            media_type="application/pdf",
        )
    assert lock_of(home, document.object_key).year == 2036


def test_a_shortened_lock_is_extended_to_the_statutory_date(home: Home) -> None:
    key = documents(home, "deposited")[0].object_key
    shorten_lock(home, key, datetime(2027, 12, 31, tzinfo=UTC))
    assert repaired(home, read_data=False) == {"object.lock_short"}
    assert lock_of(home, key).year == 2036


def test_a_rolling_lock_that_ends_soon_is_renewed_at_once(home: Home) -> None:
    key = documents(home, "open")[0].object_key
    soon = (SystemClock().now() + timedelta(days=2)).replace(microsecond=0)
    shorten_lock(home, key, soon)
    assert repaired(home, read_data=False) == {"object.lock_ending"}
    assert lock_of(home, key) > soon + timedelta(days=80)


def test_a_lost_checkpoint_is_signed_again_to_the_same_bytes(home: Home) -> None:
    with home.catalog.read() as session:
        newest = session.query(LedgerObjectRow).order_by(LedgerObjectRow.size.desc()).first()
    assert newest is not None
    file = home.folder / "vault" / newest.object_key
    before = file.read_bytes()
    file.unlink()
    lock_file(home, newest.object_key).unlink()
    assert repaired(home) == {"ledger.object_missing", "ledger.unpublished"}
    assert file.read_bytes() == before


def test_a_checkpoint_that_this_home_never_put_is_put(home: Home) -> None:
    with home.catalog.write() as session:
        for row in session.query(LedgerObjectRow):
            session.delete(row)
    shutil.rmtree(home.folder / "vault" / home.code / "ledger")
    assert repaired(home) == {"ledger.unpublished"}


def test_a_lost_tile_and_its_bundle_are_made_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "WIDTH", 2)  # a full tile of 256 acts would take a minute
    monkeypatch.setattr(tiles, "HEIGHT", 1)
    monkeypatch.setattr(tiles.tile, "__defaults__", (2,))
    monkeypatch.setattr(entry_bundle, "__defaults__", (2,))
    with home.catalog.write() as session:
        for row in session.query(LedgerObjectRow):
            session.delete(row)
    home.follow_ups.publisher().publish()
    tile = home.folder / "vault" / home.code / "ledger" / "tile"
    before = {
        file: file.read_bytes()
        for file in tile.rglob("*")
        if file.is_file() and file.suffix != ".lock"
    }
    assert len(before) >= 3
    shutil.rmtree(tile)
    assert repaired(home) == {"ledger.object_missing"}
    assert {file: file.read_bytes() for file in before} == before


def test_without_the_ledgers_key_nothing_is_signed_and_an_error_says_so(home: Home) -> None:
    shutil.rmtree(home.folder / "vault" / home.code / "ledger" / "checkpoint")
    (home.folder / "keys" / "ledger.pem").unlink()
    outcomes, report = repair(home)
    assert outcomes
    assert {outcome.left is not None for outcome in outcomes.values()} == {True}
    assert not report.ok


def test_an_abandoned_intent_and_its_spool_are_dropped(home: Home) -> None:
    submission = abandoned(home, lease=chart_lease(home.code, "LK000009"))
    assert repaired(home) == {"intent.abandoned"}
    assert not (home.folder / "spool" / submission).exists()


def test_a_fresh_intent_is_left_for_its_source_to_be_sent_again(home: Home) -> None:
    submission = abandoned(home, claimed_at=SystemClock().now() - timedelta(hours=1))
    outcomes, report = repair(home)
    assert outcomes["intent.abandoned", submission].left is not None
    assert [fault.kind.code for fault in report.faults] == ["intent.abandoned"]
    assert (home.folder / "spool" / submission).exists()


def test_an_intent_on_which_a_process_is_at_work_is_left(home: Home) -> None:
    lease = chart_lease(home.code, "LK000009")
    submission = abandoned(home, lease=lease)
    with Home.open(home.folder) as other, other.leases.hold(lease):
        outcomes, _ = repair(home)
    assert outcomes["intent.abandoned", submission].left is not None
    assert (home.folder / "spool" / submission).exists()


def test_an_intent_whose_act_was_pending_is_finished_not_dropped(
    home: Home, tmp_path: Path
) -> None:
    home.close()
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(chart(7)))
    assert (
        kho(home.folder, "ingest", file, env={"KHO_CRASH_AT": "act.pending"}).returncode
        == SIGKILLED
    )
    with Home(home.settings, FixedClock(SystemClock().now() + timedelta(days=2))) as later:
        _, report = repair(later)
        assert report.faults == []
        with later.catalog.read() as session:
            assert session.query(ChartRow).filter_by(episode="LK000007").one().documents


def test_sealed_papers_that_are_not_asked_for_are_dropped_once_they_are_old(home: Home) -> None:
    old, young = spooled(home, new_id()), spooled(home, new_id(), at=SystemClock().now())
    assert repaired(home) == {"spool.abandoned"}
    assert not old.exists()
    assert young.exists()


def test_sealed_papers_of_what_is_archived_are_dropped_at_once(home: Home) -> None:
    with home.catalog.read() as session:
        submission = session.query(DocumentRow).first()
    assert submission is not None
    folder = spooled(home, submission.submission_id, at=SystemClock().now())
    assert repaired(home) == {"spool.abandoned"}
    assert not folder.exists()


def test_what_waits_in_the_outbox_is_done(home: Home) -> None:
    with home.catalog.write() as session:
        for topic in ("locks", "index", "ledger"):
            session.add(
                OutboxRow(
                    facility=home.code, topic=topic, subject=documents(home, "open")[0].chart_id
                )
            )
    assert repaired(home) == {"outbox.waiting", "index.behind"}


def test_an_index_that_lacks_a_document_is_fed_again(home: Home) -> None:
    home.follow_ups.indexing.index.remove([DocumentId(documents(home, "open")[0].id)])
    home.follow_ups.indexing.index.release_writer()
    assert [code for code, _ in faults(home)] == ["index.differs"]
    assert repaired(home) == {"index.differs"}
    assert home.follow_ups.indexing.index.count() == 3


def test_acts_that_the_catalogue_has_not_seen_are_applied_and_what_they_bring_is_repaired_too(
    homes: Homes,
) -> None:
    with homes() as home:
        home.catalog.close()
        backup = {f.name: f.read_bytes() for f in home.folder.glob("catalog.db*")}
        (result,) = take(home, chart(3))
    for file in home.folder.glob("catalog.db*"):
        file.unlink()
    for name, data in backup.items():
        (home.folder / name).write_bytes(data)
    with Home.open(home.folder) as restored:
        assert {code for code, _ in faults(restored)} == {"catalogue.behind", "index.differs"}
        lock_file(restored, result.receipts[0].object_key).unlink()
        *repairs, report = repairer(restored).run()
        codes = {
            outcome.fault.kind.code for outcome in repairs if isinstance(outcome, RepairOutcome)
        }
        assert {"catalogue.behind", "object.lock_missing"} <= codes
        assert isinstance(report, CheckReport)
        assert report.faults == []


def test_orphans_are_reported_and_left(home: Home) -> None:
    key = ObjectKey(f"{home.code}/documents/{new_id()}/{'0' * 64}.pdf")
    until = home.clock.now() + timedelta(days=90)
    home.vault.put(key, b"%PDF-", retain_until=until, media_type="application/pdf")
    outcomes, report = repair(home)
    assert outcomes == {}
    assert [(fault.kind.code, fault.object) for fault in report.faults] == [("object.foreign", key)]
    assert home.vault.stat(key).size == 5


def damage_an_act(home: Home) -> None:
    file = object_file(home, "/acts/", 1)
    overwrite(file, file.read_bytes()[:-1] + b" ")


def lose_an_act(home: Home) -> None:
    object_file(home, "/acts/", 1).unlink()


def alter_the_catalogue(home: Home) -> None:
    home.catalog.close()
    with sqlite3.connect(home.folder / "catalog.db") as database:
        database.execute(
            "UPDATE chart SET retain_until = '2099-01-01 00:00:00.000000' WHERE state = 'deposited'"
        )
    database.close()


@pytest.mark.parametrize("break_it", [damage_an_act, lose_an_act, alter_the_catalogue])
def test_where_acts_or_catalogue_cannot_be_believed_nothing_is_repaired(
    home: Home, break_it: Callable[[Home], None]
) -> None:
    key = documents(home, "deposited")[0].object_key
    break_it(home)
    lock_file(home, key).unlink()
    outcomes, report = repair(home)
    assert outcomes == {}
    assert not report.ok
    assert not lock_file(home, key).exists()


def test_the_command_gives_a_line_for_each_repair_and_then_the_report(homes: Homes) -> None:
    with homes() as home:
        key = documents(home, "deposited")[0].object_key
    lock_file(home, key).unlink()
    assert kho(home.folder, "check", "--json").returncode == 8
    done = kho(home.folder, "check", "--repair", "--json")
    assert done.returncode == 0
    outcome, report = json_lines(done.stdout)
    assert outcome == {"repair": "object.lock_missing", "object": key, "mended": True, "left": None}
    assert report["ok"] is True
    (again,) = json_lines(kho(home.folder, "check", "--repair", "--json").stdout)
    assert again == report


@pytest.mark.parametrize(
    "point",
    [
        *RELOCK_POINTS,
        "repair.locked",
        "repair.spool_cleared",
        "repair.intent_dropped",
        "vault.folder.put.lock_placed",
    ],
)
def test_a_kill_in_the_middle_of_repairing_leaves_what_the_next_run_repairs(
    homes: Homes, point: str
) -> None:
    with homes() as home:
        key = documents(home, "deposited")[0].object_key
        abandoned(home)
    lock_file(home, key).unlink()
    shutil.rmtree(home.folder / "vault" / home.code / "ledger" / "checkpoint")
    assert (
        kho(home.folder, "check", "--repair", env={"KHO_CRASH_AT": point}).returncode == SIGKILLED
    )
    with Home.open(home.folder) as retried:
        _, report = repair(retried)
        assert report.faults == []
        assert lock_of(retried, key).year == 2036


def test_each_kind_says_whether_it_is_repaired_and_repairable_kinds_have_a_repairer(
    home: Home,
) -> None:
    repairable = {code for code, kind in fault_kinds().items() if kind.repair is Repair.YES}
    assert repairable == set(repairer(home)._repairers)
