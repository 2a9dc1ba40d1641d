"""The certificates that this home seals with, and when they end."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.composition.tsa_path import read_tsa_path
from archive.catalog.tables import SealChainRow
from signing.expiry import CertificateState, certificate_states
from signing.keys.signer import issuers_of
from signing.trust import read_certificates

if TYPE_CHECKING:
    from asn1crypto import x509

    from api.composition.ground import Ground


def watched_certificates(ground: "Ground") -> tuple[CertificateState, ...]:
    """Return the state of the certificates of seal and TSA, the next to end first.

    A home that does not seal has none. The seal's chain is the key's where this process has opened
    the key, else the newest that the acts state: no key is opened for this. Raises NoArchive,
    CatalogueUnusable, Unavailable.
    """
    seal = ground.settings.seal
    if not (ground.settings.demo or seal.pkcs12 or seal.pkcs11):
        return ()
    tsa, now = read_tsa_path(ground.folder), ground.clock.now()
    return certificate_states(_seal(ground), tsa, now, seal.notice_days)


def _seal(ground: "Ground") -> "tuple[x509.Certificate, ...]":
    key = ground.seals.opened_key
    if key is None:
        return _stated_chain(ground)
    # a token often lacks the root
    return (key.certificate, *issuers_of(key.certificate, [*key.chain, *ground.trust.anchors]))


def _stated_chain(ground: "Ground") -> "tuple[x509.Certificate, ...]":
    newest = (
        select(SealChainRow.pem)
        .where(SealChainRow.facility == ground.code)
        .order_by(SealChainRow.act_index.desc())
        .limit(1)
    )
    with ground.catalog.read() as session:
        pem = session.scalar(newest)
    try:
        return read_certificates(pem.encode()) if pem else ()
    except ValueError:  # `kho check` compares the row with its act, and names it
        return ()
