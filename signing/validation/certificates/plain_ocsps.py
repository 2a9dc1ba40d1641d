"""OCSP answers of plain chains (RFC 6960), from the issuer's own responder."""

import hashlib
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.validation.certificates.plain_certificates import (
    PLAIN_ALGORITHMS,
    Asked,
    PlainCertificate,
    extension_of,
    is_issued,
    key_hash,
    read_plain,
)

_SHA2 = (SHA256, SHA384, SHA512)


def answer_about(
    response: bytes,
    certificate: PlainCertificate,
    issuer: PlainCertificate,
    issuer_der: bytes,
    moment: datetime,
    asked: Asked,
) -> bool | None:
    """Return True where an OCSP response clears `certificate`, False where it says something else,
    None where it is about another certificate.
    """
    read = ocsp.load_der_ocsp_response(response)
    if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return False
    about = [
        single
        for single in read.responses
        if single.serial_number == certificate.parsed.serial_number
    ]
    if not about:
        return None
    responder = _responder(response, issuer_der)
    return (
        responder is not None
        and responder.begins <= moment <= responder.ends
        and all(
            _names_issuer(single, issuer)
            and single.certificate_status is ocsp.OCSPCertStatus.GOOD
            and asked.accepts(single.next_update_utc, moment)
            for single in about
        )
    )


@lru_cache(maxsize=64)
def _responder(response: bytes, issuer_der: bytes) -> PlainCertificate | None:
    """Return the one responder whose certificate a response brings, if the issuer delegated to it
    (RFC 6960, 4.2.2.2), it needs no status of its own, and it signed the response.
    """
    read = ocsp.load_der_ocsp_response(response)
    if len(read.certificates) != 1 or any(extension.critical for extension in read.extensions):
        return None
    der = read.certificates[0].public_bytes(Encoding.DER)
    responder, digest = read_plain(der), read.signature_hash_algorithm
    if (
        responder is None
        or not isinstance(digest, _SHA2)
        or read.signature_algorithm_oid not in PLAIN_ALGORITHMS
    ):
        return None
    extensions = responder.parsed.extensions
    usages = extension_of(extensions, x509.ExtendedKeyUsage)
    delegated = usages is not None and ExtendedKeyUsageOID.OCSP_SIGNING in usages
    if (
        not delegated
        or extension_of(extensions, x509.OCSPNoCheck) is None
        or not is_issued(der, issuer_der)
    ):
        return None
    named = read.responder_name == responder.parsed.subject or read.responder_key_hash == key_hash(
        responder, "sha1"
    )
    if not named:
        return None
    try:
        if isinstance(responder.key, rsa.RSAPublicKey):
            responder.key.verify(
                read.signature, read.tbs_response_bytes, padding.PKCS1v15(), digest
            )
        else:
            responder.key.verify(read.signature, read.tbs_response_bytes, ec.ECDSA(digest))
    except InvalidSignature:
        return None
    return responder


def _names_issuer(single: ocsp.OCSPSingleResponse, issuer: PlainCertificate) -> bool:
    digest = single.hash_algorithm.name
    name = hashlib.new(digest, issuer.parsed.subject.public_bytes()).digest()
    return single.issuer_name_hash == name and single.issuer_key_hash == key_hash(issuer, digest)
