"""The test PKI: plainly TEST, made relative to now, renewed when it expires, and answering wherever
it can.
"""

import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asn1crypto import x509

from signing.fetching import Fetcher
from signing.keys.pkcs12 import load_pkcs12
from signing.testpki.folder import TestPki, TestPkiExpired, open_test_pki
from signing.testpki.make import make_test_pki, renew_test_pki
from signing.testpki.running import ensure_running, free_base_url, stop
from signing.timestamps import TimestampAuthority
from signing.trust import TrustRoots, read_certificates
from tests.fixtures.pki import QUICK

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestPki]:
    """A test PKI whose services may be started."""
    folder = tmp_path_factory.mktemp("pki")
    yield make_test_pki(folder, NOW, "Bệnh viện Mẫu", free_base_url(), QUICK)
    stop(folder)


def _certificates(pki: TestPki) -> list[x509.Certificate]:
    folder = pki.generation_folder / "certificates"
    return [read_certificates(file.read_bytes())[0] for file in folder.iterdir()]


def test_every_subject_says_test(pki: TestPki) -> None:
    for certificate in _certificates(pki):
        names = certificate.subject.native
        assert names["common_name"].startswith("TEST ")
        assert names["organization_name"].startswith("TEST ")
        assert names["organizational_unit_name"] == "TEST - no legal value"


def test_certificates_are_valid_from_yesterday_for_two_years(pki: TestPki) -> None:
    for certificate in _certificates(pki):
        assert certificate.not_valid_before == NOW - timedelta(days=1)
        assert certificate.not_valid_after >= pki.expires_at
    assert pki.expires_at - NOW > timedelta(days=700)


def test_only_the_ocsp_responder_is_exempt_from_revocation(pki: TestPki) -> None:
    exempt = {
        c.subject.native["common_name"][:9]
        for c in _certificates(pki)
        if c.ocsp_no_check_value is not None
    }
    assert exempt == {"TEST Kho "}
    assert sum(c.ocsp_no_check_value is not None for c in _certificates(pki)) == 1
    for certificate in _certificates(pki):
        pointless = certificate.self_signed != "no" or certificate.ocsp_no_check_value is not None
        assert pointless or certificate.crl_distribution_points


def test_secrets_are_for_their_owner_only(pki: TestPki) -> None:
    secret = [pki.p12_path, pki.passphrase_path, *(pki.generation_folder / "keys").iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in secret} == {0o600}
    load_pkcs12(pki.p12_path.read_bytes(), pki.passphrase, NOW)


def test_a_long_facility_name_is_cut_to_what_x509_allows(tmp_path: Path) -> None:
    pki = make_test_pki(
        tmp_path, NOW, "Bệnh viện " + "rất " * 40 + '"tên": {lạ}', free_base_url(), QUICK
    )
    key = load_pkcs12(pki.p12_path.read_bytes(), pki.passphrase, NOW)
    assert len(key.certificate.subject.native["common_name"]) == 64


def test_an_expired_test_pki_explains_itself_and_renews(tmp_path: Path) -> None:
    old = make_test_pki(
        tmp_path, NOW - timedelta(days=800), "Bệnh viện Mẫu", free_base_url(), QUICK
    )
    with pytest.raises(TestPkiExpired) as expired:
        open_test_pki(tmp_path, NOW)
    assert "kho init --demo" in expired.value.explain("vi")
    first = old.trust_path.read_bytes()
    renewed = renew_test_pki(tmp_path, NOW, QUICK)
    assert open_test_pki(tmp_path, NOW) == renewed
    assert (renewed.generation, renewed.base_url) == (2, old.base_url)
    assert renewed.trust_path.read_bytes().endswith(first), (
        "what was sealed before stays verifiable"
    )
    assert len(TrustRoots.from_files(renewed.trust_path).anchors) == 2
    load_pkcs12(renewed.p12_path.read_bytes(), renewed.passphrase, NOW)


def test_a_test_pki_never_replaces_another(pki: TestPki) -> None:
    with pytest.raises(FileExistsError):
        make_test_pki(pki.folder, NOW, "X", free_base_url())


def test_services_start_once_and_keep_their_address(pki: TestPki) -> None:
    first = ensure_running(pki.folder)
    assert first == pki.base_url
    assert ensure_running(pki.folder) == first
    stop(pki.folder)
    stop(pki.folder)
    assert ensure_running(pki.folder) == first


def test_a_taken_port_is_worked_around(pki: TestPki) -> None:
    stop(pki.folder)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", urlsplit(pki.base_url).port or 0))
        other.listen()
        elsewhere = ensure_running(pki.folder)
        assert elsewhere != pki.base_url
        fetcher = Fetcher(timeout=5, reroute={pki.base_url: elsewhere})
        TimestampAuthority(pki.tsa_url, TrustRoots.from_files(pki.trust_path), fetcher).timestamp(
            bytes(32)
        )
        fetcher.close()
        stop(pki.folder)


def test_a_renewed_test_pki_takes_over_from_the_running_one(tmp_path: Path) -> None:
    old = make_test_pki(tmp_path, NOW, "Bệnh viện Mẫu", free_base_url(), QUICK)
    ensure_running(tmp_path)
    new = renew_test_pki(tmp_path, NOW, QUICK)
    assert ensure_running(tmp_path) == old.base_url
    fetcher = Fetcher(timeout=5)
    stamp = TimestampAuthority(
        new.tsa_url, TrustRoots.from_files(new.trust_path), fetcher
    ).timestamp(bytes(32))
    fetcher.close()
    stop(tmp_path)
    assert new.tag in stamp.path[0].subject.native["common_name"]
