"""The desks where packets come in and receipts come back, put together from a home's parts."""

from pathlib import Path

from api.home import Home
from api.production import require_real_certificates
from api.sharing.giving import ReceiptGiver
from api.sharing.reception import ReceptionDesk
from api.sharing.returns import ReturnDesk
from ingest.files.examiner import Examiner, open_examiner
from ingest.spool import Spool
from signing.trust import TrustRoots


def reception(home: Home) -> ReceptionDesk:
    """Return the desk that takes packets in. Raises ReadOnlyHome."""
    giver = ReceiptGiver(
        catalog=home.catalog,
        vault=home.vault,
        sequencer=home.sequencer,
        outbox=home.outbox,
        sealer=home.sealer,
        spool=Spool(home.folder / "spool"),
        facility=home.facility,
        clock=home.writing_clock,
    )
    return ReceptionDesk(
        catalog=home.catalog,
        sequencer=home.sequencer,
        leases=home.leases,
        accession=home.accession,
        forms=home.forms,
        giver=giver,
        facility=home.facility,
        clock=home.writing_clock,
    )


def returns(home: Home) -> ReturnDesk:
    """Return the desk that takes receipts back. Raises ReadOnlyHome."""
    _ = home.facility, home.checkpoint_signer
    return ReturnDesk(
        catalog=home.catalog,
        vault=home.vault,
        sequencer=home.sequencer,
        leases=home.leases,
        facility=home.code,
        clock=home.writing_clock,
    )


def examiner(home: Home, trust: TrustRoots) -> Examiner:
    """Return what looks at the originals of a packet, trusting whom the packet's verification trusts."""
    return open_examiner(home.settings.intake, trust, home.clock)


def widened(home: Home, files: tuple[Path, ...]) -> TrustRoots:
    """Return the home's own trust anchors and those of PEM `files`: a partner's chain stands beside ours.

    Raises TestInProduction where one of them is of a test PKI and the home is in production.
    """
    anchors = [anchor for file in files for anchor in TrustRoots.from_files(file).anchors]
    require_real_certificates(home.settings, anchors, "--trust")
    return TrustRoots([*home.trust.anchors, *anchors])
