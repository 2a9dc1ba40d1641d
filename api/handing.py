"""Facts about a packet or receipt for the person who handles it: its sender, and how far the sender
is known.
"""

from collections.abc import Iterable
from pathlib import Path

from api.composition.production import require_real_certificates
from api.home import Home
from api.sharing.identity import Identity, identity_of_facility
from signing.trust import TrustRoots


def standing(home: Home, identity: Identity | None) -> str | None:
    """Return how `identity` compares with the confirmed partners
    (:class:`api.sharing.partners.Standing`).

    None if there is no identity or no archive.
    """
    if identity is None or not home.has_archive:
        return None
    return home.open_for_reading().partners.standing(identity).value


def own_identity(home: Home) -> Identity:
    """Return what partners see of this facility. Raises ReadOnlyHome."""
    facility = home.open_for_reading().require_stated_facility()
    return identity_of_facility(facility, home.seals.key.certificate)


def widened(home: Home, files: Iterable[Path]) -> TrustRoots:
    """Return the home's own trust anchors together with those of PEM `files`, such as a partner's
    chain.

    Raises TestInProduction if an anchor is of a test PKI and the home is in production.
    """
    anchors = [anchor for file in files for anchor in TrustRoots.from_files(file).anchors]
    require_real_certificates(home.settings, anchors, "--trust")
    return TrustRoots([*home.trust.anchors, *anchors])
