"""The services of other authorities: a TSA, a responder and CRLs that sign with ECDSA or
RSASSA-PSS.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import ocsp
from asn1crypto import x509 as asn1_x509
from certomancer.registry import CertLabel
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from archive.base.errors import Unavailable
from signing.baseline import BaselineLevel
from signing.errors import CertificateRevoked, SealRefused
from signing.seal import Unsealed
from signing.testpki.make import load_architecture
from signing.trust import Untrusted
from signing.validation.validate import validate
from tests.fixtures.pki import RunningPki, make_running_pki
from tests.signing.seal.lying import Answer, lying
from tests.signing.seal.pdf import read
from tests.signing.validation.authority import NOW as THEN
from tests.signing.validation.certificates.pki import NEW_KEYS, Pki, der

AUTHORITIES = ("root", "issuing-ca", "tsa-ca", "ocsp", "tsa")
ON_CURVES = {"x-key-bits": dict.fromkeys(AUTHORITIES, "P-256")}
BY_PSS = {"signature-algo": "rsassa_pss"}
PSS: dict[str, Any] = {
    "x-key-bits": dict.fromkeys(AUTHORITIES, 2048),
    "pki-architectures": {
        "{arch}": {
            "certs": dict.fromkeys((*AUTHORITIES, "seal"), BY_PSS),
            "services": {
                "ocsp": {"issuing-ca": BY_PSS},
                "time-stamping": {"tsa": BY_PSS},
                "crl-repo": dict.fromkeys(("root", "issuing-ca", "tsa-ca"), BY_PSS),
            },
        }
    },
}
OVERLAYS = {"ecdsa": ON_CURVES, "rsassa_pss": PSS}


@pytest.fixture(scope="module", params=OVERLAYS)
def services(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, RunningPki]]:
    """The algorithm of a PKI's authorities, and that PKI."""
    running = make_running_pki(tmp_path_factory.mktemp("services"), OVERLAYS[request.param])
    yield request.param, running
    running.stop()


@pytest.fixture
def own_pki(tmp_path: Path) -> Iterator[RunningPki]:
    """A test PKI that a test may spoil."""
    running = make_running_pki(tmp_path / "own")
    yield running
    running.stop()


def test_services_of_the_algorithm_are_accepted_and_the_seal_is_valid(
    services: tuple[str, RunningPki], paper_pdf: bytes
) -> None:
    algorithm, pki = services
    with pki.open_sealer() as sealer:
        sealed = sealer.seal_all([Unsealed(paper_pdf, datetime.now(UTC))] * 2)
        papers = [paper.data for paper in sealed]
    for paper in papers:
        report = validate(paper, pki.trust)
        assert (report.verdict, report.level) == ("valid", BaselineLevel.B_LTA), report.reasons.en
    # the test PKI did what it was asked to
    reader = read(papers[0])
    token = reader.embedded_timestamp_signatures[0].signer_info
    assert token["signature_algorithm"].signature_algo == algorithm
    store = reader.root["/DSS"]
    answers = [ocsp.OCSPResponse.load(each.get_object().data) for each in store["/OCSPs"]]
    assert {
        answer.basic_ocsp_response["signature_algorithm"].signature_algo for answer in answers
    } == {algorithm}


@pytest.mark.parametrize(("kind", "is_strong"), [("p256", True), ("pss", True), ("p224", False)])
def test_a_path_is_as_strong_as_a_validator_asks(kind: str, is_strong: bool) -> None:
    pki = Pki(kind)
    signer, ca = (asn1_x509.Certificate.load(der(each)) for each in (pki.signer, pki.ca))
    if is_strong:
        assert len(pki.trust.path(signer, [ca], THEN)) == 3
    else:
        with pytest.raises(Untrusted):
            pki.trust.path(signer, [ca], THEN)


class Impostor(Pki):
    """A root of the name that ECDSA certificates lead to, whose key is RSA."""

    def name(self, name: str) -> x509.Name:
        return Pki("p256").name(name)


def test_an_issuer_whose_key_is_of_another_kind_is_no_issuer() -> None:
    pki = Pki("p256")
    signer, ca = (asn1_x509.Certificate.load(der(each)) for each in (pki.signer, pki.ca))
    with pytest.raises(Untrusted):
        Impostor("rsa").trust.path(signer, [ca], THEN)


def test_a_tsa_with_a_short_key_is_refused(tmp_path: Path, paper_pdf: bytes) -> None:
    short = {"x-key-bits": {**dict.fromkeys(AUTHORITIES, 2048), "tsa": 1024}}
    running = make_running_pki(tmp_path / "short", short)
    try:
        with running.open_sealer() as sealer, pytest.raises(Unavailable, match="too weak"):
            sealer.seal(paper_pdf, claimed_at=datetime.now(UTC))
    finally:
        running.stop()


def forged_crl(pki: RunningPki, issuer: str, kind: str) -> bytes:
    """Return an indirect CRL in the name of `issuer` that lists nothing, by another's key."""
    certificate = load_architecture(pki.pki).get_cert(CertLabel(issuer)).dump()
    now = datetime.now(UTC)
    point = x509.IssuingDistributionPoint(None, None, False, False, None, True, False)
    forged = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.load_der_x509_certificate(certificate).subject)
        .last_update(now - timedelta(hours=1))
        .next_update(now + timedelta(days=1))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(point, critical=True)
        .sign(NEW_KEYS[kind](), hashes.SHA256())
    )
    return forged.public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", ["rsa", "p256"])  # of the issuer's kind, and of another
def test_a_forged_indirect_crl_clears_no_revoked_certificate(
    own_pki: RunningPki, paper_pdf: bytes, kind: str
) -> None:
    since = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    revoked = {"tsa": {"since": since, "reason": "key_compromise"}}
    (own_pki.pki.folder / "revoked.json").write_text(json.dumps(revoked))
    with own_pki.open_sealer() as sealer, pytest.raises(CertificateRevoked):
        sealer.seal(paper_pdf, claimed_at=datetime.now(UTC))
    forged = forged_crl(own_pki, "tsa-ca", kind)

    def forge(_: bytes, true: Answer) -> Answer:
        return true._replace(body=forged)

    with (
        lying(own_pki.base_url, forge, only="/crls/tsa-ca") as url,
        own_pki.open_sealer(base_url=url) as sealer,
        pytest.raises(SealRefused, match="not revoked"),
    ):
        sealer.seal(paper_pdf, claimed_at=datetime.now(UTC))
