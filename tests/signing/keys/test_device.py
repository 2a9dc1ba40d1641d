"""A key in a token: how it is found there, how it signs, and what happens when it goes away."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography import x509 as crypto_x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_public_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from archive.base.errors import KhoError
from signing.baseline import BaselineLevel
from signing.errors import DeviceAway, KeyRefused
from signing.keys.pkcs11.device import Device, list_tokens
from signing.seal import Sealer
from signing.trust import read_certificates
from signing.validation.validate import validate
from tests.fixtures.pki import RunningPki
from tests.fixtures.softhsm import KEY, LABEL, SoftToken
from tests.judges import pdfsig
from tests.waiting import until

NOW = datetime.now(UTC)
DATA = b"what is signed" * 20


@pytest.fixture
def device(seal_token: SoftToken) -> Iterator[Device]:
    with closing(Device(seal_token.place())) as opened:
        yield opened


def verify(certificate: x509.Certificate, value: bytes) -> None:
    public = load_der_public_key(certificate.public_key.dump())
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(value, DATA, padding.PKCS1v15(), SHA256())


def refusal(token: SoftToken, /, **names: str) -> KhoError:
    """Return what the key of these names is refused with."""
    with closing(Device(token.place(**names))) as device, pytest.raises(KhoError) as refused:
        device.key(NOW)
    return refused.value


def test_a_key_in_a_token_signs_as_the_same_key_in_a_file_does(
    seal_token: SoftToken, test_pki: RunningPki
) -> None:
    issuers = test_pki.key().chain
    with closing(Device(seal_token.place(), issuers)) as device:
        key = device.key(NOW)
        assert key.certificate.dump() == test_pki.key().certificate.dump()
        assert [each.dump() for each in key.chain] == [each.dump() for each in issuers]
        assert key.sign(DATA) == test_pki.key().sign(DATA)


def test_the_vendors_library_is_loaded_in_a_child_only(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHO_VAULT__SECRET_KEY", "a secret of the store")
    verify(device.key(NOW).certificate, device.sign(DATA))
    assert "softhsm" not in Path("/proc/self/maps").read_text()
    assert "softhsm" in Path(f"/proc/{device.pid}/maps").read_text()
    assert "a secret" not in Path(f"/proc/{device.pid}/environ").read_text()


@pytest.mark.parametrize("mechanisms", ["CKM_RSA_PKCS", "CKM_SHA256_RSA_PKCS"])
def test_a_token_signs_with_either_mechanism(seal_token: SoftToken, mechanisms: str) -> None:
    seal_token.offer(mechanisms)
    with closing(Device(seal_token.place())) as device:
        verify(device.key(NOW).certificate, device.sign(DATA))


def test_a_key_of_4096_bits_signs(soft_token: SoftToken) -> None:
    key = rsa.generate_private_key(65537, 4096)
    name = crypto_x509.Name([crypto_x509.NameAttribute(NameOID.COMMON_NAME, "TEST 4096")])
    certificate = (
        crypto_x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, SHA256())
    )
    p12 = pkcs12.serialize_key_and_certificates(
        None, key, certificate, None, BestAvailableEncryption(b"x")
    )
    soft_token.add(p12, b"x")
    with closing(Device(soft_token.place())) as device:
        verify(device.key(NOW).certificate, device.sign(DATA))


def test_a_token_without_either_mechanism_is_refused(seal_token: SoftToken) -> None:
    seal_token.offer("CKM_SHA512_RSA_PKCS")
    assert "neither" in str(refusal(seal_token))


@pytest.mark.parametrize(
    "names",
    [{"key": "id:a1"}, {"key": ""}, {"certificate": KEY}, {"certificate": "id:A1"}, {"token": ""}],
)
def test_names_are_labels_or_ids_and_may_be_left_out(
    seal_token: SoftToken, names: dict[str, str]
) -> None:
    with closing(Device(seal_token.place(**names))) as device:
        verify(device.key(NOW).certificate, device.sign(DATA))


@pytest.mark.parametrize(
    ("names", "error", "says"),
    [
        ({"token": "Khác"}, DeviceAway, f"plugged in: {LABEL}"),
        ({"serial": "00"}, DeviceAway, "is not there"),
        ({"key": "khác"}, KeyRefused, "0 signing keys"),
        ({"key": "id:xy"}, KeyRefused, "hexadecimal"),
        ({"certificate": "khác"}, KeyRefused, "no certificate of the name"),
        ({"module": "/nowhere.so"}, KeyRefused, "no PKCS#11 library"),
        ({"module": __file__}, KeyRefused, "cannot load"),
        ({"pin_file": ""}, KeyRefused, "set seal.pkcs11.pin_file"),
        ({"pin_file": "/nowhere"}, KeyRefused, "cannot read the PIN file"),
    ],
)
def test_what_is_not_there_is_named(
    seal_token: SoftToken, names: dict[str, str], error: type[KhoError], says: str
) -> None:
    refused = refusal(seal_token, **names)
    assert type(refused) is error
    assert says in str(refused)


def test_two_keys_want_a_name(seal_token: SoftToken, test_pki: RunningPki) -> None:
    seal_token.add(test_pki.pkcs12("seal-revoked", b"x"), b"x", key="cu", id="b2")
    assert "2 signing keys" in str(refusal(seal_token, key=""))
    with closing(Device(seal_token.place(key="cu"))) as device:
        assert device.key(NOW).certificate.dump() == test_pki.key("seal-revoked").certificate.dump()


def test_a_certificate_of_another_key_is_refused(
    seal_token: SoftToken, test_pki: RunningPki
) -> None:
    seal_token.add(test_pki.pkcs12("seal-revoked", b"x"), b"x", key="cu", id="b2")
    assert "this key's certificate" in str(refusal(seal_token, certificate="cu"))


def test_a_certificate_may_lie_in_the_chains_file(
    seal_token: SoftToken, test_pki: RunningPki
) -> None:
    seal_token.tool("--login", "--pin", "482915", "--delete-object", "--type", "cert", "--id", "a1")
    assert "this key's certificate" in str(refusal(seal_token))
    known = test_pki.key()
    with closing(Device(seal_token.place(), [*known.chain, known.certificate])) as device:
        assert device.key(NOW).certificate.dump() == known.certificate.dump()


def test_a_certificate_that_cannot_seal_is_refused(
    soft_token: SoftToken, test_pki: RunningPki
) -> None:
    soft_token.add(test_pki.pkcs12("seal-expired", b"x"), b"x")
    assert "expired" in str(refusal(soft_token))


def test_a_token_that_is_pulled_and_put_back_signs_again(
    device: Device, seal_token: SoftToken
) -> None:
    key = device.key(NOW)
    seal_token.pull()
    for request in (key.require_present, lambda: key.sign(DATA)):
        with pytest.raises(DeviceAway):
            request()
    seal_token.put_back()
    key.require_present()
    verify(key.certificate, key.sign(DATA))


def test_a_token_that_was_away_between_two_seals_is_not_noticed(
    device: Device, seal_token: SoftToken
) -> None:
    key, before = device.key(NOW), device.pid
    seal_token.pull()
    with pytest.raises(DeviceAway):
        key.require_present()
    seal_token.put_back()
    verify(key.certificate, key.sign(DATA))
    assert device.pid != before


def test_a_library_that_crashes_is_replaced(device: Device) -> None:
    key = device.key(NOW)
    assert device.pid is not None
    os.kill(device.pid, signal.SIGKILL)
    verify(key.certificate, key.sign(DATA))


def test_a_library_that_hangs_is_killed_and_replaced(seal_token: SoftToken) -> None:
    with closing(Device(seal_token.place(), sign_seconds=0.5)) as device:
        key, hung = device.key(NOW), device.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        verify(key.certificate, key.sign(DATA))
        assert not Path(f"/proc/{hung}").exists()


def test_another_certificate_in_a_running_process_is_refused(
    device: Device, seal_token: SoftToken, test_pki: RunningPki
) -> None:
    key = device.key(NOW)
    for kind in ("privkey", "pubkey", "cert"):
        seal_token.tool(
            "--login", "--pin", "482915", "--delete-object", "--type", kind, "--id", "a1"
        )
    seal_token.add(test_pki.pkcs12("seal-revoked", b"x"), b"x")
    with pytest.raises(KeyRefused, match="another certificate"):
        key.sign(DATA)


HOLDER = """
import sys, time
from datetime import UTC, datetime
from signing.keys.pkcs11.device import Device
from signing.keys.pkcs11.place import Place
device = Device(Place.from_json(sys.argv[1]))
device.key(datetime.now(UTC))
print(device.pid, flush=True)
sys.stdin.read()
"""


def test_the_child_ends_with_its_parent(seal_token: SoftToken) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, seal_token.place().to_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        until(lambda: not Path(f"/proc/{child}/exe").exists(), "the end of the child")


def test_a_module_shows_its_names_without_a_pin(seal_token: SoftToken) -> None:
    (token,) = list_tokens(seal_token.place(pin_file="", token="", key=""))
    assert (token["token"], token["pin"]) == (LABEL, "ok")
    shown = {item["kind"]: item for item in token["objects"]}
    assert shown["certificate"]["label"] == KEY
    assert shown["certificate"]["id"] == "a1"
    assert "TEST Bệnh viện Mẫu Kho" in shown["certificate"]["subject"]


def test_a_seal_of_a_token_is_b_lta_and_valid(
    seal_token: SoftToken, test_pki: RunningPki, paper_pdf: bytes, tmp_path: Path
) -> None:
    more = read_certificates(test_pki.trust_path.read_bytes())
    with (
        closing(Device(seal_token.place(), [*more, *test_pki.key().chain])) as device,
        test_pki.open_sealer() as other,
    ):
        parts = other.signing_context
        sealer = Sealer(device.key(NOW), parts.trust, parts.tsa, parts.revocation, parts.clock)
        sealed = sealer.seal(paper_pdf, claimed_at=NOW)
    assert sealed.level is BaselineLevel.B_LTA
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed.data)
    assert pdfsig.judge(file)[0].valid
    assert validate(sealed.data, test_pki.trust).verdict == "valid"
