"""One CMS signature (RFC 5652): its signer, its algorithms, whether it fits the data.

Trust is checked elsewhere.
"""

import hmac
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from asn1crypto import cms, core, tsp, x509

from signing.algorithms import ALGORITHMS, is_strong_digest
from signing.validation.cms_value import attributes
from signing.validation.cms_value.container import NotCms, read_signed_data
from signing.validation.cms_value.digests import Digest, digest_of, digester
from signing.validation.cms_value.mathematics import is_by, is_over
from signing.validation.cms_value.signer import certificates_in, find_signer, signing_certificate
from signing.validation.facts import CertificateFacts, ChainFacts, TokenFacts


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
    # By which the content is bound: the imprint's of a timestamp, SHA-1 of `adbe.pkcs7.sha1`. None:
    # the signer's own digest algorithm.
    content_digest: str | None = None

    @property
    def signer_info(self) -> cms.SignerInfo:
        """Return the one SignerInfo."""
        return self.signed_data["signer_infos"][0]

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Return every certificate in the CMS, and the signer's where it comes from elsewhere."""
        return self.others if self.certificate is None else (self.certificate, *self.others)

    @property
    def names_its_certificate(self) -> bool:
        """Tell whether the signing-certificate attribute is there, as PAdES and RFC 3161 ask."""
        return bool(signing_certificate(self.signer_info).digests)

    @property
    def strong_algorithms(self) -> bool:
        """Tell whether digest, signature algorithm and key are strong enough (TT 15/2025/TT-BKHCN,
        phụ lục I).
        """
        key = self.certificate.public_key if self.certificate else None
        info = self.signer_info
        digests = [info["digest_algorithm"]["algorithm"].native, self.content_digest]
        return all(digest is None or is_strong_digest(digest) for digest in digests) and bool(
            ALGORITHMS.signature_algorithm_allowed(info["signature_algorithm"], None, key)
        )


def read_seal(
    signed_data: cms.SignedData, digest: Digest, known: Iterable[x509.Certificate] = ()
) -> Token:
    """Read a detached signature over bytes whose digest `digest` computes (ETSI EN 319 142-1,
    6.3).

    The signer's certificate is looked for in the CMS, then among `known`. Raises
    :class:`~signing.validation.cms_value.container.NotSupported` for algorithms that cannot be
    checked.
    """
    detached = content_of(signed_data) is None
    return _read(signed_data, "data", digest(_digest_algorithm(signed_data)), known, fits=detached)


def read_sha1_seal(
    signed_data: cms.SignedData, digest: Digest, known: Iterable[x509.Certificate] = ()
) -> Token:
    """Read a signature of SubFilter `adbe.pkcs7.sha1` (ISO 32000-2, 12.8.3.3.1): it encapsulates
    the SHA-1 digest of the bytes whose digest `digest` computes.

    SHA-1 alone binds the bytes, so the token is never strong. Otherwise as :func:`read_seal`.
    """
    content = content_of(signed_data)
    return _read(
        signed_data,
        "data",
        digest_of(_digest_algorithm(signed_data), content or b""),
        known,
        fits=content is not None and hmac.compare_digest(content, digest("sha1")),
        content_digest="sha1",
    )


def read_timestamp(
    signed_data: cms.SignedData, digest: Digest, known: Iterable[x509.Certificate] = ()
) -> Token:
    """Read a timestamp token (RFC 3161, 2.4.2) whose imprint must be what `digest` computes.

    The authority's certificate is looked for in the CMS, then among `known`. Raises
    :class:`~signing.validation.cms_value.container.NotCms` where there is no TSTInfo, and its kind
    :class:`~signing.validation.cms_value.container.NotSupported` as :func:`read_seal` does.
    """
    content = content_of(signed_data)
    try:
        info = tsp.TSTInfo.load(content or b"", strict=True)
        imprint = info["message_imprint"]
        algorithm, stated = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"]
        time, stated = info["gen_time"].native, stated.native
    except (ValueError, TypeError, KeyError) as error:
        raise NotCms("not a timestamp token") from error
    return _read(
        signed_data,
        "tst_info",
        digest_of(_digest_algorithm(signed_data), content or b""),
        known,
        fits=hmac.compare_digest(stated, digest(algorithm)),
        time=time,
        content_digest=algorithm,
    )


