"""Packets come in: proven first, archived byte for byte as files of others, and answered with one
receipt.
"""

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import handing
from api.error_answers import exit_code
from api.home import Home
from api.sharing import names
from api.sharing.mapping import episode_of
from api.sharing.receipt import parse_receipt
from api.sharing.receipt_report import verify_receipt
from api.sharing.refusals import NotProven, PacketRefused, Undecided
from api.upkeep.maintenance import checker, rebuild
from archive.access.actor import Actor
from archive.acts.accession import SCHEMA
from archive.base.clock import iso, parse_iso
from archive.base.errors import Denied, Unreadable
from archive.base.identifiers import ObjectKey, Sha256, sha256
from archive.catalog import projection, records
from archive.catalog.tables import (
    ActRow,
    ChartRow,
    DocumentRow,
    PacketReceiptRow,
    ReceivedPacketRow,
)
from archive.vault.folder import PUT_POINTS
from signing.asic.container import read_container
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict
from tests.api.sharing.conftest import Exchange, Workshop, confirm_partner, make_home, receive
from tests.api.sharing.facilities import packet
from tests.fixtures.home import CLERK, chart, json_lines, kho, paper, take

SIGKILLED = -9
POINTS = (  # those of accession itself are tried in `tests/torture`
    "reception.read",
    "act.pending",
    "reception.archived",
    "receipt.spooled",
    "receipt.put",
    "act.pending@2",
    "receipt.recorded",
    "receipt.given",
)


def acts(home: Home) -> int:
    with home.catalog.read() as session:
        return session.query(ActRow).count()


def the_chart(home: Home, chart_id: str) -> ChartRow:
    with home.catalog.read() as session:
        return records.chart(session, chart_id, home.scope)


# --- what comes in
# --------------------------------------------------------------------------------------------------


def test_each_original_is_an_object_of_its_own_byte_for_byte(
    workshop: Workshop, exchange: Exchange
) -> None:
    home = exchange.receiver
    for received, sent in zip(
        exchange.received.documents, workshop.manifest.documents, strict=True
    ):
        assert (received["sent_as"], received["sha256"]) == (sent.document_id, sent.sha256)
        data = home.vault.read(
            ObjectKey(received["object_key"]), received["version_id"], Sha256(received["sha256"])
        )
        assert data == workshop.files[sent.name]


def test_the_act_says_that_others_signed_them_and_in_which_packet_they_came(
    workshop: Workshop, exchange: Exchange
) -> None:
    with exchange.receiver.catalog.read() as session:
        rows = session.query(DocumentRow).filter_by(chart_id=exchange.received.chart_id).all()
        packet = session.query(ReceivedPacketRow).one()
        act = session.get_one(ActRow, (exchange.receiver.code, packet.act_index))
    for row in rows:
        assert (row.origin, row.level, row.sealed_at) == ("external", None, None)
        assert row.original is not None
        assert row.original["verdict"] == "TOTAL-PASSED"
        assert row.original["sha256"] == row.sha256
    assert (packet.packet_id, packet.sender, packet.sha256) == (
        workshop.manifest.packet_id,
        workshop.manifest.sender.code,
        workshop.packet.sha256,
    )
    assert (act.schema, act.chart_id) == (SCHEMA, exchange.received.chart_id)


def test_chart_and_patient_are_the_senders_behind_its_code(
    workshop: Workshop, exchange: Exchange
) -> None:
    facts, patient = records.stated(the_chart(exchange.receiver, exchange.received.chart_id))
    sent, sender = workshop.manifest, workshop.manifest.sender.code
    assert facts.episode == f"{sender}/{sent.chart.episode}"
    assert patient == sent.patient.model_copy(
        update={"local_id": f"{sender}/{sent.patient.local_id}"}
    )
    assert facts.department is None
    assert facts.discharged_at == parse_iso("2026-01-20T09:00:00+07:00")


