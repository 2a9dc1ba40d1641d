"""An attacker who may write to the catalogue's database makes Kho vouch for nothing that no signed
act says.
"""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from api.home import Home
from archive.acts.accession import ReceivedPacket
from archive.acts.act_log_reader import Fork
from archive.acts.signed_acts import CatalogueAltered
from archive.base.errors import IntegrityError, NotReady
from archive.base.identifiers import ObjectKey, new_id, sha256
from archive.catalog import records
from archive.catalog.tables import DocumentRow
from archive.vault.contract import ObjectMissing
from tests.api.sharing.conftest import an_order
from tests.fixtures.home import CLERK, chart, kho, paper, take
from tests.fixtures.pki import RunningPki

Homes = Callable[[], Home]


@pytest.fixture
def home(fresh_home: Homes) -> Home:
    """A home with two charts, whose acts this process has not read yet."""
    home = fresh_home()
    take(home, chart(1), chart(2))
    home.close()
    return Home.open(home.folder)


def document(home: Home, number: int = 1) -> DocumentRow:
    with home.catalog.read() as session:
        row = records.chart_of_episode(session, f"LK{number:06}", home.scope)
        assert row is not None
        return row.documents[0]


def alter(home: Home, sql: str, **values: object) -> None:
    """Change the catalogue as its database's administrator may."""
    with home.catalog.write() as session:
        assert session.execute(text(sql), values).rowcount  # type: ignore[attr-defined]


def forge(home: Home, forgery: bytes) -> DocumentRow:
    """Make the catalogue say that `forgery` is the original of the first chart's document."""
    alter(
        home,
        "UPDATE document SET sha256 = :digest WHERE id = :id",
        digest=sha256(forgery),
        id=document(home).id,
    )
    return document(home)


def test_a_digest_that_no_act_states_is_vouched_for_at_no_door(
    home: Home, paper_pdf: bytes
) -> None:
    row = forge(home, paper_pdf)
    doors: dict[str, Callable[[], object]] = {
        "verify": lambda: home.open_for_reading().verification.verify(paper_pdf, home.scope),
        "the page behind the QR code": lambda: home.open_for_reading().verdicts.verify_for_stranger(
            paper_pdf, row.id
        ),
        "retrieval": lambda: home.open_for_reading().originals.original(row.id, CLERK, home.scope),
        "proof": lambda: home.open_for_reading().published_ledger.proof(row.id, CLERK, home.scope),
        "packet": lambda: home.open_for_writing().packets.create(
            an_order(row.chart_id), CLERK, home.scope, lambda _: None
        ),
        "deposit": lambda: home.open_for_writing().deposits.deposit(
            row.chart_id, CLERK, home.scope
        ),
        "a receipt of what was archived before": lambda: take(home, chart(1)),
    }
    acts = len(list(home.vault.list(f"{home.code}/acts/")))
    for name, door in doors.items():
        with pytest.raises(CatalogueAltered):
            pytest.fail(f"{name}: {door()}")
    assert len(list(home.vault.list(f"{home.code}/acts/"))) == acts, (
        "no act states the forged digest"
    )


def test_the_command_answers_with_the_fault_and_its_exit_code(
    home: Home, paper_pdf: bytes, tmp_path: Path
) -> None:
    forge(home, paper_pdf)
    file = tmp_path / "forgery.pdf"
    file.write_bytes(paper_pdf)
    done = kho(home.folder, "verify", "--json", file)
    assert done.returncode == 8
    assert '"catalogue.altered"' in done.stdout
    assert '"known": true' not in done.stdout


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE document SET title_vi = 'Giấy khác' WHERE id = :id",
        "UPDATE document SET form = '99/BV9' WHERE id = :id",
        "UPDATE document SET sealed_at = '2020-01-01 00:00:00' WHERE id = :id",
        "UPDATE document SET origin = 'external' WHERE id = :id",
        "UPDATE document SET act_index = 2 WHERE id = :id",
        "UPDATE document SET size = size + 1 WHERE id = :id",
        "UPDATE act SET object_key = object_key || 'x' WHERE chart_id IS NOT NULL AND :id <> ''",
        "UPDATE facility SET ledger_key = replace(ledger_key, 'kho/', 'khx/') WHERE :id <> ''",
    ],
)
def test_whatever_a_row_says_must_be_what_its_act_says(home: Home, sql: str) -> None:
    row = document(home)
    data = home.vault.read(ObjectKey(row.object_key), row.object_version)
    assert home.open_for_reading().verification.verify(data, home.scope).document_id == row.id
    home.close()
    with Home.open(home.folder) as again:
        alter(again, sql, id=row.id)
        with pytest.raises((IntegrityError, ObjectMissing)):
            again.open_for_reading().verification.verify(data, again.scope)


