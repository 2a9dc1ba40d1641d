"""CAdES B-LT, detached (ETSI EN 319 122-1): the signature of packets (ASiC-E), complete in one DER
file.
"""

import hashlib
from datetime import datetime

from signing import cms
from signing.signing_context import SigningContext


def sign_detached(data: bytes, signing_context: SigningContext, *, claimed_at: datetime) -> bytes:
    """Return the DER of a detached signature over `data` with everything that validates it offline.

    SignedData holds the seal's and the TSA's certificates without roots, their CRLs, and the OCSP
    response as `other` revocation information (RFC 5940): so it is of version 5. `claimed_at`
    becomes signing-time, which CAdES requires.

    Raises as :meth:`signing.seal.Sealer.seal`.
    """
    with signing_context.turn:
        return _signed(data, signing_context, claimed_at)


def _signed(data: bytes, signing_context: SigningContext, claimed_at: datetime) -> bytes:
    evidence = signing_context.status()
    attributes = cms.signed_attributes(
        signing_context.key.certificate,
        hashlib.sha256(data).digest(),
        claimed_at.replace(microsecond=0),
    )
    value = signing_context.sign(attributes)
    stamp = signing_context.stamp_signature(value)
    evidence = signing_context.evidence_for(stamp, evidence)
    return cms.detached(
        signing_context.key,
        attributes,
        value,
        unsigned=[cms.timestamp_attribute(stamp.der)],
        more_certificates=evidence.certificates,
        crls=evidence.crls,
        ocsps=evidence.ocsps,
    )