def test_the_same_episode_of_our_own_is_another_chart(
    exchange: Exchange, workshop: Workshop, receiver: Home
) -> None:
    receive(receiver, workshop.packet.data, workshop.trust_file)
    (own,) = take(receiver, {**chart(1), "facility": receiver.code})
    assert not own.faults
    with receiver.catalog.read() as session:
        assert {row.episode for row in session.query(ChartRow)} == {"LK000001", "99001/LK000001"}


def test_an_episode_that_is_too_long_behind_the_code_becomes_its_digest() -> None:
    assert episode_of("99001", "x" * 94) == "99001/" + "x" * 94
    assert episode_of("99001", "x" * 95) == "99001/sha256-" + sha256(b"x" * 95)
    assert len(episode_of("99001", "x" * 100)) <= 100


def test_what_came_in_is_found_checked_and_rebuilt(exchange: Exchange) -> None:
    home = exchange.receiver
    assert checker(home).check(read_data=True).faults == []
    assert home.follow_ups.indexing.index.count() == 2
    with home.catalog.read() as session:
        before = sorted(projection.lines(session))
    rebuild(home)
    with home.catalog.read() as session:
        assert sorted(projection.lines(session)) == before


def test_a_received_chart_is_deposited_with_its_receipt(workshop: Workshop, receiver: Home) -> None:
    received = receive(receiver, workshop.packet.data, workshop.trust_file)
    deposited = receiver.open_for_writing().deposits.deposit(
        received.chart_id, CLERK, receiver.scope
    )
    assert deposited.objects == 2 + 1 + 3  # originals, the receipt, and three acts
    with receiver.catalog.read() as session:
        row = session.query(PacketReceiptRow).one()
    lock = receiver.vault.stat(ObjectKey(row.object_key), row.object_version).lock
    assert lock is not None
    assert lock.retain_until.year == 2036
    receiver.follow_ups.run()
    assert checker(receiver).check(read_data=True).faults == []


def test_a_department_may_be_named_that_receives_the_chart(
    workshop: Workshop, receiver: Home
) -> None:
    received = receive(receiver, workshop.packet.data, workshop.trust_file, department="K07")
    assert the_chart(receiver, received.chart_id).department == "K07"


def test_a_newer_packet_of_the_chart_brings_only_what_is_new(
    receiver: Home, fresh_home: Callable[[], Home]
) -> None:
    sender = fresh_home()
    root = sender.folder / "testpki" / "trust.pem"
    chart_id = take(sender, chart(1, papers=[paper("1"), paper("2")]))[0].receipts[0].chart_id
    first = receive(receiver, packet(sender, chart_id), root)
    take(sender, chart(1, papers=[paper("2", "Viêm phế quản")]))
    second = receive(receiver, packet(sender, chart_id), root)
    assert first.chart_id == second.chart_id
    assert first.documents[0] == second.documents[0]
    documents = the_chart(receiver, first.chart_id).documents
    assert len(documents) == 3
    old = next(
        document for document in documents if document.id == first.documents[1]["document_id"]
    )
    assert old.superseded_by == second.documents[1]["document_id"]
    assert first.receipt != second.receipt


# --- again
# --------------------------------------------------------------------------------------------------


def test_the_same_packet_again_has_the_same_receipt_and_no_new_act(
    workshop: Workshop, receiver: Home
) -> None:
    first = receive(receiver, workshop.packet.data, workshop.trust_file)
    before = acts(receiver)
    again = receive(receiver, workshop.packet.data, workshop.trust_file)
    assert (again.receipt, again.chart_id, again.documents) == (
        first.receipt,
        first.chart_id,
        first.documents,
    )
    assert (first.again, again.again) == (False, True)
    assert acts(receiver) == before


def test_a_packet_that_another_program_packed_again_is_the_same_packet(
    workshop: Workshop, receiver: Home
) -> None:
    first = receive(receiver, deflated(workshop.files), workshop.trust_file)
    assert receive(receiver, workshop.packet.data, workshop.trust_file).receipt == first.receipt
    receipt = parse_receipt(read_container(first.receipt)[names.RECEIPT])
    assert receipt.packet.sha256 == workshop.packet.sha256


