"""Receipts come back: proven, held against what was handed over, archived beside it; anything else
is refused.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api import handing
from api.error_answers import exit_code
from api.home import Home
from api.sharing import names
from api.sharing.envelope import sealed_envelope
from api.sharing.receipt import Receipt, parse_receipt
from api.sharing.receipt_report import verify_receipt
from api.sharing.recognising import PacketInstead, ReceiptInstead, refuse_envelope
from api.sharing.refusals import NotProven, ReceiptRefused, Undecided
from api.sharing.returned_receipts import Returned
from api.upkeep.maintenance import checker, rebuild
from archive.access.actor import Actor
from archive.acts.signed_acts import CatalogueAltered
from archive.base.clock import FixedClock, SystemClock, iso, parse_iso
from archive.base.errors import Denied, Unreadable
from archive.base.identifiers import ObjectKey, Sha256, sha256
from archive.catalog.tables import ActRow, HandoverRow, PacketReceiptRow
from archive.vault.folder import PUT_POINTS
from signing.asic.container import read_container
from signing.validation.result.verdict import Verdict
from tests.api.sharing.conftest import Exchange, Workshop, an_order, confirm_partner, receive
from tests.fixtures.home import CLERK, chart, json_lines, kho, take
from tests.judges.dss import PACKET, Dss

SIGKILLED = -9
POINTS = ("return.put", "act.pending", "act.put", "act.applied", "return.recorded")


@dataclass(frozen=True)
class Sender:
    """A copy of the sender's home, and the receipt that came back to it."""

    home: Home
    receipt: bytes
    receiver_root: Path

    def accept(
        self, data: bytes | None = None, *, actor: Actor = CLERK, trusting: bool = True
    ) -> Returned:
        """Take a receipt back as `kho packet receipt` does."""
        roots = handing.widened(self.home, (self.receiver_root,) if trusting else ())
        returned = self.home.open_for_writing().returns.accept(
            data or self.receipt, roots, actor, self.home.scope
        )
        self.home.follow_ups.run()
        return returned

    @property
    def acts(self) -> int:
        with self.home.catalog.read() as session:
            return session.query(ActRow).count()


@pytest.fixture
def sender(workshop: Workshop, exchange: Exchange, tmp_path: Path) -> Iterator[Sender]:
    """A fresh copy of the sender's home, before any receipt came back."""
    workshop.home.follow_ups.run()
    folder = Path(shutil.copytree(workshop.home.folder, tmp_path / "sender"))
    with Home.open(folder) as home:
        root = exchange.receiver.folder / "testpki" / "trust.pem"
        confirm_partner(home, exchange.received.receipt, root)
        yield Sender(home, exchange.received.receipt, root)


def files_of(exchange: Exchange) -> dict[str, bytes]:
    return read_container(exchange.received.receipt)


def signed(exchange: Exchange, files: dict[str, bytes]) -> bytes:
    """Return a receipt of these files, listed and signed again by the receiver itself."""
    apart = (names.MIMETYPE, names.ASIC_MANIFEST, names.SIGNATURE)
    contents = [(name, data) for name, data in files.items() if name not in apart]
    return sealed_envelope(
        contents,
        exchange.receiver.open_for_writing().sealer.signing_context,
        exchange.receiver.clock.now(),
    )


def saying(exchange: Exchange, **changes: Any) -> bytes:
    """Return a receipt in which the receiver itself says something else."""
    files = files_of(exchange)
    content = {**parse_receipt(files[names.RECEIPT]).model_dump(mode="json"), **changes}
    return signed(exchange, {**files, names.RECEIPT: Receipt.model_validate(content).to_bytes()})


# --- accepted
# --------------------------------------------------------------------------------------------------


