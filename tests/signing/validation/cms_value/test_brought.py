"""What a CMS brings as evidence, wherever makers put it."""

import pytest
from asn1crypto import cms, core, crl, ocsp, x509

from signing.validation.cms_value import attributes
from signing.validation.cms_value.brought import brought_evidence
from signing.validation.cms_value.container import read_container
from tests.signing.validation.authority import NOW, Authority
from tests.signing.validation.cms_value.makers import Maker, attribute, certificate, timestamp, tlv
from tests.signing.validation.responders import response

AUTHORITY = Authority()
CRL = AUTHORITY.crls(NOW)[0]
OTHER = certificate("p256", "TEST Other")


@pytest.fixture(scope="module")
def answer() -> ocsp.OCSPResponse:
    return ocsp.OCSPResponse.load(response(AUTHORITY, NOW))


def brought(maker: Maker) -> tuple[list[bytes], list[bytes], list[bytes]]:
    evidence = brought_evidence(read_container(maker.make()).signed_data)
    return (
        [each.dump() for each in evidence.certificates],
        [each.dump() for each in evidence.crls],
        [each.dump() for each in evidence.ocsps],
    )


def test_certificates_of_the_signature_and_of_its_timestamps_are_brought() -> None:
    stamp = attribute("signature_time_stamp_token", timestamp(b"x", Maker("p256")))
    certificates, crls, ocsps = brought(Maker(unsigned=[stamp]))
    assert certificates == [certificate("rsa").dump(), certificate("p256").dump()]
    assert (crls, ocsps) == ([], [])


def test_crls_and_ocsp_responses_of_signed_data_are_brought(answer: ocsp.OCSPResponse) -> None:
    whole = cms.RevocationInfoChoice(
        name="other",
        value={"other_rev_info_format": "ocsp_response", "other_rev_info": answer},
    )
    basic = core.Any.load(
        tlv(
            0xA1,
            core.ObjectIdentifier("1.3.6.1.5.5.7.48.1.1").dump(),
            answer["response_bytes"]["response"].parsed.dump(),
        )
    )
    listed = cms.RevocationInfoChoice(name="crl", value=crl.CertificateList.load(CRL))
    _, crls, ocsps = brought(Maker(version="v5", crls=[listed, whole, basic]))
    assert (crls, ocsps) == ([CRL], [answer.dump()])


def test_what_adobe_archives_is_brought(answer: ocsp.OCSPResponse) -> None:
    archived = tlv(0x30, tlv(0xA0, tlv(0x30, CRL)), tlv(0xA1, tlv(0x30, answer.dump())))
    signed = attribute(attributes.ADOBE_REVOCATION, archived)
    _, crls, ocsps = brought(Maker(more_signed=[signed]))
    assert (crls, ocsps) == ([CRL], [answer.dump()])


def test_values_that_cades_makers_add_are_brought(answer: ocsp.OCSPResponse) -> None:
    basic = answer["response_bytes"]["response"].parsed.dump()
    revocation = tlv(0x30, tlv(0xA0, tlv(0x30, CRL)), tlv(0xA1, tlv(0x30, basic)))
    unsigned = [
        attribute(attributes.REVOCATION_VALUES, revocation),
        attribute(attributes.CERTIFICATE_VALUES, tlv(0x30, OTHER.dump())),
    ]
    certificates, crls, ocsps = brought(Maker(unsigned=unsigned))
    assert certificates == [certificate("rsa").dump(), OTHER.dump()]
    assert (crls, ocsps) == ([CRL], [answer.dump()])


@pytest.mark.parametrize(
    "value", [b"\x05\x00", b"\x30\x00", b"\x30\x04\xa0\x02\x05\x00", b"\x30\x04\xa0\x02\x04\x00"]
)
def test_what_cannot_be_parsed_is_left_out(value: bytes) -> None:
    maker = Maker(
        more_signed=[attribute(attributes.ADOBE_REVOCATION, value)],
        unsigned=[
            attribute(attributes.REVOCATION_VALUES, value),
            attribute(attributes.CERTIFICATE_VALUES, value),
        ],
    )
    assert brought(maker) == ([x509.Certificate.dump(certificate("rsa"))], [], [])