def test_after_a_rebuild_the_receipt_is_still_the_same(workshop: Workshop, receiver: Home) -> None:
    first = receive(receiver, workshop.packet.data, workshop.trust_file)
    rebuild(receiver)
    assert receive(receiver, workshop.packet.data, workshop.trust_file).receipt == first.receipt


# --- the receipt
# --------------------------------------------------------------------------------------------------


def test_the_receipt_is_genuine_and_names_what_was_archived_and_no_person(
    workshop: Workshop, exchange: Exchange
) -> None:
    report = verify_receipt(exchange.received.receipt, exchange.receiver.trust)
    assert report.verdict is Verdict.VALID, report.reasons.en
    receipt = report.receipt
    assert receipt is not None
    assert receipt.packet.model_dump() == {
        "id": workshop.manifest.packet_id,
        "sha256": workshop.packet.sha256,
    }
    assert (receipt.sender.code, receipt.receiver.code) == ("99001", "79002")
    assert [(document.document_id, document.sha256) for document in receipt.documents] == [
        (document.document_id, document.sha256) for document in workshop.manifest.documents
    ]
    with exchange.receiver.catalog.read() as session:
        act = session.get_one(ActRow, (exchange.receiver.code, receipt.place.index))
    assert (act.digest, iso(act.time)) == (receipt.place.act, receipt.received_at)
    everything = b"".join(read_container(exchange.received.receipt).values())
    patient = workshop.manifest.patient
    for secret in (
        patient.name,
        patient.national_id,
        patient.local_id,
        workshop.manifest.chart.episode,
    ):
        assert str(secret).encode() not in everything


def test_the_receipt_is_an_object_that_an_act_binds(exchange: Exchange) -> None:
    with exchange.receiver.catalog.read() as session:
        row = session.query(PacketReceiptRow).one()
        assert (
            session.get_one(ActRow, (row.facility, row.act_index)).schema
            == "kho/act/reception-receipt/2"
        )
    data = exchange.receiver.vault.read(
        ObjectKey(row.object_key), row.object_version, Sha256(row.sha256)
    )
    assert data == exchange.received.receipt
    assert (row.direction, row.partner) == ("given", "99001")


# --- what does not come in
# --------------------------------------------------------------------------------------------------


def assert_nothing_came(home: Home) -> None:
    with home.catalog.read() as session:
        assert {row.schema for row in session.query(ActRow)} <= {
            "kho/act/facility/1",
            "kho/act/partner/1",
        }
    assert list(home.vault.list(f"{home.code}/documents/")) == []
    home.follow_ups.run()
    assert checker(home).check().faults == []


def test_without_the_senders_root_no_verdict_and_nothing_comes_in(
    workshop: Workshop, receiver: Home
) -> None:
    with pytest.raises(Undecided) as refused:
        receive(receiver, workshop.packet.data)
    assert exit_code(refused.value) == 5
    assert refused.value.as_json()["report"]["verdict"] == "indeterminate"
    assert_nothing_came(receiver)


def test_a_changed_packet_does_not_come_in(workshop: Workshop, receiver: Home) -> None:
    files = workshop.files
    files[workshop.documents[0]] += b"\n"
    with pytest.raises(NotProven) as refused:
        receive(receiver, workshop.packed(files), workshop.trust_file)
    assert exit_code(refused.value) == 6
    assert_nothing_came(receiver)


def test_a_packet_that_lacks_a_document_does_not_come_in(
    workshop: Workshop, receiver: Home
) -> None:
    files = workshop.files
    del files[workshop.documents[1]]
    with pytest.raises(NotProven):
        receive(receiver, workshop.signed(files), workshop.trust_file)
    assert_nothing_came(receiver)