def test_a_genuine_receipt_is_archived_beside_the_handover(
    sender: Sender, workshop: Workshop, exchange: Exchange
) -> None:
    returned = sender.accept()
    assert (returned.packet_id, returned.chart_id) == (
        workshop.manifest.packet_id,
        workshop.chart_id,
    )
    assert (returned.receiver, returned.documents, returned.warnings) == ("79002", 2, ())
    with sender.home.catalog.read() as session:
        row = session.query(PacketReceiptRow).one()
        act = session.get_one(ActRow, (sender.home.code, row.act_index))
    assert (act.schema, act.chart_id, row.direction) == (
        "kho/act/handover-receipt/2",
        workshop.chart_id,
        "returned",
    )
    data = sender.home.vault.read(ObjectKey(row.object_key), row.object_version, Sha256(row.sha256))
    assert data == sender.receipt
    body = sender.home.vault.read(ObjectKey(act.object_key), act.object_version)
    for secret in (workshop.manifest.patient.name, workshop.manifest.chart.episode):
        assert secret.encode() not in body
    assert checker(sender.home).check(read_data=True).faults == []


def test_of_a_deposited_chart_it_is_locked_until_the_charts_own_date(sender: Sender) -> None:
    sender.accept()
    with sender.home.catalog.read() as session:
        row = session.query(PacketReceiptRow).one()
    lock = sender.home.vault.stat(ObjectKey(row.object_key), row.object_version).lock
    assert lock is not None
    assert lock.retain_until.year == 2036


def test_again_it_is_answered_alike_and_nothing_is_written(sender: Sender) -> None:
    first = sender.accept()
    acts = sender.acts
    assert sender.accept() == first
    assert sender.acts == acts


def test_another_receipt_of_the_same_receiver_does_not_replace_the_first(
    sender: Sender, exchange: Exchange
) -> None:
    first = sender.accept()
    again = signed(exchange, files_of(exchange))
    assert again != sender.receipt
    assert sender.accept(again) == first


def test_rebuilt_from_the_vault_the_receipt_is_still_known(sender: Sender) -> None:
    first = sender.accept()
    rebuild(sender.home)
    assert sender.accept() == first
    assert checker(sender.home).check(read_data=True).faults == []


def test_it_is_shown_with_the_chart(sender: Sender, workshop: Workshop) -> None:
    sender.accept()
    sender.home.close()
    shown = json.loads(
        kho(sender.home.folder, "show", "--json", workshop.chart_id, check=True).stdout
    )
    (sent,) = [
        packet
        for packet in shown["packets"]["sent"]
        if packet["packet_id"] == workshop.manifest.packet_id
    ]
    (receipt,) = sent["receipts"]
    assert (sent["recipient"], receipt["receiver"]) == ("79002", "79002")


def test_the_command_answers_by_its_contract(sender: Sender, tmp_path: Path) -> None:
    file = tmp_path / "receipt.asice"
    file.write_bytes(sender.receipt)
    sender.home.close()
    done = kho(
        sender.home.folder,
        "packet",
        "receipt",
        "--json",
        file,
        "--trust",
        sender.receiver_root,
        check=True,
    )
    (line,) = json_lines(done.stdout)
    assert set(line) == {
        "packet_id", "chart_id", "receiver", "received_at", "documents", "sha256", "ledger_index",
        "identity",
        "warnings",
    }  # fmt: skip
    assert line["sha256"] == sha256(sender.receipt)
    file.write_bytes(b"nothing")
    assert kho(sender.home.folder, "packet", "receipt", file).returncode == 7


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_anywhere_and_the_next_try_converges(
    sender: Sender, tmp_path: Path, point: str
) -> None:
    file = tmp_path / "receipt.asice"
    file.write_bytes(sender.receipt)
    before = sender.acts
    sender.home.close()
    arguments = ("packet", "receipt", file, "--trust", sender.receiver_root)
    assert kho(sender.home.folder, *arguments, env={"KHO_CRASH_AT": point}).returncode == SIGKILLED
    log = tmp_path / "points"
    kho(sender.home.folder, *arguments, env={"KHO_CRASH_LOG": str(log)}, check=True)
    with Home.open(sender.home.folder) as home:
        assert checker(home).check(read_data=True).faults == []
        with home.catalog.read() as session:
            assert session.query(ActRow).count() == before + 1


