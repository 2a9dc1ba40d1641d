"""Plain chains: quick for what Kho seals, and never more lenient than pyhanko-certvalidator."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from asn1crypto import crl, x509
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.validation.certificates.chain_fast_path import ChainFastPath
from signing.validation.certificates.chains import SIGNER, TIMESTAMP_AUTHORITY, Chains, Revocation
from signing.validation.certificates.evidence import ChainEvidence, evidence_of
from signing.validation.certificates.plain_certificates import Asked
from signing.validation.pdf.fields import read_fields
from signing.validation.pdf.signatures import read_signatures
from signing.validation.pdf.snapshot import Snapshot
from signing.validation.pdf.store import store_of
from tests.signing.validation.authority import DAY, NOW, YEAR, Authority
from tests.signing.validation.conftest import Original

STRICT = Asked(required=True, current=True)
AUTHORITIES = {
    "good": Authority(),
    "signer revoked": Authority(revoked={"signer": NOW - DAY}),
    "ca revoked": Authority(revoked={"ca": NOW - DAY}),
    "ca expired": Authority(life=3 * YEAR, ca_life=YEAR),
    "weak key": Authority(signer_bits=1024),
    "other usage": Authority(signer_usage=("key_encipherment",)),
}
MOMENTS = [
    NOW + shift for shift in (-60 * DAY, timedelta(0), 3 * DAY, 30 * DAY, 2 * YEAR, 20 * YEAR)
]


def plain(authority: Authority, *, crls: bool = True) -> ChainFastPath:
    store = authority.evidence(NOW)
    roots = [anchor.dump() for anchor in authority.trust.anchors]
    return ChainFastPath(roots, store.certificates, store.crls if crls else (), ())


def evidence(authority: Authority) -> ChainEvidence:
    store = authority.evidence(NOW)
    certificates = tuple(x509.Certificate.load(certificate) for certificate in store.certificates)
    return ChainEvidence(
        certificates, tuple(crl.CertificateList.load(der) for der in store.crls), ()
    )


def leaves(authority: Authority) -> Iterator[bytes]:
    _, signer, tsa = authority.evidence(NOW).certificates
    yield from (signer, tsa)


def test_the_chains_of_an_original_are_plain(original: Original) -> None:
    with Snapshot(original.pdf) as newest:
        signatures = read_signatures(original.pdf, read_fields(newest.pdf), ()).signatures
        held = store_of(newest.pdf)
    store = evidence_of(held.certificates, held.ocsps, held.crls)
    tokens = [token for signature in signatures for token in signature.tokens]
    brought = [certificate.dump() for token in tokens for certificate in token.certificates]
    chains = ChainFastPath(
        [anchor.dump() for anchor in original.trust.anchors],
        [*brought, *(certificate.dump() for certificate in store.certificates)],
        [crl.dump() for crl in store.crls],
        [response.dump() for response in store.ocsps],
    )
    made_at = signatures[-1].made_at
    assert made_at is not None
    for token in tokens:
        assert token.certificate is not None
        assert chains.sound(token.certificate.dump(), made_at, STRICT)


def test_a_chain_without_evidence_or_root_is_not() -> None:
    good = AUTHORITIES["good"]
    signer, _ = leaves(good)
    assert plain(good).sound(signer, NOW, STRICT)
    assert not plain(good, crls=False).sound(signer, NOW, STRICT)
    assert plain(good, crls=False).sound(signer, NOW, Asked(required=False, current=False))
    assert not ChainFastPath([], good.evidence(NOW).certificates, good.crls(NOW), []).sound(
        signer, NOW, STRICT
    )


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", AUTHORITIES)
def test_the_fast_path_agrees_with_certvalidator(name: str, moment: datetime) -> None:
    authority = AUTHORITIES[name]
    chains = Chains(authority.trust, evidence(authority))
    for leaf, usage in zip(leaves(authority), (SIGNER, TIMESTAMP_AUTHORITY), strict=True):
        certificate = x509.Certificate.load(leaf)
        for revocation in Revocation:
            quick = asyncio.run(chains.problem(certificate, moment, usage, revocation))
            assert quick is asyncio.run(chains.judged(certificate, moment, usage, revocation))


@settings(max_examples=300)
@given(which=st.integers(0, 5), at=st.integers(0, 4000), flip=st.integers(1, 255))
def test_a_flipped_byte_never_makes_a_chain_plain_that_certvalidator_refuses(
    which: int, at: int, flip: int
) -> None:
    authority = AUTHORITIES["good"]
    store = authority.evidence(NOW)
    parts = [*store.certificates, *store.crls]
    chosen = which % len(parts)
    at %= len(parts[chosen])
    parts[chosen] = parts[chosen][:at] + bytes([parts[chosen][at] ^ flip]) + parts[chosen][at + 1 :]
    certificates, crls = parts[:3], parts[3:]
    roots = [anchor.dump() for anchor in authority.trust.anchors]
    leaf = certificates[1]
    if ChainFastPath(roots, certificates, crls, []).sound(leaf, NOW, STRICT):
        proofs = evidence_of(certificates, (), crls)
        judged = Chains(authority.trust, proofs).judged(
            x509.Certificate.load(leaf), NOW, SIGNER, Revocation.FRESH
        )
        assert asyncio.run(judged) is None


def test_many_certificates_that_signed_each_other_take_no_time() -> None:
    # 60 certificates of one name and key: every path through them fits, and none ends at a root.
    good, other = AUTHORITIES["good"], Authority(name="B")
    ring = [
        Authority(start=NOW - (30 + number) * DAY).evidence(NOW).certificates[0]
        for number in range(60)
    ]
    chains = ChainFastPath(
        [anchor.dump() for anchor in other.trust.anchors], ring, good.crls(NOW), []
    )
    assert not chains.sound(next(leaves(good)), NOW, STRICT)
