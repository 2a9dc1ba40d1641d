"""The parts of a CMS signature that its own signature does not cover (RFC 5652, 5.1 and 5.3).

The value of a file's last signature lies in a gap that nothing covers. Its signed attributes and
contents are kept by its own mathematics; version, algorithm identifiers and certificates are not.
Each must be what RFC 5652 allows, and nothing may differ by a byte or so from what is known, for
that is a change, not another maker's form. Then no byte of a file in Kho's form can be changed
unnoticed.

In other makers' forms some bytes can: what nothing needs. These are the version of a signature by
key identifier (1 and 3 are both written), a list of several digest algorithms, the inside of
unknown unsigned attributes, and certificates and CRLs whose issuer is not known, attribute
certificates among them.
"""

from collections.abc import Mapping, Sequence

from asn1crypto import algos, cms, core, x509
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext

from signing.validation.certificates.evidence import evidence_of
from signing.validation.cms_value import attributes, ber
from signing.validation.cms_value.container import NotCms, read_signed_data
from signing.validation.cms_value.digests import digester
from signing.validation.cms_value.signer import certificates_in, find_signer
from signing.validation.cms_value.tokens import Token, read_timestamp, signature_timestamps

# A signature or timestamp brings a handful. Each is held against each of its own issuer's name, by
# public-key mathematics: hostile hundreds of one name would take minutes.
MOST_CERTIFICATES = 32
# Fewer bytes than the signature of a certificate has: two certificates differ in more.
_CHANGED_BYTES = 8
_NULL = b"\x05\x00"
_PLAIN, _V1_ATTRIBUTES, _V2_ATTRIBUTES, _OTHER = 0x30, 0xA1, 0xA2, 0xA3  # RFC 5652, 10.2.2
_OTHER_REVOCATION = 0xA1  # RFC 5652, 10.2.1


def is_framed(token: Token, peers: Sequence[Token], known: Sequence[x509.Certificate] = ()) -> bool:
    """Tell whether every unsigned part of `token`, and of its signature timestamps, is as it must
    be, certificates apart.

    `peers` are other tokens of the file: a timestamp by the same certificate must name the same
    algorithm, since RSA has two names for one thing. `known` are further certificates among which
    an authority's may be.
    """
    known = (*token.certificates, *known)
    return _has_timestamps_only_by_name(token) and all(
        _is_framed(data, known, peers) for data in _nested(token)
    )


def is_vouched_for(token: Token, known: Sequence[x509.Certificate]) -> bool:
    """Tell whether no certificate in `token`, or in its timestamps, was changed: its issuer, in it
    or among `known`, signed it; where its issuer is not there, it is no changed copy of another.

    `known` are all certificates of the file that lie elsewhere, and the trusted roots. False for
    more than :data:`MOST_CERTIFICATES` in one of them.
    """
    nested = _nested(token)
    brought = (certificate for data in nested for certificate in certificates_in(data))
    known = (*token.certificates, *known, *brought)
    return all(_are_unchanged(data, known) for data in nested)