def test_every_step_has_its_point(sender: Sender, tmp_path: Path) -> None:
    file, log = tmp_path / "receipt.asice", tmp_path / "points"
    file.write_bytes(sender.receipt)
    sender.home.close()
    env = {"KHO_CRASH_LOG": str(log)}
    kho(
        sender.home.folder,
        "packet",
        "receipt",
        file,
        "--trust",
        sender.receiver_root,
        env=env,
        check=True,
    )
    assert {*POINTS, *PUT_POINTS} <= set(log.read_text().split())


# --- not proven
# --------------------------------------------------------------------------------------------------


def test_without_the_receivers_root_there_is_no_verdict(sender: Sender) -> None:
    with pytest.raises(Undecided) as refused:
        sender.accept(trusting=False)
    assert exit_code(refused.value) == 5


@pytest.mark.parametrize("name", range(5))
def test_a_receipt_of_which_any_file_was_changed_is_refused(
    sender: Sender, exchange: Exchange, name: int
) -> None:
    files = files_of(exchange)
    changed = list(files)[name + 1]
    data = bytearray(files[changed])
    data[len(data) // 2] ^= 1
    from signing.asic.container import write_container

    forged = write_container({**files, changed: bytes(data)}.items(), exchange.receiver.clock.now())
    before = sender.acts
    with pytest.raises((NotProven, Unreadable)):
        sender.accept(forged)
    assert sender.acts == before


def test_a_receipt_signed_by_another_seal_than_its_ledger_states_is_refused(
    sender: Sender, workshop: Workshop, exchange: Exchange
) -> None:
    files = [
        (name, data)
        for name, data in files_of(exchange).items()
        if not name.startswith(("META", "mime"))
    ]
    forged = sealed_envelope(
        files, workshop.home.open_for_writing().sealer.signing_context, SystemClock().now()
    )
    with pytest.raises(NotProven) as refused:
        sender.accept(forged)
    assert {"code": "signed_by_other", "file": names.SIGNATURE} in refused.value.report["findings"]


def test_a_receipt_that_claims_an_act_which_is_not_in_the_ledger_is_refused(
    sender: Sender, exchange: Exchange
) -> None:
    place = {"index": 2, "act": "0" * 64}
    with pytest.raises(NotProven) as refused:
        sender.accept(saying(exchange, place=place))
    assert [finding["code"] for finding in refused.value.report["findings"]] == ["proof"]


def test_a_receipt_whose_certificates_have_expired_is_not_decided_on(
    sender: Sender, exchange: Exchange
) -> None:
    later = exchange.receiver.clock.now() + timedelta(days=365 * 12)
    report = verify_receipt(sender.receipt, exchange.receiver.trust, at=later)
    assert report.verdict is Verdict.INDETERMINATE
    sender.home.close()
    with Home(sender.home.settings, FixedClock(later)) as then:
        returns, roots = (
            then.open_for_writing().returns,
            handing.widened(then, (sender.receiver_root,)),
        )
        with pytest.raises(Undecided):
            returns.accept(sender.receipt, roots, CLERK, then.scope)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04"])
def test_what_is_no_receipt_is_unreadable(sender: Sender, data: bytes) -> None:
    with pytest.raises(Unreadable):
        sender.accept(data or b"\n")


def test_a_packet_is_no_receipt(sender: Sender, workshop: Workshop) -> None:
    with pytest.raises(Unreadable):
        sender.accept(workshop.packet.data)


# --- genuine, but not of this
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"packet": {"id": "01a205ad-0000-7000-8000-000000000000", "sha256": "0" * 64}},
            "receipt.unknown_packet",
        ),
        ({"sender": {"code": "01001"}}, "receipt.other_sender"),
        ({"received_at": "2026-01-01T00:00:00.000Z"}, "receipt.too_early"),
    ],
)
def test_a_receipt_of_something_else_is_refused_with_the_reason(
    sender: Sender, exchange: Exchange, changes: dict[str, Any], code: str
) -> None:
    before = sender.acts
    with pytest.raises(ReceiptRefused) as refused:
        sender.accept(saying(exchange, **changes))
    assert [fault.code for fault in refused.value.faults] == [code]
    assert exit_code(refused.value) == 3
    assert sender.acts == before