def test_another_documents_original_is_not_served_under_an_id(home: Home) -> None:
    other = document(home, 2)
    moved = "UPDATE document SET object_key = :k || '', sha256 = :s, size = :z WHERE id = :id"
    alter(home, "UPDATE document SET object_key = 'nowhere' WHERE id = :id", id=other.id)
    alter(
        home,
        moved,
        k=other.object_key,
        s=other.sha256,
        z=other.size,
        id=document(home).id,
    )
    with pytest.raises(CatalogueAltered):
        home.open_for_reading().originals.original(document(home).id, CLERK, home.scope)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE stored_object SET sha256 = replace(sha256, substr(sha256, 1, 8), '00000000') "
        "WHERE chart_id = :id",
        "UPDATE stored_object SET size = size + 1 WHERE chart_id = :id",
        "UPDATE stored_object SET kind = 'act' WHERE chart_id = :id",
        "DELETE FROM stored_object WHERE chart_id = :id AND kind = 'document'",
        "UPDATE stored_object SET chart_id = :id",
    ],
)
def test_a_deposit_binds_just_the_objects_that_the_acts_brought(home: Home, sql: str) -> None:
    chart_id = document(home).chart_id
    acts = len(list(home.vault.list(f"{home.code}/acts/")))
    alter(home, sql, id=chart_id)
    with pytest.raises(CatalogueAltered):
        home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
    assert len(list(home.vault.list(f"{home.code}/acts/"))) == acts


@pytest.mark.parametrize("successor", [None, "another"])
def test_the_acts_say_whether_a_paper_was_replaced(home: Home, successor: str | None) -> None:
    take(home, chart(1, papers=[paper("1", "Viêm phế quản")]))
    row = document(home)
    data = home.vault.read(ObjectKey(row.object_key), row.object_version)
    assert home.open_for_reading().verification.verify(data, home.scope).superseded
    alter(
        home,
        "UPDATE document SET superseded_by = :by WHERE id = :id",
        by=successor and new_id(),
        id=row.id,
    )
    with pytest.raises(CatalogueAltered):
        home.open_for_reading().verification.verify(data, home.scope)


def test_two_acts_zero_are_no_ground_to_vouch_on(
    home: Home, home_template: Path, tmp_path: Path
) -> None:
    row = document(home)
    with Home.open(Path(shutil.copytree(home_template, tmp_path / "other"))) as stranger:
        key, data = _another_act_zero(stranger)
    home.vault.put(
        key, data, retain_until=home.clock.now().replace(year=2040), media_type="application/json"
    )
    with pytest.raises(Fork):
        home.open_for_reading().originals.original(row.id, CLERK, home.scope)


