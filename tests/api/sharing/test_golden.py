"""What was handed over once stays readable: a packet of each past version of the format."""

from datetime import timedelta
from pathlib import Path

from api.sharing.container import read_container, write_container
from api.sharing.verification import verify_packet
from archive.clock import parse_iso
from archive.identifiers import sha256
from signing.trust import TrustRoots
from signing.validation.validate import validate
from signing.validation.verdict import Verdict

GOLDEN = Path(__file__).with_name("golden")
DATA = (GOLDEN / "kho-packet-1.asice").read_bytes()


def test_the_first_packet_of_kho_packet_1_is_valid_as_of_its_day() -> None:
    trust = TrustRoots.from_files(GOLDEN / "root.pem")
    made_at = parse_iso("2026-11-23T01:14:43.341Z")
    report = verify_packet(DATA, trust, at=made_at + timedelta(minutes=1), validate=validate)
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert report.manifest is not None
    assert parse_iso(report.manifest.created_at) == made_at
    assert [(one.listed.form, one.in_ledger) for one in report.documents if one.listed] == [("36/BV2", True)] * 2


def test_its_container_is_still_written_the_same_way() -> None:
    files = read_container(DATA)
    assert write_container(files.items(), parse_iso("2026-11-23T01:14:43.341Z")) == DATA
    assert sha256(DATA) == "641e81bb5cd03852d2857f18bad7545ab4ebc97a2bd463a5dc6558ad5c039eab"