def test_a_receipt_of_another_file_with_this_packets_id_is_refused(
    sender: Sender, workshop: Workshop, exchange: Exchange
) -> None:
    packet = {"id": workshop.manifest.packet_id, "sha256": "0" * 64}
    with pytest.raises(ReceiptRefused) as refused:
        sender.accept(saying(exchange, packet=packet))
    assert [fault.code for fault in refused.value.faults] == ["receipt.other_packet"]


def test_a_receipt_of_fewer_or_other_documents_is_refused(
    sender: Sender, exchange: Exchange
) -> None:
    content = parse_receipt(files_of(exchange)[names.RECEIPT]).model_dump(mode="json")
    for documents in (
        content["documents"][:1],
        [content["documents"][0], {**content["documents"][1], "sha256": "0" * 64}],
    ):
        with pytest.raises(ReceiptRefused) as refused:
            sender.accept(saying(exchange, documents=documents))
        assert [fault.code for fault in refused.value.faults] == ["receipt.other_documents"]


def test_where_another_facility_received_it_the_receipt_does_not_count(
    workshop: Workshop, receiver: Home, sender: Sender
) -> None:
    order = an_order(workshop.chart_id).model_copy(update={"recipient": "01001"})
    packet = sender.home.open_for_writing().packets.create(
        order, CLERK, sender.home.scope, lambda _: None
    )
    received = receive(receiver, packet.data, workshop.trust_file)
    before = sender.acts
    with pytest.raises(ReceiptRefused) as refused:
        sender.accept(received.receipt)
    assert [fault.code for fault in refused.value.faults] == ["receipt.other_receiver"]
    assert sender.acts == before


def test_a_caller_that_may_not_make_packets_may_not_accept_receipts(sender: Sender) -> None:
    with pytest.raises(Denied):
        sender.accept(actor=Actor("Người Đọc", "reader"))


# --- taken for a PDF
# --------------------------------------------------------------------------------------------------


def test_verifying_a_packet_or_receipt_as_a_pdf_says_what_it_is(
    workshop: Workshop, exchange: Exchange, home_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(PacketInstead):
        refuse_envelope(workshop.packet.data)
    with pytest.raises(ReceiptInstead):
        refuse_envelope(exchange.received.receipt)
    refuse_envelope(b"PK\x03\x04 something else")
    file = tmp_path / "packet.asice"
    file.write_bytes(workshop.packet.data)
    done = kho(home_folder, "verify", "--json", file)
    assert done.returncode == 7
    assert json_lines(done.stdout)[0]["error"]["code"] == "file.is_packet"
    assert "kho packet verify" in done.stderr


def test_times_in_a_receipt_are_those_of_the_act(exchange: Exchange) -> None:
    receipt = parse_receipt(files_of(exchange)[names.RECEIPT])
    assert iso(parse_iso(receipt.received_at)) == receipt.received_at


def test_sending_and_receiving_go_on_after_a_receipt(
    sender: Sender, fresh_home: Callable[[], Home]
) -> None:
    sender.accept()
    (result,) = take(sender.home, chart(9))
    assert result.receipts


@pytest.mark.judge
def test_eu_dss_finds_a_receipt_to_be_asic_e_with_cades_b_lt(
    exchange: Exchange, dss: Dss, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.asice"
    file.write_bytes(exchange.received.receipt)
    dss.accept(file, exchange.receiver.folder / "testpki" / "trust.pem", PACKET)


def test_a_row_binds_no_receipt_to_another_chart(sender: Sender) -> None:
    (other,) = take(sender.home, chart(7))
    with sender.home.catalog.write() as session:
        session.query(HandoverRow).update({"chart_id": other.receipts[0].chart_id})
    with pytest.raises(CatalogueAltered):
        sender.accept()
