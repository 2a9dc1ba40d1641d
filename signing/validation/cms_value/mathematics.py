"""The mathematics of a signature: its digest and its value (RFC 5652, 5.4 and 5.6)."""

import hmac
from typing import Any

from asn1crypto import cms, core, x509
from pyhanko.sign.general import CMSStructuralError
from pyhanko.sign.validation.errors import CMSAlgorithmProtectionError
from pyhanko.sign.validation.generic_cms import validate_algorithm_protection

from signing.algorithms import UnknownAlgorithm, verifies
from signing.validation.cms_value import ber, der
from signing.validation.cms_value.container import NotSupported

_SET = b"\x31"
_TAGGED_0 = 0xA0
_SIGN_CONTENT_WHOLE = ("ed25519", "ed448")  # a digest does not do (RFC 8419, 3.2)


def is_over(info: cms.SignerInfo, content_type: str, digest: bytes) -> bool:
    """Tell whether the signed attributes name content of `content_type` with `digest` (by the
    signer's own digest algorithm); True where there are none: then only the signature's value can
    tell.

    There must be one content-type and one message-digest (RFC 5652, 11.1 and 11.2).
    """
    attributes = info["signed_attrs"]
    if attributes is core.VOID:
        return content_type == "data"  # other content must have them (RFC 5652, 5.3)
    named, stated = _only(attributes, "content_type"), _only(attributes, "message_digest")
    return (
        named is not None
        and stated is not None
        and named.native == content_type
        and hmac.compare_digest(stated.native, digest)
    )


def is_by(info: cms.SignerInfo, certificate: x509.Certificate, digest: bytes) -> bool:
    """Tell whether the value of `info` was made with the key of `certificate`, over the signed
    attributes, or over content with `digest` where there are none (RFC 5652, 5.4).

    Signed attributes must be DER and sorted (5.3). Raises
    :class:`~signing.validation.cms_value.container.NotSupported` for an algorithm that cannot be
    checked.
    """
    if info["signed_attrs"] is core.VOID:
        if info["signature_algorithm"]["algorithm"].native in _SIGN_CONTENT_WHOLE:
            raise NotSupported("EdDSA without signed attributes")
        return _verifies(info, certificate, digest, prehashed=True)
    encoded = _as_signed(info)
    return (
        _is_sorted_der(encoded)
        and _protects_algorithms(info)
        and _verifies(info, certificate, encoded, prehashed=False)
    )


def _as_signed(info: cms.SignerInfo) -> bytes:
    """Return the signed attributes as they were signed: their exact bytes, under the tag of SET OF
    instead of [0] (RFC 5652, 5.4).
    """
    tagged = next(part for part in ber.values(info.contents) if part[0] == _TAGGED_0)
    return _SET + tagged[1:]


def _only(attributes: cms.CMSAttributes, kind: str) -> Any:
    """Return the one value of the one attribute of a kind, or None."""
    of_kind = [attribute for attribute in attributes if attribute["type"].native == kind]
    if len(of_kind) != 1 or len(of_kind[0]["values"]) != 1:
        return None
    return of_kind[0]["values"][0]


def _is_sorted_der(encoded: bytes) -> bool:
    try:
        der.check(encoded)
    except der.NotDer:
        return False
    members = ber.values(ber.contents(encoded))
    return members == sorted(members)


def _protects_algorithms(info: cms.SignerInfo) -> bool:
    """Tell whether the algorithm-protection attribute, where there is one, names the algorithms
    that are used (RFC 6211).
    """
    try:
        validate_algorithm_protection(
            info["signed_attrs"], info["digest_algorithm"], info["signature_algorithm"], None
        )
    except (CMSStructuralError, CMSAlgorithmProtectionError):
        return False
    return True


def _verifies(
    info: cms.SignerInfo, certificate: x509.Certificate, signed: bytes, *, prehashed: bool
) -> bool:
    value, digest = info["signature"].native, info["digest_algorithm"]["algorithm"].native
    algorithm = info["signature_algorithm"]
    try:
        return verifies(
            value, signed, certificate.public_key, algorithm, digest, prehashed=prehashed
        )
    except UnknownAlgorithm as error:
        raise NotSupported(f"the signature algorithm {error}") from error