def test_a_packet_for_another_facility_comes_in_with_a_warning(
    fresh_home: Callable[[], Home], receiver: Home
) -> None:
    sender = fresh_home()
    chart_id = take(sender, chart(1))[0].receipts[0].chart_id
    received = receive(
        receiver, packet(sender, chart_id, to="01001"), sender.folder / "testpki" / "trust.pem"
    )
    assert [warning.code for warning in received.warnings] == ["packet.other_recipient"]


def test_a_packet_of_our_own_is_no_packet_for_us(workshop: Workshop) -> None:
    home = workshop.home
    before = acts(home)
    with pytest.raises(PacketRefused) as refused:
        receive(home, workshop.packet.data)
    assert [fault.code for fault in refused.value.faults] == ["packet.own"]
    assert acts(home) == before


def test_a_form_that_is_unknown_here_is_filed_as_an_other_document_with_a_warning(
    fresh_home: Callable[[], Home], receiver: Home
) -> None:
    sender = fresh_home()
    own_form(sender.folder)
    paper_of_their_own = {"form": "RIENG/01", "key": "1", "data": {"ghi_chu": "Thử"}}
    (result,) = take(sender, chart(1, papers=[paper_of_their_own]))
    data = packet(sender, result.receipts[0].chart_id)
    received = receive(receiver, data, sender.folder / "testpki" / "trust.pem")
    assert [warning.code for warning in received.warnings] == ["packet.form_unknown"]
    (document,) = the_chart(receiver, received.chart_id).documents
    assert (document.form, document.key, document.sha256) == (
        "KHAC",
        "RIENG/01:1",
        result.receipts[0].sha256,
    )
    assert document.title_vi == "Phiếu riêng"


def test_a_paper_keeps_its_own_title_date_and_sheet_at_the_receiver(
    fresh_home: Callable[[], Home], receiver: Home
) -> None:
    sender, sheet = fresh_home(), paper("1")
    sheet["data"]["to_so"] = 3
    said = {"ten_tai_lieu": "Đơn xin ra viện", "ngay": "2026-01-19", "noi_dung": "Xin ra viện."}
    (result,) = take(sender, chart(1, papers=[sheet, {"form": "KHAC", "key": "1", "data": said}]))
    data = packet(sender, result.receipts[0].chart_id)
    received = receive(receiver, data, sender.folder / "testpki" / "trust.pem")
    documents = the_chart(receiver, received.chart_id).documents
    assert [(each.title_vi, each.dated, each.sheet) for each in documents] == [
        ("Phiếu theo dõi điều trị", "2026-01-11", "3"),
        ("Đơn xin ra viện", "2026-01-19", None),
    ]


def test_a_caller_that_may_not_archive_may_not_receive(workshop: Workshop, receiver: Home) -> None:
    roots = handing.widened(receiver, (workshop.trust_file,))
    with pytest.raises(Denied):
        receiver.open_for_writing().reception.receive(
            workshop.packet.data,
            roots,
            receiver.open_for_writing().examiner_with(roots),
            Actor("Người Đọc", "reader"),
            receiver.scope,
        )


