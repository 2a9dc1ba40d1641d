"""Acts that a file from outside brings, and their places in the ledger that its act 0 states.

Pure; facts only.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from asn1crypto import x509

from api.sharing import names
from api.sharing.findings import Code, Finding
from api.sharing.manifest import Ledger
from api.sharing.proof import parse_proof
from archive.acts import accession, facility, ledger_key, seal_chain
from archive.acts.apply import facts_of
from archive.acts.envelope import Act, parse_act
from archive.acts.signature import require_signed
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.base.identifiers import Sha256, sha256
from archive.ledger.checkpoint import VerifierKey
from archive.ledger.keys import LedgerKeys
from signing.trust import read_certificates
from signing.validation.cms_value.tokens import certificate_facts

_MAX_ACT = 16 << 20  # bytes; an act of two thousand documents has about one million


@dataclass
class BroughtActs:
    """What was found: acts that could be read, those that are proven, the ledger's size, the seals
    that acts state.

    `keys` are the ledger's, where act 0 states the facility and the ledger that the file names: the
    key of act 0, and each one to which a brought act hands over.
    """

    acts: dict[int, tuple[Act, Strict]] = field(default_factory=dict)
    keys: LedgerKeys | None = None
    proven: set[int] = field(default_factory=set)
    size: int | None = None
    seals: list[x509.Certificate] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    checkpoints: set[bytes] = field(default_factory=set)

    def accessions(self) -> list[tuple[Act, accession.Accession]]:
        """Return the accession acts, oldest first."""
        return [
            (a, f) for _, (a, f) in sorted(self.acts.items()) if isinstance(f, accession.Accession)
        ]

    def prove(self, index: int, digest: Sha256, files: Mapping[str, bytes]) -> None:
        """Check by its proof among `files` that the act of `digest` is at `index` in the ledger;
        else add a finding.
        """
        name = names.proof_name(index)
        try:
            if self.keys is None:
                return  # a finding reports that already
            proof = parse_proof(files.get(name, b""))
            head = proof.head(digest, self.keys)
        except ValueError:
            self.findings.append(Finding(Code.PROOF, name))
            return
        if proof.index != index:
            self.findings.append(Finding(Code.PROOF, name))
            return
        if self.checkpoints and proof.checkpoint not in self.checkpoints:
            self.findings.append(Finding(Code.CHECKPOINTS, names.FACILITY))
        self.checkpoints.add(proof.checkpoint)
        self.size = head.size
        self.proven.add(index)


def brought_acts(files: Mapping[str, bytes], code: str, name: str, ledger: Ledger) -> BroughtActs:
    """Read and prove the acts of the facility `code`, called `name`, in the ledger that the file
    names.
    """
    brought = BroughtActs()
    _read(brought, files, code)
    brought.keys = _first_key(brought, name, ledger)
    for index in _signed_acts(brought):  # all of them, for the newest key signed the checkpoint
        brought.prove(index, brought.acts[index][0].digest(), files)
    return brought


def _signed_acts(brought: BroughtActs) -> list[int]:
    """Return the acts that the ledger's keys signed, oldest first; each act that hands over adds
    its key to them.
    """
    signed = []
    for index, (act, facts) in sorted(brought.acts.items()):
        if brought.keys is None:
            break
        try:
            require_signed(act, brought.keys.of_act(index))
            if isinstance(facts, ledger_key.LedgerKey):
                brought.keys = ledger_key.followed_by(brought.keys, act, facts)
        except IntegrityError:
            brought.findings.append(Finding(Code.PROOF, names.proof_name(index)))
        else:
            signed.append(index)
    return signed


def _read(brought: BroughtActs, files: Mapping[str, bytes], code: str) -> None:
    for name, data in files.items():
        index = names.act_index(name)
        if index is None:
            continue
        try:
            if len(data) > _MAX_ACT:
                raise ValueError("too large")
            act = parse_act(data, f"{code}/acts/{index:012}-{sha256(data)}.json")
            _, facts = facts_of(act)
            brought.seals += _stated_seal(facts)
        # asn1crypto raises the last three on bytes that are no certificate.
        except (IntegrityError, ValueError, TypeError, KeyError):
            brought.findings.append(Finding(Code.ACT, name))
        else:
            brought.acts[index] = (act, facts)


def _stated_seal(facts: Strict) -> Iterator[x509.Certificate]:
    """Yield the certificate of the seal that an act states: the first of its chain."""
    if isinstance(facts, facility.Facility):
        yield _first_certificate(facts.seal_chain)
    elif isinstance(facts, seal_chain.SealChain):
        yield _first_certificate(facts.pem)


def _first_certificate(pem: str) -> x509.Certificate:
    """Return the first certificate of `pem`, parsed whole: asn1crypto would otherwise find a fault
    in it only later.
    """
    certificates = read_certificates(pem.encode())
    if not certificates:
        raise ValueError("a seal chain without a certificate")
    certificate_facts(certificates[0])
    return certificates[0]


def _first_key(brought: BroughtActs, name: str, ledger: Ledger) -> LedgerKeys | None:
    """Return the ledger's key as act 0 states it, if act 0 states this facility and this ledger at
    all.
    """
    _, act = brought.acts.get(0, (None, None))
    stated = name, ledger.origin, ledger.key
    if (
        isinstance(act, facility.Facility)
        and (act.name, act.ledger_origin, act.ledger_key) == stated
    ):
        try:
            return LedgerKeys(ledger.origin, ((0, VerifierKey.parse(act.ledger_key)),))
        except ValueError:
            pass  # text that is no key is treated as a different key
    brought.findings.append(Finding(Code.FACILITY, names.FACILITY))
    return None


def surplus(brought: BroughtActs, allowed: Iterable[int]) -> Iterator[Finding]:
    """Yield the acts that no rule of the format brings."""
    wanted = set(allowed)
    yield from (
        Finding(Code.ACT_SURPLUS, names.act_name(index))
        for index in brought.acts
        if index not in wanted
    )
