"""A signature value as a PDF's /Contents holds it (ISO 32000-2, 12.8.3): a ContentInfo in DER or
BER, then padding.

Every SubFilter with a CMS has this form: `ETSI.CAdES.detached`, `adbe.pkcs7.detached`,
`adbe.pkcs7.sha1` and `ETSI.RFC3161`. `adbe.x509.rsa_sha1` has none: its value is an OCTET STRING.
"""

from dataclasses import dataclass

from asn1crypto import cms, core

from signing.validation.cms_value import ber, der

# Adobe's makers put CRLs into the signature; national lists reach several MB each.
MAX_BYTES = 32 << 20
_OCTET_STRING = 0x04


class NotCms(ValueError):
    """The bytes are no CMS SignedData of one signer."""


class NotSupported(NotCms):
    """A signature of a kind, or by an algorithm, that cannot be checked: nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Container:
    """A signature value as read."""

    # Definite lengths throughout; a part that had them keeps its exact bytes.
    signed_data: cms.SignedData
    length: int  # bytes of the value as it lies in /Contents
    is_der: bool
    padding: bytes  # what follows the value: zeros, if the maker followed ISO 32000-2, 12.8.1


def read_container(contents: bytes) -> Container:
    """Read a signature value with its padding.

    Raises :class:`NotCms` where the bytes are no SignedData of one signer, and its kind
    :class:`NotSupported` where they are a signature of another kind (RFC 5652, 5.1;
    ISO 32000-2, 12.8.3.2).
    """
    if len(contents) > MAX_BYTES:
        raise NotCms("too large")
    try:
        value, length = ber.with_definite_lengths(contents)
    except ber.NotBer as error:
        raise NotCms(str(error)) from error
    if value[0] == _OCTET_STRING:
        raise NotSupported("a bare PKCS#1 signature")
    return Container(_signed_data(value), length, _is_der(contents[:length]), contents[length:])


def _is_der(value: bytes) -> bool:
    try:
        der.check(value)
    except der.NotDer:
        return False
    return True


def _signed_data(value: bytes) -> cms.SignedData:
    try:
        content = cms.ContentInfo.load(value, strict=True)
        kind = content["content_type"].native
        if kind == "signed_data":
            signed_data = content["content"]
            signers = _signers(signed_data)
    except Exception as error:  # asn1crypto raises what it likes on other bytes
        raise NotCms("not a ContentInfo with SignedData") from error
    if kind != "signed_data":
        raise NotSupported(f"a CMS of the kind {kind}")
    if signers != 1:
        raise NotSupported(f"a CMS of {signers} signers")
    return signed_data


def _signers(signed_data: cms.SignedData) -> int:
    """Return how many signers there are, after each part that is needed was parsed: asn1crypto
    parses at the first use, and fails only then.
    """
    for part in ("version", "digest_algorithms"):
        signed_data[part].native  # noqa: B018 - parses
    content = signed_data["encap_content_info"]
    content["content_type"].native  # noqa: B018 - as above
    content["content"]
    for name in ("certificates", "crls"):  # their members are read one by one, see contained.py
        signed_data[name]
    for info in signed_data["signer_infos"]:
        _parse_signer(info)
    return len(signed_data["signer_infos"])


def _parse_signer(info: cms.SignerInfo) -> None:
    for part in ("version", "sid", "digest_algorithm", "signature_algorithm", "signature"):
        info[part].native  # noqa: B018 - as above
    if info["signed_attrs"] is not core.VOID:
        info["signed_attrs"].native  # noqa: B018 - as above
    if info["unsigned_attrs"] is not core.VOID:
        for attribute in info["unsigned_attrs"]:
            attribute["type"].native  # noqa: B018 - as above