def is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether `issuer` signed `certificate`; False for an algorithm that is not known."""
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
            SignatureValidationContext(contextual_md_algorithm=None, prehashed=False),
        )
    except MemoryError:
        raise  # says nothing about the certificate
    except Exception:  # noqa: BLE001 - another kind of key, curve or parameters: many kinds of errors
        return False
    return True


def _nested(token: Token) -> list[cms.SignedData]:
    return [token.signed_data, *signature_timestamps(token.signer_info)]


def _is_framed(
    data: cms.SignedData, known: Sequence[x509.Certificate], peers: Sequence[Token]
) -> bool:
    info = data["signer_infos"][0]
    return (
        data["version"].native in _versions(data)
        and _names_digest(data)
        and _lists_revocation(data)
        and all(_parameters(info[name]) for name in ("digest_algorithm", "signature_algorithm"))
        and _names_signer(info, (*certificates_in(data), *known), peers, data)
    )


def _versions(data: cms.SignedData) -> set[str]:
    """Return the version that RFC 5652, 5.1 prescribes; and 1 over plain data, which makers of
    PKCS#7 (RFC 2315) always write.
    """
    brought = {value[0] for value in _members(data["certificates"])}
    plain = data["encap_content_info"]["content_type"].native == "data"
    if _OTHER in brought or _OTHER_REVOCATION in {value[0] for value in _members(data["crls"])}:
        ruled = "v5"
    elif _V2_ATTRIBUTES in brought:
        ruled = "v4"
    elif (
        _V1_ATTRIBUTES in brought or data["signer_infos"][0]["version"].native == "v3" or not plain
    ):
        ruled = "v3"
    else:
        ruled = "v1"
    return {ruled, "v1"} if plain else {ruled}


def _members(choices: core.SetOf | core.Void) -> list[bytes]:
    return [] if choices is core.VOID else ber.values(choices.contents)


def _names_digest(data: cms.SignedData) -> bool:
    """Tell whether the digest algorithms may be what they are: RFC 5652, 5.1 allows none, and any
    number of them. A single algorithm that is not the signer's may be a changed byte.
    """
    listed = list(data["digest_algorithms"])
    own = data["signer_infos"][0]["digest_algorithm"]["algorithm"].dotted
    named = [algorithm["algorithm"].dotted for algorithm in listed]
    return (len(named) != 1 or named == [own]) and all(map(_parameters, listed))


def _lists_revocation(data: cms.SignedData) -> bool:
    """Tell whether the CRLs of a CMS can be read as what they are (RFC 5652, 10.2.1)."""
    crls = {value for value in _members(data["crls"]) if value[0] != _OTHER_REVOCATION}
    return len(evidence_of(crls=crls).crls) == len(crls)


def _parameters(algorithm: core.Sequence) -> bool:
    """Digests, PKCS#1 v1.5, ECDSA and EdDSA take NULL or nothing. RSASSA-PSS takes digests, and a
    number that says nothing (RFC 4055, 3.1); its use checks the rest.
    """
    parameters = algorithm["parameters"]
    if isinstance(parameters, algos.RSASSAPSSParams):
        mask = parameters["mask_gen_algorithm"]
        return (
            int(parameters["trailer_field"]) == 1
            and _parameters(parameters["hash_algorithm"])
            and isinstance(mask["parameters"], algos.DigestAlgorithm)
            and _parameters(mask["parameters"])
        )
    return parameters is core.VOID or parameters.dump() in (b"", _NULL)


def _names_signer(
    info: cms.SignerInfo,
    certificates: Sequence[x509.Certificate],
    peers: Sequence[Token],
    data: cms.SignedData,
) -> bool:
    """Tell whether the signer is named by its identifier's own version (RFC 5652, 5.3), and as the
    certificate names itself, though readers compare names without regard to case.
    """
    by_name = info["sid"].name == "issuer_and_serial_number"
    if info["version"].native != ("v1" if by_name else "v3"):
        return False
    signer = find_signer(info, certificates)
    if signer is None:
        return True  # which the verdict reports for itself
    if by_name and not _names(info["sid"].chosen, signer):
        return False
    return data["encap_content_info"]["content_type"].native == "data" or _names_algorithm(
        info, signer, peers
    )


def _names(named: cms.IssuerAndSerialNumber, signer: x509.Certificate) -> bool:
    """Tell whether the issuer is named in the same letters. Makers encode names in their own way,
    so string types may differ; one other byte is no other way but a change.
    """
    issuer, own = named["issuer"].dump(), signer.issuer.dump()
    return issuer == own or (
        named["issuer"].native == signer.issuer.native and _differing_bytes(issuer, own) != 1
    )


def _names_algorithm(
    info: cms.SignerInfo, signer: x509.Certificate, peers: Sequence[Token]
) -> bool:
    return all(
        peer.signer_info["signature_algorithm"].dump() == info["signature_algorithm"].dump()
        for peer in peers
        if peer.time is not None
        and peer.certificate is not None
        and peer.certificate.sha256 == signer.sha256
        # the same digest: else it is no other name but another algorithm
        and peer.signer_info["digest_algorithm"].dump() == info["digest_algorithm"].dump()
    )


def _has_timestamps_only_by_name(token: Token) -> bool:
    """Tell whether each signature timestamp can be read, and no attribute of another name holds
    a timestamp of this signature.
    """
    imprint = digester([token.signer_info["signature"].native])
    for kind, values in attributes.unsigned(token.signer_info):
        if kind == attributes.MICROSOFT_TIMESTAMP:
            continue
        for value in values:
            try:
                stamp = read_timestamp(read_signed_data(value), imprint)
            except NotCms:
                stamp = None
            stamps_this = stamp is not None and stamp.integrity
            if (stamp is None and kind == attributes.SIGNATURE_TIMESTAMP) or (
                stamps_this and kind != attributes.SIGNATURE_TIMESTAMP
            ):
                return False
    return True


def _are_unchanged(data: cms.SignedData, known: Sequence[x509.Certificate]) -> bool:
    members = _members(data["certificates"])
    if len(members) > MOST_CERTIFICATES:
        return False
    read = {certificate.dump(): certificate for certificate in known}
    return all(_is_unchanged(member, read.get(member), read) for member in members)


def _is_unchanged(
    member: bytes, certificate: x509.Certificate | None, known: Mapping[bytes, x509.Certificate]
) -> bool:
    """Judge one member of `SignedData.certificates`; `certificate` is None where it is none that
    can be parsed.
    """
    if certificate is not None:
        issuers = [other for other in known.values() if _may_have_issued(other, certificate)]
        if issuers:
            return any(is_signed_by(certificate, issuer) for issuer in issuers)
    return not any(0 < _differing_bytes(member, other) <= _CHANGED_BYTES for other in known)


def _may_have_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Tell whether `issuer` has the name that `certificate` gives, and not another key than it says
    (RFC 5280, 4.2.1.1): a CA may have renewed its key.
    """
    asked, own = certificate.authority_key_identifier, issuer.key_identifier
    return issuer.subject.dump() == certificate.issuer.dump() and (
        asked is None or own is None or asked == own
    )


def _differing_bytes(value: bytes, other: bytes) -> int:
    """Return in how many places two values differ; more than there are where they are not of one
    length.
    """
    if len(value) != len(other):
        return max(len(value), len(other)) + 1
    return sum(left != right for left, right in zip(value, other, strict=True))
