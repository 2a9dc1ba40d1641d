"""A partner changes its ledger's key: its packets and receipts bring the act, and stay those of the
same partner.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api import handing
from api.home import Home
from api.sharing import names
from api.sharing.findings import Code
from api.sharing.manifest import Manifest
from api.sharing.partners import Standing
from api.sharing.receipt_report import verify_receipt
from api.sharing.verification import verify_packet
from api.upkeep.key_handover import hand_over
from archive.acts.envelope import parse_act
from archive.acts.ledger_key import SCHEMA
from archive.base.identifiers import sha256
from signing.asic.container import read_container
from signing.validation.result.verdict import Verdict
from tests.api.sharing.conftest import (
    Files,
    Workshop,
    _remembered,
    an_order,
    confirm_partner,
    receive,
)
from tests.fixtures.home import CLERK, chart, take


@dataclass(frozen=True)
class Handed:
    """The workshop's home after its ledger changed its key, and a packet of then."""

    workshop: Workshop
    home: Home
    chart_id: str
    data: bytes

    @property
    def files(self) -> Files:
        return read_container(self.data)

    @property
    def key_act(self) -> str:
        """The name of the act that hands over."""
        (name,) = (
            name
            for name, data in self.files.items()
            if name.endswith(".json") and SCHEMA.encode() in data
        )
        return name

    def codes(self, files: Files) -> set[Code]:
        """Return what is found in a packet of these files that the sender signed itself."""
        report = verify_packet(
            self.workshop.signed(files), self.workshop.trust, validate=_remembered
        )
        assert report.verdict is Verdict.INVALID
        return {finding.code for finding in report.findings}


@pytest.fixture(scope="module")
def handed(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handed]:
    """One home for the module; tests only read it."""
    folder = Path(shutil.copytree(workshop.home.folder, tmp_path_factory.mktemp("handed") / "home"))
    with Home.open(folder) as home:
        hand_over(home, CLERK)
        (result,) = take(home, chart(5))
        chart_id = result.receipts[0].chart_id
        packet = home.open_for_writing().packets.create(
            an_order(chart_id), CLERK, home.scope, lambda _: None
        )
        yield Handed(workshop, home, chart_id, packet.data)


def test_a_partner_confirmed_before_is_the_same_partner_after(
    handed: Handed, receiver: Home
) -> None:
    partner = confirm_partner(receiver, handed.workshop.packet.data, handed.workshop.trust_file)
    received = receive(receiver, handed.data, handed.workshop.trust_file, of_partner=False)
    assert receiver.open_for_reading().partners.standing(received.identity) is Standing.CONFIRMED
    assert (received.identity.ledger_key, received.identity.ledger_origin) == (
        partner.ledger_key,
        partner.ledger_origin,
    )
    again = receive(
        receiver, handed.workshop.packet.data, handed.workshop.trust_file, of_partner=False
    )
    assert again.receipt  # a packet of before the handover is still good


def test_the_packet_brings_the_act_and_says_so_in_its_version(handed: Handed) -> None:
    report = verify_packet(handed.data, handed.workshop.trust, validate=_remembered)
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert report.manifest is not None
    assert report.manifest.format == "kho-packet/3"
    assert handed.workshop.manifest.format == "kho-packet/2"
    act = parse_act(handed.files[handed.key_act], f"{handed.home.code}/acts/{_key_name(handed)}")
    assert report.ledger_size is not None
    assert act.index < report.ledger_size


def _key_name(handed: Handed) -> str:
    index = names.act_index(handed.key_act)
    return f"{index:012}-{sha256(handed.files[handed.key_act])}.json"


def test_a_packet_without_the_act_is_not_proven(handed: Handed) -> None:
    files = handed.files
    del files[handed.key_act]
    del files[names.proof_name(names.act_index(handed.key_act) or 0)]
    assert Code.PROOF in handed.codes(files)


def test_a_packet_whose_act_was_not_countersigned_is_not_proven(handed: Handed) -> None:
    data = handed.files[handed.key_act]
    at = data.index(b'"countersignature":"') + len(b'"countersignature":"')
    other = b"B" if data[at : at + 1] == b"A" else b"A"
    assert Code.PROOF in handed.codes(
        {**handed.files, handed.key_act: data[:at] + other + data[at + 1 :]}
    )


def test_no_packet_of_an_earlier_version_brings_such_an_act(handed: Handed) -> None:
    manifest = Manifest.model_validate_json(handed.files[names.MANIFEST])
    older = manifest.model_copy(update={"format": "kho-packet/2"})
    assert Code.ACT_SURPLUS in handed.codes({**handed.files, names.MANIFEST: older.to_bytes()})


def test_its_receipts_bring_the_act_too(
    handed: Handed, workshop: Workshop, receiver: Home, tmp_path: Path
) -> None:
    hand_over(receiver, CLERK)
    received = receive(receiver, workshop.packet.data, workshop.trust_file)
    report = verify_receipt(received.receipt, receiver.trust)
    assert report.verdict is Verdict.VALID, report.reasons.en
    assert report.receipt is not None
    assert report.receipt.format == "kho-receipt/2"
    with Home.open(Path(shutil.copytree(workshop.home.folder, tmp_path / "sender"))) as sender:
        root = receiver.folder / "testpki" / "trust.pem"
        confirm_partner(sender, received.receipt, root)
        returned = sender.open_for_writing().returns.accept(
            received.receipt, handing.widened(sender, (root,)), CLERK, sender.scope
        )
        assert returned.packet_id == workshop.manifest.packet_id
