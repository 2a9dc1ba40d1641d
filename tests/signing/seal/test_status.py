"""Certificates' status: asked before sealing, and sealing refused whenever it is bad or cannot be
had.
"""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp

from archive.base.clock import FixedClock
from archive.base.errors import Unavailable
from signing.errors import CertificateRevoked, SealRefused
from signing.fetching import Fetcher
from signing.seal import BaselineLevel, Sealer
from signing.trust import TrustRoots
from tests.fixtures.pki import RunningPki, make_running_pki
from tests.signing.seal.lying import Answer, Spoil, lying

CLAIMED = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


@pytest.fixture
def own_pki(tmp_path: Path) -> Iterator[RunningPki]:
    """A test PKI that a test may spoil."""
    running = make_running_pki(tmp_path / "own")
    yield running
    running.stop()


def test_a_revoked_seal_is_refused(test_pki: RunningPki, paper_pdf: bytes) -> None:
    with (
        test_pki.open_sealer("seal-revoked") as sealer,
        pytest.raises(CertificateRevoked, match="TEST revoked seal"),
    ):
        sealer.seal(paper_pdf, claimed_at=CLAIMED)


@pytest.mark.parametrize("label", ["issuing-ca", "tsa", "tsa-ca"])
def test_a_revoked_authority_is_refused(own_pki: RunningPki, paper_pdf: bytes, label: str) -> None:
    since = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    revoked = {label: {"since": since, "reason": "key_compromise"}}
    (own_pki.pki.folder / "revoked.json").write_text(json.dumps(revoked))
    with own_pki.open_sealer() as sealer, pytest.raises(CertificateRevoked):
        sealer.seal(paper_pdf, claimed_at=CLAIMED)


def test_without_services_nothing_is_sealed_and_the_component_is_named(
    test_pki: RunningPki, paper_pdf: bytes
) -> None:
    with test_pki.open_sealer() as sealer:
        test_pki.stop()
        with pytest.raises(Unavailable, match="OCSP is not available: no connection"):
            sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)


def test_without_tsa_nothing_is_sealed_though_status_is_known(
    test_pki: RunningPki, paper_pdf: bytes
) -> None:
    with test_pki.open_sealer() as sealer:
        sealer.seal(paper_pdf, claimed_at=CLAIMED)
        test_pki.stop()
        with pytest.raises(Unavailable, match="TSA is not available: no connection"):
            sealer.seal(paper_pdf, claimed_at=CLAIMED)


def test_a_server_that_does_not_answer_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        fetcher = Fetcher(timeout=0.2)
        with pytest.raises(Unavailable, match="TSA is not available: timeout"):
            fetcher.get(f"http://127.0.0.1:{silent.getsockname()[1]}/", "TSA")
        fetcher.close()


def test_status_is_asked_again_when_it_is_no_longer_fresh(
    test_pki: RunningPki, paper_pdf: bytes
) -> None:
    clock = FixedClock(datetime.now(UTC))
    with test_pki.open_sealer(clock=clock) as sealer:
        sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)
        before = len(test_pki.request_log("ocsp"))
        sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)
        assert len(test_pki.request_log("ocsp")) == before
        clock.moment += timedelta(minutes=61)
        with pytest.raises(SealRefused):  # asked again, but by that clock the answer is an hour old
            sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)
        assert len(test_pki.request_log("ocsp")) == before + 1


def test_a_seal_from_an_authority_that_is_not_trusted_is_refused(
    test_pki: RunningPki, own_pki: RunningPki, paper_pdf: bytes
) -> None:
    with test_pki.open_sealer() as good:
        signing_context = good.signing_context
        stranger = Sealer(
            signing_context.key,
            TrustRoots.from_files(own_pki.trust_path),
            signing_context.tsa,
            signing_context.revocation,
            signing_context.clock,
        )
        with pytest.raises(SealRefused, match="no trusted root"):
            stranger.seal(paper_pdf, claimed_at=CLAIMED)


