"""One CMS signature (RFC 5652): its signer, its algorithms, whether it fits the data.

Trust is checked elsewhere.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, tsp, x509
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    get_signing_cert_attr,
    validate_sig_integrity,
)

from signing.validation.certificates.chains import ALGORITHMS
from signing.validation.facts import CertificateFacts, ChainFacts, TokenFacts

# from a digest algorithm's name to the digest of what must have been signed
Digest = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Token:
    """A CMS signature after its mathematics.

    `certificate` is None where the CMS does not hold it, or holds another.
    """

    signed_data: cms.SignedData
    certificate: x509.Certificate | None
    others: tuple[x509.Certificate, ...]
    integrity: bool
    cryptography: bool
    time: datetime | None  # genTime of a timestamp token

    @property
    def signer_info(self) -> cms.SignerInfo:
        """Return the one SignerInfo."""
        return extract_signer_info(self.signed_data)

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Return every certificate in the CMS."""
        return self.others if self.certificate is None else (self.certificate, *self.others)

    @property
    def names_its_certificate(self) -> bool:
        """Tell whether the signing-certificate attribute is there, as PAdES and RFC 3161 ask."""
        attributes = self.signer_info["signed_attrs"]
        return attributes is not core.VOID and get_signing_cert_attr(attributes) is not None

    @property
    def strong_algorithms(self) -> bool:
        """Tell whether digest, signature algorithm and key are strong enough (TT 15/2025/TT-BKHCN,
        phụ lục I).
        """
        key = self.certificate.public_key if self.certificate else None
        info = self.signer_info
        return bool(ALGORITHMS.digest_algorithm_allowed(info["digest_algorithm"], None)) and bool(
            ALGORITHMS.signature_algorithm_allowed(info["signature_algorithm"], None, key)
        )


def read_seal(signed_data: cms.SignedData, digest: Digest) -> Token:
    """Read a detached signature over bytes whose digest `digest` computes (ETSI EN 319 142-1,
    6.3).
    """
    detached = signed_data["encap_content_info"]["content"] is core.VOID
    algorithm = extract_signer_info(signed_data)["digest_algorithm"]["algorithm"].native
    return _read(signed_data, "data", digest(algorithm), fits=detached, time=None)


def read_timestamp(signed_data: cms.SignedData, digest: Digest) -> Token:
    """Read a timestamp token (RFC 3161, 2.4.2) whose imprint must be what `digest` computes."""
    content = signed_data["encap_content_info"]["content"]
    info = tsp.TSTInfo.load(bytes(content), strict=True)
    imprint = info["message_imprint"]
    fits = hmac.compare_digest(
        imprint["hashed_message"].native, digest(imprint["hash_algorithm"]["algorithm"].native)
    )
    algorithm = extract_signer_info(signed_data)["digest_algorithm"]["algorithm"].native
    signed = hashlib.new(algorithm, bytes(content)).digest()
    return _read(signed_data, "tst_info", signed, fits=fits, time=info["gen_time"].native)


def _read(
    signed_data: cms.SignedData,
    content_type: str,
    signed: bytes,
    *,
    fits: bool,
    time: datetime | None,
) -> Token:
    # The name of the content type is outside the signature; the signed attribute repeats it.
    fits = fits and signed_data["encap_content_info"]["content_type"].native == content_type
    try:
        found = extract_certs_for_validation(signed_data)
    except SignatureValidationError:
        return Token(signed_data, None, (), fits, cryptography=False, time=time)
    intact, genuine = validate_sig_integrity(
        extract_signer_info(signed_data), found.signer_cert, content_type, signed
    )
    return Token(
        signed_data, found.signer_cert, tuple(found.other_certs), fits and intact, genuine, time
    )


def signature_timestamps(signer_info: cms.SignerInfo) -> list[cms.SignedData]:
    """Return the signature timestamps of a seal (ETSI EN 319 122-1, 5.3)."""
    attributes: Any = signer_info["unsigned_attrs"]
    found = [] if attributes is core.VOID else attributes
    return [
        value["content"]
        for attribute in found
        if attribute["type"].native == "signature_time_stamp_token"
        for value in attribute["values"]
    ]


def token_facts(token: Token, chain: ChainFacts | None) -> TokenFacts:
    """Return what is found about a token whose certificate's chain is `chain`."""
    info = token.signer_info
    return TokenFacts(
        certificate=certificate_facts(token.certificate) if token.certificate else None,
        digest_algorithm=info["digest_algorithm"]["algorithm"].native,
        signature_algorithm=info["signature_algorithm"]["algorithm"].native,
        strong_algorithms=token.strong_algorithms,
        integrity=token.integrity,
        cryptography=token.cryptography,
        chain=chain,
        time=token.time,
    )


def certificate_facts(certificate: x509.Certificate) -> CertificateFacts:
    """Return what a certificate says of itself."""
    subject = certificate.subject.native
    unit = subject.get("organizational_unit_name") or subject.get("organization_name")
    return CertificateFacts(
        subject=certificate.subject.human_friendly,
        issuer=certificate.issuer.human_friendly,
        managing_unit="; ".join(unit) if isinstance(unit, list) else unit,
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before,
        not_after=certificate.not_valid_after,
    )
