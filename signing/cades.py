"""CAdES B-LT, detached (ETSI EN 319 122-1): the signature of packets (ASiC-E), complete in one DER file."""

import hashlib
from datetime import datetime

from signing import cms
from signing.signatory import Signatory


def sign_detached(data: bytes, signatory: Signatory, *, claimed_at: datetime) -> bytes:
    """Return the DER of a detached signature over `data` with everything that validates it offline.

    SignedData holds the seal's and the TSA's certificates without roots, their CRLs, and the OCSP response as `other`
    revocation information (RFC 5940): so it is of version 5. `claimed_at` becomes signing-time, which CAdES requires.

    Raises as :meth:`signing.seal.Sealer.seal`.
    """
    with signatory.turn:
        return _signed(data, signatory, claimed_at)


def _signed(data: bytes, signatory: Signatory, claimed_at: datetime) -> bytes:
    evidence = signatory.status()
    attributes = cms.signed_attributes(
        signatory.key.certificate, hashlib.sha256(data).digest(), claimed_at.replace(microsecond=0)
    )
    value = signatory.sign(attributes)
    stamp = signatory.stamp_signature(value)
    evidence = signatory.evidence_for(stamp, evidence)
    return cms.detached(
        signatory.key,
        attributes,
        value,
        unsigned=[cms.timestamp_attribute(stamp.der)],
        more_certificates=evidence.certificates,
        crls=evidence.crls,
        ocsps=evidence.ocsps,
    )
