"""Attributes of a signer by their OIDs (RFC 5652, 11; ETSI EN 319 122-1, 5; ISO 32000-2, 12.8.3.3).

asn1crypto gives a name to some, and to more of them once other modules are imported.
"""

from collections.abc import Iterator

from asn1crypto import cms, core

from signing.validation.cms_value import ber

SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"  # RFC 2634, 5.4
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"  # RFC 5035, 3
SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"  # RFC 3161, appendix A
CONTENT_TIMESTAMP = "1.2.840.113549.1.9.16.2.20"  # EN 319 122-1, 5.2.8
CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"  # RFC 5126, 6.3.3
REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"  # RFC 5126, 6.3.4
ADOBE_REVOCATION = "1.2.840.113583.1.1.8"  # adbe-revocationInfoArchival
MICROSOFT_TIMESTAMP = "1.3.6.1.4.1.311.3.3.1"  # a signature timestamp by another name


def signed(info: cms.SignerInfo) -> list[tuple[str, list[bytes]]]:
    """Return the signed attributes: each OID, and its values as encoded."""
    return list(_read(info["signed_attrs"]))


def unsigned(info: cms.SignerInfo) -> list[tuple[str, list[bytes]]]:
    """Return the unsigned attributes: each OID, and its values as encoded."""
    return list(_read(info["unsigned_attrs"]))


def values(attributes: list[tuple[str, list[bytes]]], oid: str) -> list[bytes]:
    """Return the values of all attributes of a type."""
    return [value for kind, members in attributes if kind == oid for value in members]


def _read(attributes: cms.CMSAttributes | core.Void) -> Iterator[tuple[str, list[bytes]]]:
    if attributes is core.VOID:
        return
    for attribute in attributes:
        yield attribute["type"].dotted, ber.values(attribute["values"].contents)
