"""A signature value as a PDF's /Contents holds it (ISO 32000-2, 12.8.3): a ContentInfo in DER or
BER, then padding.

Every SubFilter with a CMS has this form: `ETSI.CAdES.detached`, `adbe.pkcs7.detached`,
`adbe.pkcs7.sha1` and `ETSI.RFC3161`. `adbe.x509.rsa_sha1` has none: its value is an OCTET STRING.
"""

from dataclasses import dataclass

from asn1crypto import cms, core

from signing.validation.certificates.evidence import parse_now
from signing.validation.cms_value import ber, der

# Adobe's makers put CRLs into the signature; national lists reach several MB each.
MAX_BYTES = 32 << 20
_OCTET_STRING = 0x04
_NEEDED_ATTRIBUTES = (  # the values of others are read one by one
    cms.SetOfContentType,
    cms.SetOfOctetString,
    cms.SetOfTime,
    cms.SetOfCMSAlgorithmProtection,
)


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
    value, length, is_der = _value(contents)
    if value[0] == _OCTET_STRING:
        raise NotSupported("a bare PKCS#1 signature")
    return Container(read_signed_data(value), length, is_der, contents[length:])


def _value(contents: bytes) -> tuple[bytes, int, bool]:
    """Return the value with definite lengths, its length in `contents`, and whether it is DER."""
    try:
        length = der.end_of_value(contents)
        der.check(contents[:length])
    except der.NotDer:
        try:
            return *ber.with_definite_lengths(contents), False
        except ber.NotBer as error:
            raise NotCms(str(error)) from error
    return contents[:length], length, True


def read_signed_data(value: bytes) -> cms.SignedData:
    """Return the SignedData of a ContentInfo with definite lengths, such as a timestamp token in an
    attribute; raises what :func:`read_container` does.
    """
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
    _parse(signed_data, "version", "digest_algorithms")
    _parse(signed_data["encap_content_info"], "content_type")
    for info in signed_data["signer_infos"]:
        _parse(info, "version", "sid", "digest_algorithm", "signature_algorithm", "signature")
        for attribute in (*(info["signed_attrs"] or ()), *(info["unsigned_attrs"] or ())):
            _parse(attribute, "type")
            if isinstance(attribute["values"], _NEEDED_ATTRIBUTES):
                parse_now(attribute["values"])
    return len(signed_data["signer_infos"])


def _parse(sequence: core.Sequence, *names: str) -> None:
    """Parse the parts `names`. Raise :class:`ValueError` where there is a part of no name, which
    asn1crypto passes over.
    """
    parse_now(*(sequence[name] for name in names))
    if sum(sequence[name] is not core.VOID for name in sequence) != len(
        ber.values(sequence.contents)
    ):
        raise ValueError("a part that has no name")
