"""Timestamps are checked to the last field: whatever a TSA gets wrong, no seal comes of it."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from asn1crypto import tsp
from certomancer.registry import CertLabel, KeyLabel
from certomancer.services import TimeStamper

from archive.base.errors import Unavailable
from signing.fetching import Fetcher
from signing.testpki.make import load_architecture
from signing.timestamps import Timestamp, TimestampAuthority
from signing.trust import TrustRoots
from tests.fixtures.pki import RunningPki, make_running_pki
from tests.signing.seal.lying import Answer, Spoil, lying

IMPRINT = hashlib.sha256(b"what is stamped").digest()


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """A way out, closed at the end."""
    opened = Fetcher(timeout=5, max_bytes=65536)
    yield opened
    opened.close()


def _refuse(_: bytes, true: Answer) -> Answer:
    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {"bad_alg"}}).dump()
    return true._replace(body=bytes([0x30, len(status)]) + status)


def _flip(position: int) -> Spoil:
    def spoil(_: bytes, true: Answer) -> Answer:
        spoilt = bytearray(true.body)
        spoilt[position] ^= 1
        return true._replace(body=bytes(spoilt))

    return spoil


LIES: dict[str, tuple[Spoil, str]] = {
    "it refuses": (_refuse, "refused the request"),
    "a last byte of the signature flipped": (_flip(-1), "malformed or wrongly signed"),
    "the token's content flipped": (_flip(120), "TSA is not available"),
    "cut short": (lambda _, true: true._replace(body=true.body[:-40]), "malformed"),
    "more after the answer": (lambda _, true: true._replace(body=true.body + b"x"), "malformed"),
    "nothing": (lambda _, true: true._replace(body=b""), "malformed"),
    "a web page": (lambda _, true: true._replace(kind="text/html"), "another kind"),
    "an error": (lambda _, true: true._replace(status=500), "HTTP 500"),
    "a redirection": (lambda _, true: true._replace(status=302), "HTTP 302"),
    "far too much": (lambda _, true: true._replace(body=bytes(70_000)), "more than 65536 bytes"),
}


def _stamp(pki: RunningPki, base_url: str, fetcher: Fetcher, imprint: bytes = IMPRINT) -> Timestamp:
    url = pki.tsa_url.replace(pki.pki.base_url, base_url)
    return TimestampAuthority(url, pki.trust, fetcher).timestamp(imprint)


@pytest.mark.parametrize("lie", LIES)
def test_a_tsa_that_lies_is_found_out(test_pki: RunningPki, fetcher: Fetcher, lie: str) -> None:
    spoil, says = LIES[lie]
    with lying(test_pki.base_url, spoil) as url, pytest.raises(Unavailable, match=says):
        _stamp(test_pki, url, fetcher)


def test_a_token_of_another_request_is_refused(test_pki: RunningPki, fetcher: Fetcher) -> None:
    kept: dict[str, Answer] = {}
    with lying(test_pki.base_url, lambda _, true: kept.setdefault("first", true)) as url:
        _stamp(test_pki, url, fetcher)
        with pytest.raises(Unavailable, match="answers another request"):
            _stamp(test_pki, url, fetcher)
        with pytest.raises(Unavailable, match="for something else"):
            _stamp(test_pki, url, fetcher, bytes(32))


def test_a_tsa_that_is_not_trusted_is_refused(
    test_pki: RunningPki, fetcher: Fetcher, tmp_path: Path
) -> None:
    stranger = make_running_pki(tmp_path / "stranger")
    try:
        with pytest.raises(Unavailable, match="no trusted root"):
            TimestampAuthority(stranger.tsa_url, test_pki.trust, fetcher).timestamp(IMPRINT)
        both = TrustRoots([*test_pki.trust.anchors, *stranger.trust.anchors])
        assert (
            TimestampAuthority(stranger.tsa_url, both, fetcher).timestamp(IMPRINT).path[-1]
            in stranger.trust
        )
    finally:
        stranger.stop()


def test_a_certificate_that_is_not_for_timestamping_is_refused(
    test_pki: RunningPki, fetcher: Fetcher
) -> None:
    arch = load_architecture(test_pki.pki)
    forger = TimeStamper(
        arch.get_cert(CertLabel("seal")),
        arch.key_set.get_private_key(KeyLabel("seal")),
        certs_to_embed=[arch.get_cert(CertLabel("issuing-ca"))],
    )

    def forge(request: bytes, true: Answer) -> Answer:
        return true._replace(
            body=forger.request_tsa_response(tsp.TimeStampReq.load(request)).dump()
        )

    with (
        lying(test_pki.base_url, forge) as url,
        pytest.raises(Unavailable, match="not a timestamping one"),
    ):
        _stamp(test_pki, url, fetcher)


def test_a_timestamp_brings_its_time_and_its_path_to_the_root(
    test_pki: RunningPki, fetcher: Fetcher
) -> None:
    stamp = _stamp(test_pki, test_pki.base_url, fetcher)
    assert abs(stamp.gen_time - datetime.now(UTC)) < timedelta(minutes=1)
    names = [
        certificate.subject.native["common_name"].removesuffix(f" {test_pki.pki.tag}")
        for certificate in stamp.path
    ]
    assert names == ["TEST Kho TSA", "TEST Kho Timestamp CA", "TEST Kho Root CA"]


def test_connections_are_kept_between_timestamps(test_pki: RunningPki, fetcher: Fetcher) -> None:
    authority = TimestampAuthority(test_pki.tsa_url, test_pki.trust, fetcher)
    for _ in range(3):
        authority.timestamp(IMPRINT)
    (pool,) = fetcher._pool.pools._container.values()
    assert isinstance(pool, urllib3.HTTPConnectionPool)
    assert (pool.num_connections, pool.num_requests) == (1, 3)