def content_of(signed_data: cms.SignedData) -> bytes | None:
    """Return the contents of the encapsulated OCTET STRING, or None where the signature is
    detached (RFC 5652, 5.2).
    """
    content = signed_data["encap_content_info"]["content"]
    if content is core.VOID:
        return None
    if isinstance(content, core.Any):  # version 1 makes asn1crypto expect PKCS#7
        content = content.parse(core.OctetString)
    return bytes(content)


def _digest_algorithm(signed_data: cms.SignedData) -> str:
    return str(signed_data["signer_infos"][0]["digest_algorithm"]["algorithm"].native)


def _read(
    signed_data: cms.SignedData,
    content_type: str,
    signed: bytes,
    known: Iterable[x509.Certificate],
    *,
    fits: bool,
    time: datetime | None = None,
    content_digest: str | None = None,
) -> Token:
    # The name of the content type is outside the signature; the signed attribute repeats it.
    fits = fits and signed_data["encap_content_info"]["content_type"].native == content_type
    info, brought = signed_data["signer_infos"][0], certificates_in(signed_data)
    signer = find_signer(info, (*brought, *known))
    genuine = signer is not None and is_by(info, signer, signed)
    if info["signed_attrs"] is core.VOID and signer is not None:
        fits = fits and genuine  # nothing else states the digest
    return Token(
        signed_data,
        signer,
        tuple(other for other in brought if other is not signer),
        fits and is_over(info, content_type, signed),
        genuine,
        time,
        content_digest,
    )


def signature_timestamps(signer_info: cms.SignerInfo) -> list[cms.SignedData]:
    """Return the signature timestamps of a seal that can be read (ETSI EN 319 122-1, 5.3)."""
    return _contained(attributes.unsigned(signer_info), attributes.SIGNATURE_TIMESTAMP)


def read_signature_timestamps(
    token: Token, known: Iterable[x509.Certificate] = ()
) -> tuple[Token, ...]:
    """Read every signature timestamp of a seal, oldest first (ETSI EN 319 122-1, 5.3).

    Their imprint is of the signature's value. What cannot be read proves nothing and is left out;
    :func:`~signing.validation.cms_value.framing.is_framed` reports it.
    """
    known = (*token.certificates, *known)
    value = token.signer_info["signature"].native
    return _oldest_first(signature_timestamps(token.signer_info), digester([value]), known)


def read_content_timestamps(
    token: Token, digest: Digest, known: Iterable[x509.Certificate] = ()
) -> tuple[Token, ...]:
    """Read every content timestamp of a seal, oldest first (ETSI EN 319 122-1, 5.2.8): the seal was
    made after it.

    Its imprint is of the sealed bytes, whose digest `digest` computes. What cannot be read is left
    out.
    """
    stamps = _contained(attributes.signed(token.signer_info), attributes.CONTENT_TIMESTAMP)
    return _oldest_first(stamps, digest, (*token.certificates, *known))


def _contained(read: list[tuple[str, list[bytes]]], oid: str) -> list[cms.SignedData]:
    tokens = []
    for value in attributes.values(read, oid):
        with suppress(NotCms):
            tokens.append(read_signed_data(value))
    return tokens


def _oldest_first(
    stamps: Iterable[cms.SignedData], digest: Digest, known: tuple[x509.Certificate, ...]
) -> tuple[Token, ...]:
    tokens = []
    for stamp in stamps:
        with suppress(NotCms):
            token = read_timestamp(stamp, digest, known)
            assert token.time is not None  # genTime is not optional
            tokens.append((token.time, token))
    return tuple(token for _, token in sorted(tokens, key=itemgetter(0)))


def token_facts(token: Token, chain: ChainFacts | None) -> TokenFacts:
    """Return what is found about a token whose certificate's chain is `chain`."""
    info = token.signer_info
    digest_algorithm = info["digest_algorithm"]["algorithm"].native
    if token.content_digest is not None and not is_strong_digest(token.content_digest):
        digest_algorithm = token.content_digest
    return TokenFacts(
        certificate=certificate_facts(token.certificate) if token.certificate else None,
        digest_algorithm=digest_algorithm,
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
        common_name=subject.get("common_name"),
    )