def _another_act_zero(stranger: Home) -> tuple[ObjectKey, bytes]:
    """Return an act 0 that a stranger's own ledger key signed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from archive.acts.envelope import act_key
    from archive.acts.signature import signed
    from archive.ledger.checkpoint import CheckpointSigner

    genuine = stranger.signed.act(0)
    signer = CheckpointSigner("kho/99001/other", Ed25519PrivateKey.generate())
    members = genuine.model_dump(mode="json", by_alias=True, exclude={"signature"})
    members["facts"]["ledger_key"] = str(signer.verifier)
    act = signed(members, signer)
    return act_key(act), act.to_bytes()


def test_a_receipt_is_given_only_for_a_packet_that_an_act_took_in(home: Home) -> None:
    row = document(home)
    packet = ReceivedPacket(packet=new_id(), sender="79002", sha256=row.sha256, came_from=None)
    with pytest.raises(CatalogueAltered):
        home.signed.received(row.act_index, packet)


def test_a_root_that_no_act_states_is_not_trusted(home: Home, test_pki: RunningPki) -> None:
    shutil.rmtree(home.folder / "testpki")  # no anchors are set: those of the acts count
    assert len(home.trust.anchors) == 1
    planted = "INSERT INTO seal_chain (facility, act_index, pem) VALUES (:facility, 1, :pem)"
    alter(home, planted, facility=home.code, pem=test_pki.trust_path.read_text())
    with Home.open(home.folder) as again, pytest.raises(CatalogueAltered):
        _ = again.trust


# --- what Kho writes upon a row is for ever, too
# --------------------------------------------------------------------


def deposited(home: Home) -> str:
    """Deposit the first chart; return its id."""
    chart_id = document(home).chart_id
    home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
    return chart_id


def acts_of(home: Home) -> int:
    return len(list(home.vault.list(f"{home.code}/acts/")))


def locks_of(home: Home) -> set[datetime]:
    locks = [stored.lock for stored in home.vault.list(f"{home.code}/documents/")]
    return {lock.retain_until for lock in locks if lock is not None}


def test_no_lock_is_extended_to_a_date_that_no_act_states(home: Home) -> None:
    """No store takes a COMPLIANCE lock back: a row would hold the papers for a thousand years."""
    chart_id = deposited(home)
    before = locks_of(home)
    alter(
        home,
        "UPDATE chart SET retain_until = '3026-01-01 00:00:00.000000' WHERE id = :id",
        id=chart_id,
    )
    with pytest.raises(CatalogueAltered):
        home.follow_ups.locks.settle(chart_id, every=True)
    with pytest.raises(CatalogueAltered):
        home.open_for_writing().packets.create(
            an_order(chart_id), CLERK, home.scope, lambda _: None
        )
    assert locks_of(home) == before


def test_an_open_chart_is_not_locked_to_a_date_of_the_catalogue(home: Home) -> None:
    before = locks_of(home)
    chart_id = document(home).chart_id
    sql = (
        "UPDATE chart SET state = 'deposited', retain_until = '3026-01-01 00:00:00.000000' WHERE "
        "id = :id"
    )
    alter(home, sql, id=chart_id)
    with pytest.raises(CatalogueAltered):
        home.follow_ups.locks.settle(chart_id)
    assert locks_of(home) == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE chart SET discharged_at = '1990-01-01 00:00:00.000000' WHERE id = :id",
        "UPDATE chart SET outcome = 'died' WHERE id = :id",
        "UPDATE patient SET birth_date = '1901-01-01' WHERE chart_id = :id",
        "UPDATE document SET chart_id = (SELECT id FROM chart WHERE id <> :id) WHERE chart_id = "
        ":id",
        "DELETE FROM document WHERE chart_id = :id AND superseded_by IS NOT NULL",
    ],
)
def test_no_deposit_counts_its_term_from_what_no_act_states(home: Home, sql: str) -> None:
    take(home, chart(1, papers=[paper("1", "Viêm phế quản")]))
    chart_id = document(home).chart_id
    alter(home, sql, id=chart_id)
    acts = acts_of(home)
    with pytest.raises((CatalogueAltered, NotReady)):
        home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
    assert acts_of(home) == acts


def test_an_archive_number_is_not_issued_twice(home: Home) -> None:
    deposited(home)
    alter(home, "UPDATE archive_number SET last = 0")
    with pytest.raises(CatalogueAltered):
        home.open_for_writing().deposits.deposit(document(home, 2).chart_id, CLERK, home.scope)


def test_a_deposited_chart_is_not_opened_by_a_row(home: Home) -> None:
    chart_id = deposited(home)
    sql = (
        "UPDATE chart SET state = 'open', archive_number = NULL, retain_until = NULL, rule = "
        "NULL WHERE id = :id"
    )
    alter(home, sql, id=chart_id)
    acts = acts_of(home)
    with pytest.raises(CatalogueAltered):
        take(home, chart(1, papers=[paper("1", "Viêm phế quản")]))
    with pytest.raises(CatalogueAltered):
        home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
    assert acts_of(home) == acts


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE patient SET name = 'Người Khác' WHERE chart_id = :id",
        "UPDATE document SET key = 'another' WHERE chart_id = :id",
        "UPDATE chart SET episode = 'LK000009' WHERE id = :id",
    ],
)
def test_no_act_is_written_upon_a_chart_that_no_act_states(home: Home, sql: str) -> None:
    chart_id = document(home).chart_id
    alter(home, sql, id=chart_id)
    acts = acts_of(home)
    papers = [paper("another" if "document" in sql else "1", "Viêm phế quản")]
    with pytest.raises(CatalogueAltered):
        take(home, chart(9 if "episode" in sql else 1, papers=papers))
    assert acts_of(home) == acts


@pytest.mark.parametrize("column", ["name", "authority", "address", "public_url"])
def test_no_paper_shows_a_facility_that_act_0_does_not_state(home: Home, column: str) -> None:
    """The address is printed in the QR code of each sealed paper."""
    alter(home, f"UPDATE facility SET {column} = 'https://attacker.example'")
    home.close()
    with Home.open(home.folder) as again, pytest.raises(CatalogueAltered):
        take(again, chart(3))


def test_the_ledger_proves_nothing_from_an_altered_tree(home: Home) -> None:
    ledger = home.open_for_reading().published_ledger
    ledger.checkpoint(3)
    alter(home, "UPDATE ledger_node SET hash = zeroblob(32) WHERE level = 0 AND position = 0")
    with pytest.raises(IntegrityError):
        ledger.proof(document(home).id, CLERK, home.scope)
    alter(home, "UPDATE ledger_node SET hash = zeroblob(32) WHERE level = 1 AND position = 0")
    with pytest.raises(IntegrityError):
        ledger.consistency(1, None)
