"""Where a home's trust anchors lie."""

from pathlib import Path
from typing import TYPE_CHECKING

from archive.acts.signed_acts import SignedActs
from archive.base.identifiers import FacilityCode
from archive.base.settings import Settings
from archive.catalog.database import Catalog
from archive.catalog.tables import SealChainRow

if TYPE_CHECKING:
    from signing.trust import TrustRoots

TEST_PKI = "testpki"


def trust_file(settings: Settings) -> Path | None:
    """Return the PEM file of trust anchors, where one is set; a demonstration brings its own."""
    if settings.demo:
        return settings.home / TEST_PKI / "trust.pem"
    return settings.path(settings.seal.trust) if settings.seal.trust else None


def stated_trust(settings: Settings) -> "TrustRoots | None":
    """Return the trust anchors that are set, None where there are none. Raises TestInProduction."""
    from api.composition.production import require_real_certificates
    from signing.trust import TrustRoots

    file = trust_file(settings)
    if file is None or not file.exists():
        return None
    roots = TrustRoots.from_files(file)
    require_real_certificates(settings, roots.anchors, "seal.trust")
    return roots


def acts_trust(catalog: Catalog, signed: SignedActs, facility: FacilityCode) -> "TrustRoots":
    """Return the roots of the seal chains that the signed acts of `facility` state.

    The catalogue only says which acts these are: a row without its act adds no root. Raises
    CatalogueAltered, IntegrityError, VaultError.
    """
    from signing.trust import TrustRoots, read_certificates

    with catalog.read() as session:
        rows = (
            session.query(SealChainRow)
            .filter_by(facility=facility)
            .order_by(SealChainRow.act_index)
            .all()
        )
    chains = (signed.seal_chain(row) for row in rows)
    return TrustRoots([read_certificates(chain.encode())[-1] for chain in chains])
