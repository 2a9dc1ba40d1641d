"""Chains in every algorithm that makers use, and evidence that nothing can be done with."""

import asyncio
from collections.abc import Iterable

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes

from signing.validation.certificates.chain_fast_path import ChainFastPath
from signing.validation.certificates.chains import SIGNER, Chains, Revocation
from signing.validation.certificates.evidence import evidence_of
from signing.validation.certificates.plain_certificates import Asked
from signing.validation.facts import ChainProblem
from tests.signing.validation.authority import NOW
from tests.signing.validation.certificates.pki import Pki, der

KINDS = ["rsa", "pss", "p256", "p384", "p521", "brainpool", "ed25519", "ed448"]
PLAIN = ["rsa", "p256", "p384", "p521"]
STRICT = Asked(required=True, current=True)
BY_CRL = Pki("p256")
BY_OCSP = Pki("p256", asks_ocsp=True)


def problem(
    pki: Pki, *, crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()
) -> ChainProblem | None:
    evidence = evidence_of([der(pki.ca)], ocsps, crls)
    chains = Chains(pki.trust, evidence)
    signer = x509.Certificate.load(der(pki.signer))
    quick = asyncio.run(chains.problem(signer, NOW, SIGNER, Revocation.FRESH))
    assert quick is asyncio.run(chains.judged(signer, NOW, SIGNER, Revocation.FRESH))
    return quick


def is_plain(pki: Pki, *, crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()) -> bool:
    path = ChainFastPath([der(pki.root)], [der(pki.ca)], list(crls), list(ocsps))
    return path.sound(der(pki.signer), NOW, STRICT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_with_crls_is_sound_in_every_algorithm(kind: str) -> None:
    pki = Pki(kind)
    crls = [pki.crl("root"), pki.crl("ca")]
    assert problem(pki, crls=crls) is None
    assert is_plain(pki, crls=crls) is (kind in PLAIN)
    assert problem(pki, crls=crls[:1]) is ChainProblem.EVIDENCE_MISSING
    assert not is_plain(pki, crls=crls[:1])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pss"])
@pytest.mark.parametrize("delegated", [False, True])
def test_a_chain_with_an_ocsp_answer_is_sound_in_every_algorithm(
    kind: str, delegated: bool
) -> None:
    pki = Pki(kind, asks_ocsp=True)
    crls, ocsps = [pki.crl("root")], [pki.answer(delegated=delegated)]
    assert problem(pki, crls=crls, ocsps=ocsps) is None
    assert is_plain(pki, crls=crls, ocsps=ocsps) is (kind in PLAIN and delegated)


def test_a_key_on_a_small_curve_is_weak() -> None:
    pki = Pki("p224")
    assert problem(pki, crls=[pki.crl("root"), pki.crl("ca")]) is ChainProblem.WEAK_ALGORITHM


@pytest.mark.parametrize(
    "useless",
    [
        BY_CRL.crl("ca", by="other"),
        BY_CRL.crl("other", indirect=True),
        BY_CRL.crl("ca", critical=True),
        Pki("rsa").crl("ca"),
        BY_CRL.crl("ca").replace(b"\x17\r", b"\x18\r", 1),
    ],
)
def test_a_crl_that_nothing_can_be_done_with_is_no_evidence(useless: bytes) -> None:
    root = BY_CRL.crl("root")
    assert problem(BY_CRL, crls=[root, useless]) in (
        ChainProblem.EVIDENCE_MISSING,
        ChainProblem.OTHER,
    )
    assert problem(BY_CRL, crls=[useless, root, BY_CRL.crl("ca")]) is None


@pytest.mark.parametrize(
    "useless",
    [
        Pki("p256", asks_ocsp=True).answer(),
        BY_OCSP.answer()[:-70] + b"\0" * 70,
    ],
)
def test_an_ocsp_answer_that_nothing_can_be_done_with_is_no_evidence(useless: bytes) -> None:
    root = BY_OCSP.crl("root")
    assert problem(BY_OCSP, crls=[root], ocsps=[useless]) in (
        ChainProblem.EVIDENCE_MISSING,
        ChainProblem.OTHER,
    )
    assert problem(BY_OCSP, crls=[root], ocsps=[useless, BY_OCSP.answer()]) is None


@pytest.mark.parametrize("digest", [hashes.SHA384(), hashes.SHA512()])
def test_an_ocsp_answer_that_certvalidator_cannot_read_spoils_no_other(
    digest: hashes.HashAlgorithm,
) -> None:
    chains = Chains(
        BY_OCSP.trust,
        evidence_of(
            [der(BY_OCSP.ca)],
            [BY_OCSP.answer(digest=digest), BY_OCSP.answer()],
            [BY_OCSP.crl("root")],
        ),
    )
    signer = x509.Certificate.load(der(BY_OCSP.signer))
    assert asyncio.run(chains.judged(signer, NOW, SIGNER, Revocation.FRESH)) is None
    alone = Chains(
        BY_OCSP.trust,
        evidence_of([der(BY_OCSP.ca)], [BY_OCSP.answer(digest=digest)], [BY_OCSP.crl("root")]),
    )
    assert asyncio.run(alone.problem(signer, NOW, SIGNER, Revocation.FRESH)) is None
    judged = asyncio.run(alone.judged(signer, NOW, SIGNER, Revocation.FRESH))
    assert judged is ChainProblem.EVIDENCE_MISSING


def test_a_forged_indirect_crl_clears_nothing() -> None:
    # certvalidator remembers its issuer before it has checked the signature
    forged = BY_CRL.crl("ca", by="other", indirect=True)
    assert problem(BY_CRL, crls=[BY_CRL.crl("root"), forged]) is ChainProblem.EVIDENCE_MISSING
    own = BY_CRL.crl("ca", indirect=True)
    assert problem(BY_CRL, crls=[BY_CRL.crl("root"), own]) is None


def test_an_issuer_whose_key_is_of_another_kind_is_no_issuer() -> None:
    pki, impostor = Pki("p256"), Pki("rsa")
    chains = Chains(impostor.trust, evidence_of([der(impostor.ca)]))
    signer = x509.Certificate.load(der(pki.signer))
    answer = asyncio.run(chains.problem(signer, NOW, SIGNER, Revocation.NOT_ASKED))
    assert answer is ChainProblem.NO_CHAIN
