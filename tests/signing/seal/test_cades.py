"""The detached signature of packets: everything to validate it offline, in one DER file."""

import hashlib
from datetime import UTC, datetime

import pytest
from asn1crypto import cms, ocsp

from archive.base.errors import Unavailable
from signing.cades import sign_detached
from signing.seal import Sealer
from signing.timestamps import check_token_signature, token_info
from tests.fixtures.pki import RunningPki

CLAIMED = datetime(2026, 11, 22, 7, 30, 15, 999_000, tzinfo=UTC)
DATA = b"<asic:ASiCManifest/>"


def _signed_data(sealer: Sealer) -> cms.SignedData:
    content = cms.ContentInfo.load(
        sign_detached(DATA, sealer.signing_context, claimed_at=CLAIMED), strict=True
    )
    assert content["content_type"].native == "signed_data"
    return content["content"]


def test_it_brings_every_certificate_but_roots(sealer: Sealer) -> None:
    certificates = [certificate.chosen for certificate in _signed_data(sealer)["certificates"]]
    names = sorted(
        certificate.subject.native["common_name"].rsplit(" ", 1)[0] for certificate in certificates
    )
    assert names == [
        "TEST Bệnh viện Mẫu",
        "TEST Kho Issuing CA",
        "TEST Kho TSA",
        "TEST Kho Timestamp CA",
    ]


def test_it_brings_crls_and_the_ocsp_response_and_so_is_version_5(sealer: Sealer) -> None:
    signed_data = _signed_data(sealer)
    crls = [crl for crl in signed_data["crls"] if crl.name != "other"]
    (other,) = [crl.chosen for crl in signed_data["crls"] if crl.name == "other"]
    assert signed_data["version"].native == "v5"
    assert len(crls) == 2
    assert other["other_rev_info_format"].native == "ocsp_response"
    response = ocsp.OCSPResponse.load(other["other_rev_info"].dump())
    assert response.response_data["responses"][0]["cert_status"].name == "good"


def test_its_attributes_are_those_of_cades(sealer: Sealer) -> None:
    signed_data = _signed_data(sealer)
    (signer,) = signed_data["signer_infos"]
    attributes = {
        attribute["type"].native: attribute["values"][0] for attribute in signer["signed_attrs"]
    }
    assert set(attributes) == {
        "content_type",
        "message_digest",
        "signing_certificate_v2",
        "signing_time",
    }
    assert attributes["message_digest"].native == hashlib.sha256(DATA).digest()
    assert attributes["signing_time"].native == CLAIMED.replace(microsecond=0)
    assert signed_data["encap_content_info"]["content"].native is None


def test_its_timestamp_is_over_the_signature_value(sealer: Sealer) -> None:
    (signer,) = _signed_data(sealer)["signer_infos"]
    (attribute,) = signer["unsigned_attrs"]
    token = attribute["values"][0]
    check_token_signature(token)
    imprint = token_info(token)["message_imprint"]["hashed_message"].native
    assert imprint == hashlib.sha256(signer["signature"].native).digest()


def test_without_services_nothing_is_signed(sealer: Sealer, test_pki: RunningPki) -> None:
    test_pki.stop()
    with pytest.raises(Unavailable):
        sign_detached(DATA, sealer.signing_context, claimed_at=CLAIMED)