def bomb(_: bytes) -> bytes:
    """Two hundred megabytes of zeros that take no room."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = b"".join(packed.compress(b"\0" * (1 << 20)) for _ in range(200)) + packed.flush()
    return zipped("manifest.json", body, 200 << 20, 8)


def traversal(_: bytes) -> bytes:
    """A name that climbs."""
    return zipped("../../etc/kho", b"x", 1, 0)


def twice(data: bytes) -> bytes:
    """The same packet behind itself."""
    return data + data


def nested(data: bytes) -> bytes:
    """A packet within a packet."""
    return zipped("packet.asice", data, len(data), 0)


def cut(data: bytes) -> bytes:
    """Half of it."""
    return data[: len(data) // 2]


def nothing(_: bytes) -> bytes:
    """No byte."""
    return b""


def no_container(_: bytes) -> bytes:
    """A PDF."""
    return b"%PDF-1.7\n"


@pytest.mark.parametrize("attack", [bomb, traversal, twice, nested, cut, nothing, no_container])
def test_a_hostile_file_is_unreadable_and_leaves_nothing(
    workshop: Workshop, receiver: Home, attack: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(Unreadable):
        receive(receiver, attack(workshop.packet.data), workshop.trust_file)
    assert_nothing_came(receiver)


# --- the command, and kills
# --------------------------------------------------------------------------------------------------


def test_the_command_answers_by_its_contract(
    workshop: Workshop, receiver: Home, packet_file: Path
) -> None:
    arguments = ("packet", "import", "--json", packet_file, "--trust", workshop.trust_file)
    confirm_partner(receiver, workshop.packet.data, workshop.trust_file)
    done = kho(receiver.folder, *arguments, check=True)
    (line,) = json_lines(done.stdout)
    assert set(line) == {
        "packet_id",
        "chart_id",
        "documents",
        "receipt",
        "identity",
        "again",
        "warnings",
    }
    assert set(line["documents"][0]) == {
        "document_id", "sent_as", "form", "title", "sha256", "object_key", "version_id",
        "ledger_index",
    }  # fmt: skip
    receipt = Path(line["receipt"])
    assert receipt == receiver.folder / "receipts" / f"{line['packet_id']}.asice"
    (again,) = json_lines(
        kho(receiver.folder, *arguments, "-o", packet_file.with_name("r.asice"), check=True).stdout
    )
    assert {**again, "again": False, "receipt": line["receipt"]} == line
    assert Path(again["receipt"]).read_bytes() == receipt.read_bytes()
    shown = json.loads(kho(receiver.folder, "show", "--json", line["chart_id"], check=True).stdout)
    assert [packet["sender"] for packet in shown["packets"]["received"]] == ["99001"]


def test_its_exit_codes_are_those_of_verify(
    workshop: Workshop, receiver: Home, tmp_path: Path
) -> None:
    files = workshop.files
    files[names.READING_COPY] += b"\n"
    (tmp_path / "changed.asice").write_bytes(workshop.packed(files))
    (tmp_path / "no.asice").write_bytes(b"no packet")
    (tmp_path / "whole.asice").write_bytes(workshop.packet.data)
    for name, code in (("changed.asice", 6), ("no.asice", 7), ("whole.asice", 5)):
        done = kho(receiver.folder, "packet", "import", "--json", tmp_path / name)
        assert (done.returncode, set(json_lines(done.stdout)[0])) == (code, {"error"})


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_anywhere_loses_nothing_and_the_next_import_goes_on(
    workshop: Workshop, receiver: Home, packet_file: Path, point: str
) -> None:
    confirm_partner(receiver, workshop.packet.data, workshop.trust_file)
    receiver.close()
    arguments = ("packet", "import", "--json", packet_file, "--trust", workshop.trust_file)
    assert kho(receiver.folder, *arguments, env={"KHO_CRASH_AT": point}).returncode == SIGKILLED
    (line,) = json_lines(kho(receiver.folder, *arguments, check=True).stdout)
    with Home.open(receiver.folder) as home:
        assert acts(home) == 4
        assert checker(home).check(read_data=True).faults == []
        report = verify_receipt(Path(line["receipt"]).read_bytes(), home.trust)
        assert report.verdict is Verdict.VALID, report.reasons.en
    assert (
        not (receiver.folder / "spool").exists()
        or list((receiver.folder / "spool").iterdir()) == []
    )


def test_every_step_has_its_point(
    workshop: Workshop, receiver: Home, packet_file: Path, tmp_path: Path
) -> None:
    log = tmp_path / "points"
    confirm_partner(receiver, workshop.packet.data, workshop.trust_file)
    arguments = ("packet", "import", packet_file, "--trust", workshop.trust_file)
    kho(receiver.folder, *arguments, env={"KHO_CRASH_LOG": str(log)}, check=True)
    expected = {point.partition("@")[0] for point in POINTS} | set(PUT_POINTS)
    assert expected <= set(log.read_text().split())


# --- going out again
# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forwarded(exchange: Exchange) -> bytes:
    """A packet in which the receiver forwards what it received."""
    return packet(exchange.receiver, exchange.received.chart_id, to="01001")


def both(workshop: Workshop, exchange: Exchange) -> TrustRoots:
    return TrustRoots([*workshop.trust.anchors, *exchange.receiver.trust.anchors])


def test_what_was_received_is_forwarded_as_received_and_valid_with_both_roots(
    workshop: Workshop, exchange: Exchange, forwarded: bytes
) -> None:
    report = workshop.verify(forwarded, both(workshop, exchange))
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert report.manifest is not None
    for part, sent in zip(report.documents, workshop.manifest.documents, strict=True):
        assert part.listed is not None
        assert (part.listed.origin, part.listed.level, part.listed.sealed_at) == (
            "external",
            None,
            None,
        )
        assert (part.listed.sha256, part.in_ledger, part.sealed_by_sender) == (
            sent.sha256,
            True,
            False,
        )


def test_where_the_first_signers_root_is_not_known_it_says_just_that(
    workshop: Workshop, exchange: Exchange, forwarded: bytes
) -> None:
    report = workshop.verify(forwarded, exchange.receiver.trust)
    assert report.verdict is Verdict.INDETERMINATE
    for part in report.documents:
        assert [finding.code for finding in part.findings] == ["signer_unknown"]
        assert "--trust" in part.reasons.en
    assert report.findings == ()


def test_documents_of_signers_that_are_unknown_come_in_only_when_asked_for(
    workshop: Workshop, exchange: Exchange, forwarded: bytes, tmp_path: Path
) -> None:
    third = make_home(tmp_path / "third", "01001", "Bệnh viện Thứ Ba Thử Nghiệm")
    root = exchange.receiver.folder / "testpki" / "trust.pem"
    with Home.open(third) as home:
        with pytest.raises(Undecided):
            receive(home, forwarded, root)
        assert_nothing_came(home)
        received = receive(home, forwarded, root, undecided_signers=True)
        chart_row = the_chart(home, received.chart_id)
        assert chart_row.episode == "79002/99001/LK000001"
        assert [
            document.original["verdict"] for document in chart_row.documents if document.original
        ] == ["INDETERMINATE"] * 2
        assert checker(home).check(read_data=True).faults == []


# --- helpers
# --------------------------------------------------------------------------------------------------


def own_form(folder: Path) -> None:
    """Give a home a form of its own."""
    form = folder / "forms" / "rieng"
    form.mkdir(parents=True)
    definition: dict[str, Any] = {
        "code": "RIENG/01",
        "version": 1,
        "title": {"vi": "Phiếu riêng", "en": "A form of our own"},
        "source": "Mẫu thử",
        "valid": {"from": "2020-01-01", "to": None},
        "layout": "general",
        "layout_source": "inferred",
        "sections": [
            {
                "title": {"vi": "Nội dung", "en": "Content"},
                "fields": [
                    {"name": "ghi_chu", "label": {"vi": "Ghi chú", "en": "Note"}, "type": "text"}
                ],
            }
        ],
    }
    (form / "form.yaml").write_text(json.dumps(definition, ensure_ascii=False))


def deflated(files: dict[str, bytes]) -> bytes:
    """Pack files as another program would: all but the first compressed."""
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, (name, data) in enumerate(files.items()):
            archive.writestr(
                zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            )
    return out.getvalue()


def zipped(name: str, body: bytes, size: int, method: int) -> bytes:
    """Return a ZIP of one file whose headers have the given values."""
    raw = name.encode()
    common = struct.pack("<5H3I2H", 20, 0, method, 0, 33, 0, len(body), size, len(raw), 0)
    local = b"PK\x03\x04" + common + raw + body
    central = (
        b"PK\x01\x02"
        + struct.pack("<H", 0x314)
        + common
        + struct.pack("<3H2I", 0, 0, 0, 0o100644 << 16, 0)
        + raw
    )
    return (
        local
        + central
        + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    )
