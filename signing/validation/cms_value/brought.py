"""The evidence that a CMS brings: certificates, CRLs and OCSP responses, wherever makers put them.

Kho and DSS use the security store of the PDF. Adobe puts revocation data into a signed attribute
(ISO 32000-2, 12.8.3.3.2), CAdES makers into unsigned ones (RFC 5126, 6.3), others into
`SignedData.crls` (RFC 5652, 10.2.1; RFC 5940).
"""

from collections.abc import Iterable, Iterator

from asn1crypto import cms, core, ocsp

from signing.validation.certificates.evidence import ChainEvidence, evidence_of
from signing.validation.cms_value import attributes, ber
from signing.validation.cms_value.tokens import signature_timestamps

_SEQUENCE, _TAGGED_0, _TAGGED_1 = 0x30, 0xA0, 0xA1
_OCSP_RESPONSE = core.ObjectIdentifier("1.3.6.1.5.5.7.16.2").dump()  # RFC 5940, 2.1
_BASIC_OCSP = core.ObjectIdentifier("1.3.6.1.5.5.7.48.1.1").dump()  # as EU DSS writes it


def brought_evidence(signed_data: cms.SignedData) -> ChainEvidence:
    """Return what a CMS, and each signature timestamp in it, brings; what cannot be parsed is left
    out.
    """
    info = signed_data["signer_infos"][0]
    evidence = ChainEvidence()
    for data in (signed_data, *signature_timestamps(info)):
        evidence = evidence.and_also(_of_one(data))
    return evidence


def _of_one(signed_data: cms.SignedData) -> ChainEvidence:
    info = signed_data["signer_infos"][0]
    signed, unsigned = attributes.signed(info), attributes.unsigned(info)
    certificates = [
        value for value in _members(signed_data, "certificates") if value[0] == _SEQUENCE
    ]
    for value in attributes.values(unsigned, attributes.CERTIFICATE_VALUES):
        certificates += _sequence(value)
    choices = _members(signed_data, "crls")
    crls = [value for value in choices if value[0] == _SEQUENCE]
    ocsps = list(_ocsp_choices(choices))
    for value in (
        *attributes.values(signed, attributes.ADOBE_REVOCATION),
        *attributes.values(unsigned, attributes.ADOBE_REVOCATION),
    ):
        crls += _tagged(value, _TAGGED_0)
        ocsps += _tagged(value, _TAGGED_1)
    for value in attributes.values(unsigned, attributes.REVOCATION_VALUES):
        crls += _tagged(value, _TAGGED_0)
        ocsps += map(_whole_response, _tagged(value, _TAGGED_1))
    return evidence_of(certificates, ocsps, crls)


def _members(signed_data: cms.SignedData, name: str) -> list[bytes]:
    members = signed_data[name]
    return [] if members is core.VOID else ber.values(members.contents)


def _ocsp_choices(choices: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the OCSP responses of `SignedData.crls`: [1] with a format's OID and its value."""
    for choice in choices:
        parts = _sequence(choice) if choice[0] == _TAGGED_1 else []
        if len(parts) == 2 and parts[0] == _OCSP_RESPONSE:
            yield parts[1]
        if len(parts) == 2 and parts[0] == _BASIC_OCSP:
            yield _whole_response(parts[1])


def _tagged(value: bytes, tag: int) -> list[bytes]:
    """Return the members of the SEQUENCE OF under an explicit tag of the SEQUENCE `value`."""
    return [
        member
        for tagged in _sequence(value)
        if tagged[0] == tag
        for sequence in _sequence(tagged)
        for member in _sequence(sequence)
    ]


def _sequence(value: bytes) -> list[bytes]:
    """Return the members of a constructed value; none where it is another."""
    try:
        return ber.values(ber.contents(value))
    except ber.NotBer:
        return []


def _whole_response(basic: bytes) -> bytes:
    """Return the OCSPResponse around a BasicOCSPResponse (RFC 6960, 4.2.1)."""
    return bytes(
        ocsp.OCSPResponse(
            {
                "response_status": "successful",
                "response_bytes": {
                    "response_type": "basic_ocsp_response",
                    "response": core.ParsableOctetString(basic),
                },
            }
        ).dump()
    )