def _ocsp_says(status: str) -> Answer:
    return Answer(
        200, "application/ocsp-response", ocsp.OCSPResponse({"response_status": status}).dump()
    )


def _flip(_: bytes, true: Answer) -> Answer:
    spoilt = bytearray(true.body)
    spoilt[len(spoilt) // 2] ^= 1
    return true._replace(body=bytes(spoilt))


LIES: dict[str, tuple[str, Spoil, str]] = {
    "OCSP: try later": (
        "/ocsp/",
        lambda _, __: _ocsp_says("try_later"),
        "OCSP is not available: it answered try_later",
    ),
    "OCSP: garbage": ("/ocsp/", lambda _, true: true._replace(body=b"garbage"), "malformed"),
    "OCSP: cut short": ("/ocsp/", lambda _, true: true._replace(body=true.body[:-9]), "malformed"),
    "OCSP: a flipped bit": ("/ocsp/", _flip, "cannot seal|available"),
    "OCSP: a web page": ("/ocsp/", lambda _, true: true._replace(kind="text/html"), "another kind"),
    "CRL: garbage": (
        "/crls/",
        lambda _, true: true._replace(body=b"garbage"),
        "no revocation list",
    ),
    "CRL: a flipped bit": ("/crls/", _flip, "cannot seal|available"),
    "CRL: a redirection": (
        "/crls/",
        lambda _, true: true._replace(status=302),
        "CRL is not available: HTTP 302",
    ),
    "CRL: not there": (
        "/crls/",
        lambda _, true: true._replace(status=404),
        "CRL is not available: HTTP 404",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_service_that_lies_about_status_stops_the_seal(
    test_pki: RunningPki, paper_pdf: bytes, lie: str
) -> None:
    only, spoil, says = LIES[lie]
    with (
        lying(test_pki.base_url, spoil, only) as url,
        test_pki.open_sealer(base_url=url) as sealer,
        pytest.raises((Unavailable, SealRefused), match=says),
    ):
        sealer.seal(paper_pdf, claimed_at=CLAIMED)


def test_a_good_answer_about_another_certificate_proves_nothing(
    test_pki: RunningPki, paper_pdf: bytes
) -> None:
    kept: dict[str, Answer] = {}
    with lying(test_pki.base_url, lambda _, true: kept.setdefault("first", true), "/ocsp/") as url:
        with test_pki.open_sealer(base_url=url) as sealer:
            sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)
        with (
            test_pki.open_sealer("seal-revoked", base_url=url) as sealer,
            pytest.raises(Unavailable, match="something else"),
        ):
            sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)


def test_a_spoilt_list_is_not_kept(test_pki: RunningPki, paper_pdf: bytes) -> None:
    spoil = [_flip]
    with (
        lying(test_pki.base_url, lambda body, true: spoil[-1](body, true), "/crls/") as url,
        test_pki.open_sealer(base_url=url) as sealer,
    ):
        with pytest.raises((Unavailable, SealRefused)):
            sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)
        spoil.append(lambda _, true: true)
        sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)


def test_another_authoritys_list_proves_nothing(test_pki: RunningPki, paper_pdf: bytes) -> None:
    kept: dict[str, Answer] = {}
    with (
        lying(test_pki.base_url, lambda _, true: kept.setdefault("first", true), "/crls/") as url,
        test_pki.open_sealer(base_url=url) as sealer,
        pytest.raises(SealRefused, match="nothing proves"),
    ):
        sealer.seal(paper_pdf, claimed_at=CLAIMED)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ldap://127.0.0.1/cn=x", "ftp://127.0.0.1/x"]
)
def test_only_http_is_fetched(url: str) -> None:
    fetcher = Fetcher()
    with pytest.raises(Unavailable, match="only http"):
        fetcher.get(url, "CRL")
    fetcher.close()
