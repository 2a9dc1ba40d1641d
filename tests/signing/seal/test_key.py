"""Keys from PKCS#12: what is refused, in words that a person can act on."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from signing.errors import KeyRefused
from signing.keys.pkcs12 import load_pkcs12
from tests.fixtures.pki import RunningPki


def test_a_seal_brings_its_chain_from_its_issuer_up(test_pki: RunningPki) -> None:
    key = load_pkcs12(test_pki.p12_path.read_bytes(), test_pki.passphrase, datetime.now(UTC))
    names = [
        certificate.subject.native["common_name"] for certificate in (key.certificate, *key.chain)
    ]
    assert names == [
        "TEST Bệnh viện Mẫu Kho",
        *(f"TEST Kho {ca} {test_pki.pki.tag}" for ca in ("Issuing CA", "Root CA")),
    ]


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("seal-expired", "expired on"),
        ("seal-future", "not valid before"),
        ("seal-short", "2048 bits"),
        ("seal-encipher", "not issued for signing"),
    ],
)
def test_a_certificate_that_cannot_seal_is_refused(
    test_pki: RunningPki, label: str, says: str
) -> None:
    with pytest.raises(KeyRefused, match=says):
        load_pkcs12(test_pki.pkcs12(label, b"x"), b"x", datetime.now(UTC))


@pytest.mark.parametrize("damage", [b"", b"no PKCS#12", bytes(2_000_000)])
def test_what_is_no_pkcs12_is_refused(damage: bytes) -> None:
    with pytest.raises(KeyRefused):
        load_pkcs12(damage, b"x", datetime.now(UTC))


def test_a_wrong_passphrase_is_refused(test_pki: RunningPki) -> None:
    with pytest.raises(KeyRefused, match="the passphrase is wrong") as refused:
        load_pkcs12(test_pki.p12_path.read_bytes(), b"wrong", datetime.now(UTC))
    assert "sai mật khẩu" in refused.value.explain("vi")


def test_a_file_without_key_is_refused(test_pki: RunningPki) -> None:
    content = pkcs12.load_pkcs12(test_pki.pkcs12("seal", b"x"), b"x")
    assert content.cert is not None
    keyless = pkcs12.serialize_key_and_certificates(
        None, None, None, [content.cert.certificate], BestAvailableEncryption(b"x")
    )
    with pytest.raises(KeyRefused, match="no key"):
        load_pkcs12(keyless, b"x", datetime.now(UTC))


def test_a_key_that_expires_in_a_running_process_stops_sealing(test_pki: RunningPki) -> None:
    key = load_pkcs12(test_pki.p12_path.read_bytes(), test_pki.passphrase, datetime.now(UTC))
    with pytest.raises(KeyRefused, match="expired on"):
        key.check(datetime(2040, 1, 1, tzinfo=UTC))
