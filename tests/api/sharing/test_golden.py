"""What was handed over once stays readable: a packet of each past version of the format."""

from datetime import datetime, timedelta
from pathlib import Path

from api.sharing.manifest import parse_manifest
from api.sharing.receipt import parse_receipt
from api.sharing.receipt_report import verify_receipt
from api.sharing.verification import verify_packet
from archive.base.clock import parse_iso
from archive.base.identifiers import sha256
from signing.asic.container import read_container, write_container
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict
from signing.validation.validate import validate

GOLDEN = Path(__file__).with_name("golden")
DATA = (GOLDEN / "kho-packet-1.asice").read_bytes()
# of whom the sender got a packet, and of the sender
ROOTS_2 = TrustRoots.from_files(GOLDEN / "roots-2.pem")


def test_the_first_packet_of_kho_packet_1_is_valid_as_of_its_day() -> None:
    trust = TrustRoots.from_files(GOLDEN / "root.pem")
    made_at = parse_iso("2026-11-23T01:14:43.341Z")
    report = verify_packet(DATA, trust, at=made_at + timedelta(minutes=1), validate=validate)
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert report.manifest is not None
    assert parse_iso(report.manifest.created_at) == made_at
    assert [
        (document.listed.form, document.in_ledger)
        for document in report.documents
        if document.listed
    ] == [("36/BV2", True)] * 2


def test_its_container_is_still_written_the_same_way() -> None:
    files = read_container(DATA)
    assert write_container(files.items(), parse_iso("2026-11-23T01:14:43.341Z")) == DATA
    assert sha256(DATA) == "641e81bb5cd03852d2857f18bad7545ab4ebc97a2bd463a5dc6558ad5c039eab"


def test_the_first_packet_of_kho_packet_2_holds_what_the_sender_made_and_what_it_received() -> None:
    data = (GOLDEN / "kho-packet-2.asice").read_bytes()
    report = verify_packet(data, ROOTS_2, at=made_in(data), validate=validate)
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert report.manifest is not None
    assert report.manifest.format == "kho-packet/2"
    listed = [
        (part.listed.origin, part.in_ledger, part.sealed_by_sender)
        for part in report.documents
        if part.listed
    ]
    assert listed == [("external", True, False), ("rendered", True, True)]
    files = read_container(data)
    assert write_container(files.items(), parse_iso(report.manifest.created_at)) == data


def test_without_the_first_signers_root_version_2_says_so_of_that_document_alone() -> None:
    data = (GOLDEN / "kho-packet-2.asice").read_bytes()
    second = TrustRoots(ROOTS_2.anchors[1:])
    report = verify_packet(data, second, at=made_in(data), validate=validate)
    assert report.verdict is Verdict.INDETERMINATE
    assert [[finding.code for finding in part.findings] for part in report.documents] == [
        ["signer_unknown"],
        [],
    ]


def test_the_first_receipt_of_kho_receipt_1_is_valid_as_of_its_day() -> None:
    data = (GOLDEN / "kho-receipt-1.asice").read_bytes()
    receipt = parse_receipt(read_container(data)["receipt.json"])
    report = verify_receipt(data, ROOTS_2, at=parse_iso(receipt.received_at) + timedelta(minutes=1))
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert (receipt.sender.code, receipt.receiver.code, len(receipt.documents)) == (
        "01001",
        "79002",
        1,
    )


def test_packet_and_receipt_of_a_ledger_that_changed_its_key_are_valid_as_of_their_day() -> None:
    roots = TrustRoots.from_files(GOLDEN / "roots-3.pem")
    data = (GOLDEN / "kho-packet-3.asice").read_bytes()
    report = verify_packet(data, roots, at=made_in(data), validate=validate)
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert report.manifest is not None
    assert report.manifest.format == "kho-packet/3"
    receipt = (GOLDEN / "kho-receipt-2.asice").read_bytes()
    receipt_report = verify_receipt(receipt, roots, at=made_in(data))
    assert receipt_report.verdict is Verdict.VALID, receipt_report.reasons.en
    assert receipt_report.receipt is not None
    assert receipt_report.receipt.format == "kho-receipt/2"


def made_in(packet: bytes) -> datetime:
    """Return the minute after the packet was made."""
    manifest = parse_manifest(read_container(packet)["manifest.json"])
    return parse_iso(manifest.created_at) + timedelta(minutes=1)
