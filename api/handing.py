"""Builds the desks that receive packets and returned receipts, from a home's parts."""

from pathlib import Path

from api.home import Home
from api.production import require_real_certificates
from api.sharing import names
from api.sharing.container import read_container
from api.sharing.identity import Identity, seal_certificate
from api.sharing.issue_receipt import ReceiptIssuer
from api.sharing.partners import PartnerService
from api.sharing.receipt_report import verify_receipt
from api.sharing.reception import ReceptionService, require_proven
from api.sharing.returned_receipts import ReturnedReceiptService, require_valid
from api.sharing.verification import verify_packet
from ingest.files.examiner import Examiner, open_examiner
from ingest.spool import Spool
from signing.trust import TrustRoots


def reception(home: Home) -> ReceptionService:
    """Return the desk that takes packets in. Raises ReadOnlyHome."""
    giver = ReceiptIssuer(
        catalog=home.catalog,
        vault=home.vault,
        sequencer=home.sequencer,
        outbox=home.outbox,
        sealer=home.sealer,
        spool=Spool(home.folder / "spool"),
        facility=home.stated_facility,
        clock=home.writing_clock,
    )
    return ReceptionService(
        catalog=home.catalog,
        sequencer=home.sequencer,
        leases=home.leases,
        accession=home.accession,
        forms=home.forms,
        giver=giver,
        partners=partners(home),
        facility=home.stated_facility,
        clock=home.writing_clock,
    )


def partners(home: Home) -> PartnerService:
    """Return the desk that keeps the partners."""
    return PartnerService(
        catalog=home.catalog,
        sequencer=home.sequencer,
        facility=home.stated_facility,
        clock=home.writing_clock,
    )


def standing(home: Home, identity: Identity | None) -> str | None:
    """Return how `identity` compares with the confirmed partners
    (:class:`api.sharing.partners.Standing`).

    None if there is no identity or no archive.
    """
    if identity is None or not home.has_archive:
        return None
    return partners(home).standing(identity).value


def proven_identity(home: Home, data: bytes, trust: TrustRoots) -> Identity:
    """Verify a packet or a receipt and return its sender's identity.

    Raises NotProven, Undecided, Unreadable.

    A packet may hold papers whose own signers are unknown here: that does not affect the proof of
    its sender.
    """
    now = home.clock.now()
    if names.RECEIPT in read_container(data):
        receipt = verify_receipt(data, trust, at=now)
        require_valid(receipt)
        identity = receipt.identity
    else:
        packet = verify_packet(data, trust, at=now)
        require_proven(packet, undecided_signers=True)
        identity = packet.identity
    assert identity is not None  # else it were not proven
    return identity


def own_identity(home: Home) -> Identity:
    """Return what partners see of this facility. Raises ReadOnlyHome."""
    facility, seal = home.stated_facility, seal_certificate(home.seal_key.certificate)
    return Identity(facility.code, facility.name, facility.ledger_origin, facility.ledger_key, seal)


def returns(home: Home) -> ReturnedReceiptService:
    """Return the desk that takes receipts back. Raises ReadOnlyHome."""
    _ = home.facility, home.checkpoint_signer
    return ReturnedReceiptService(
        catalog=home.catalog,
        vault=home.vault,
        sequencer=home.sequencer,
        leases=home.leases,
        partners=partners(home),
        facility=home.code,
        clock=home.writing_clock,
    )


def examiner(home: Home, trust: TrustRoots) -> Examiner:
    """Return the examiner of a packet's originals; it uses the trust roots of the packet's
    verification.
    """
    return open_examiner(home.settings.intake, trust, home.clock)


def widened(home: Home, files: tuple[Path, ...]) -> TrustRoots:
    """Return the home's own trust anchors together with those of PEM `files`, such as a partner's
    chain.

    Raises TestInProduction if an anchor is of a test PKI and the home is in production.
    """
    anchors = [anchor for file in files for anchor in TrustRoots.from_files(file).anchors]
    require_real_certificates(home.settings, anchors, "--trust")
    return TrustRoots([*home.trust.anchors, *anchors])
