"""The parts of a CMS signature that its own signature does not cover (RFC 5652, 5.1 and 5.3).

The value of a file's last signature lies in a gap that nothing covers. Its signed attributes and
contents are kept by its own mathematics; version, algorithm identifiers and certificates are not,
so each must be the one thing that it can be. Then no byte of the file can be changed without being
noticed.
"""

from collections.abc import Iterable, Sequence

from asn1crypto import cms, core, x509
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext

from signing.validation.cms_value.tokens import Token, signature_timestamps

# A signature or timestamp brings a handful. Each is held against each of its own issuer's name, by
# public-key mathematics: hostile hundreds of one name would take minutes.
MOST_CERTIFICATES = 32
_NULL = b"\x05\x00"


def is_framed(token: Token, peers: Sequence[Token]) -> bool:
    """Tell whether every unsigned part of `token`, and of its timestamps, is as it must be,
    certificates apart.

    `peers` are other tokens of the file: one by the same certificate must name the same algorithm,
    since RSA has two names for one thing.
    """
    return all(
        _is_framed(data, peers, stamps_allowed=data is token.signed_data) for data in _nested(token)
    )


def is_vouched_for(token: Token, known: Sequence[x509.Certificate]) -> bool:
    """Tell whether each certificate in `token`, and in its timestamps, was signed by one in it or
    by one of `known`.

    False for more than :data:`MOST_CERTIFICATES` in one of them.
    """
    return all(
        len(certificates) <= MOST_CERTIFICATES
        and all(
            _is_vouched_for(certificate, [*known, *certificates]) for certificate in certificates
        )
        for certificates in map(_certificates, _nested(token))
    )


def _nested(token: Token) -> list[cms.SignedData]:
    return [token.signed_data, *signature_timestamps(token.signer_info)]


def _certificates(data: cms.SignedData) -> list[x509.Certificate]:
    return [
        certificate.chosen
        for certificate in data["certificates"]
        if certificate.name == "certificate"
    ]


def _is_framed(data: cms.SignedData, peers: Sequence[Token], *, stamps_allowed: bool) -> bool:
    info = data["signer_infos"][0]
    return (
        len(data["signer_infos"]) == 1
        and data["version"].native == _version(data)
        and [algorithm.dump() for algorithm in data["digest_algorithms"]]
        == [info["digest_algorithm"].dump()]
        and all(_parameters(info[name]) for name in ("digest_algorithm", "signature_algorithm"))
        and data["crls"] is core.VOID
        and len(_certificates(data)) == len(data["certificates"])
        and _names_signer(info, _certificates(data), peers)
        and _unsigned(info, allowed=stamps_allowed)
    )


def _version(data: cms.SignedData) -> str:
    """RFC 5652, 5.1, without attribute certificates and CRLs."""
    plain = data["encap_content_info"]["content_type"].native == "data"
    return "v1" if plain and data["signer_infos"][0]["version"].native == "v1" else "v3"


def _parameters(algorithm: core.Sequence) -> bool:
    """Digests and PKCS#1 v1.5 take NULL or nothing; what RSASSA-PSS and others take is checked by
    using it.
    """
    parameters = algorithm["parameters"]
    return (
        algorithm["algorithm"].native == "rsassa_pss"
        or parameters is core.VOID
        or parameters.dump() in (b"", _NULL)
    )


def _names_signer(
    info: cms.SignerInfo, certificates: Iterable[x509.Certificate], peers: Sequence[Token]
) -> bool:
    """The signer is named byte for byte, though readers compare names without regard to case."""
    sid = info["sid"]
    if sid.name != "issuer_and_serial_number" or info["version"].native != "v1":
        return False
    named = sid.chosen
    return any(
        certificate.issuer.dump() == named["issuer"].dump()
        and certificate["tbs_certificate"]["serial_number"].dump() == named["serial_number"].dump()
        and _names_algorithm(info, certificate, peers)
        for certificate in certificates
    )


def _names_algorithm(
    info: cms.SignerInfo, signer: x509.Certificate, peers: Sequence[Token]
) -> bool:
    return all(
        peer.signer_info["signature_algorithm"].dump() == info["signature_algorithm"].dump()
        for peer in peers
        if peer.certificate is not None and peer.certificate.sha256 == signer.sha256
    )


def _unsigned(info: cms.SignerInfo, *, allowed: bool) -> bool:
    attributes = info["unsigned_attrs"]
    return attributes is core.VOID or (
        allowed
        and [attribute["type"].native for attribute in attributes] == ["signature_time_stamp_token"]
    )


def _is_vouched_for(certificate: x509.Certificate, known: Iterable[x509.Certificate]) -> bool:
    """Tell whether a certificate of `known`, or the certificate itself (a root), signed it."""
    return any(
        _signed_by(certificate, other)
        for other in known
        if other.subject.dump() == certificate.issuer.dump()
    )


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    algorithm = certificate["signature_algorithm"]
    # else its last zero bits could be called unused
    whole_octets = certificate["signature_value"].contents[0] == 0
    if not whole_octets or algorithm.dump() != certificate["tbs_certificate"]["signature"].dump():
        return False
    try:
        DefaultSignatureValidator().validate_signature(
            certificate.signature,
            certificate["tbs_certificate"].dump(),
            issuer.public_key,
            algorithm,
            SignatureValidationContext(
                contextual_md_algorithm=algorithm.hash_algo, prehashed=False
            ),
        )
    except InvalidSignature:
        return False
    return True
