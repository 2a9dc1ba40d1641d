"""Do the acts in a packet stand in the sender's ledger, and do they say what the manifest says? Pure; facts only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from asn1crypto import x509

from api.sharing import names
from api.sharing.findings import Code, Finding
from api.sharing.manifest import Manifest, PacketDocument, Title
from api.sharing.proof import parse_proof
from archive.acts import accession, deposit, facility, seal_chain
from archive.acts.apply import facts_of
from archive.acts.envelope import Act, parse_act
from archive.acts.signature import Forged, require_signed
from archive.errors import Damaged
from archive.facts import Strict
from archive.identifiers import sha256
from archive.ledger.checkpoint import VerifierKey
from signing.trust import read_certificates
from signing.validation.tokens import certificate_facts

_MAX_ACT = 16 << 20  # bytes; an act of two thousand documents has about one million


@dataclass
class Provenance:
    """What was found: acts that could be read, those that are proven, the ledger's size, the seals that acts state."""

    acts: dict[int, tuple[Act, Strict]] = field(default_factory=dict)
    proven: set[int] = field(default_factory=set)
    size: int | None = None
    seals: list[x509.Certificate] = field(default_factory=list)
    untrue: set[str] = field(default_factory=set)  # names of documents that the acts do not bear out
    findings: list[Finding] = field(default_factory=list)

    def bears_out(self, document: PacketDocument) -> bool:
        """Tell whether a proven act says all that the manifest says of `document`."""
        return document.act in self.proven and 0 in self.proven and document.name not in self.untrue


def trace(files: Mapping[str, bytes], manifest: Manifest) -> Provenance:
    """Hold acts and proofs against each other, and the manifest against them."""
    found = Provenance()
    _read_acts(found, files, manifest)
    key = _ledger_key(found, manifest)
    if key is not None:
        _prove(found, files, key, manifest.ledger.origin)
    found.findings += _surplus(found, manifest)
    _compare_chart(found, manifest)
    for position, document in enumerate(manifest.documents, start=1):
        _compare_document(found, position, document)
    return found


def _read_acts(found: Provenance, files: Mapping[str, bytes], manifest: Manifest) -> None:
    for name, data in files.items():
        index = names.act_index(name)
        if index is None:
            continue
        try:
            if len(data) > _MAX_ACT:
                raise ValueError("too large")
            act = parse_act(data, f"{manifest.sender.code}/acts/{index:012}-{sha256(data)}.json")
            _, facts = facts_of(act)
            found.seals += _stated_seal(facts)
        # asn1crypto raises the last three on certificates that are none.
        except (Damaged, ValueError, TypeError, KeyError):
            found.findings.append(Finding(Code.ACT, name))
        else:
            found.acts[index] = (act, facts)


def _stated_seal(facts: Strict) -> Iterator[x509.Certificate]:
    """Yield the certificate of the seal that an act states: the first of its chain."""
    if isinstance(facts, facility.Facility):
        yield _first_certificate(facts.seal_chain)
    elif isinstance(facts, seal_chain.SealChain):
        yield _first_certificate(facts.pem)


def _first_certificate(pem: str) -> x509.Certificate:
    """Return the first certificate of `pem`, read to its end now: asn1crypto would only find later what it is not."""
    certificates = read_certificates(pem.encode())
    if not certificates:
        raise ValueError("a seal chain without a certificate")
    certificate_facts(certificates[0])
    return certificates[0]


def _ledger_key(found: Provenance, manifest: Manifest) -> VerifierKey | None:
    """Return the ledger's key as act 0 states it, if act 0 states the sender of the manifest at all."""
    _, told = found.acts.get(0, (None, None))
    stated = manifest.sender.name, manifest.ledger.origin, manifest.ledger.key
    if isinstance(told, facility.Facility) and (told.name, told.ledger_origin, told.ledger_key) == stated:
        try:
            return VerifierKey.parse(told.ledger_key)
        except ValueError:
            pass  # a key that is none is as bad as another one
    found.findings.append(Finding(Code.FACILITY, names.FACILITY))
    return None


def _prove(found: Provenance, files: Mapping[str, bytes], key: VerifierKey, origin: str) -> None:
    checkpoints = set()
    for index, (act, _) in sorted(found.acts.items()):
        name = names.proof_name(index)
        try:
            require_signed(act, key)
            proof = parse_proof(files.get(name, b""))
            head = proof.head(act.digest(), key)
        except (ValueError, Forged):
            found.findings.append(Finding(Code.PROOF, name))
            continue
        if proof.index != index or head.origin != origin:
            found.findings.append(Finding(Code.PROOF, name))
            continue
        checkpoints.add(proof.checkpoint)
        found.size = head.size
        found.proven.add(index)
    if len(checkpoints) > 1:
        found.findings.append(Finding(Code.CHECKPOINTS, names.FACILITY))


def _surplus(found: Provenance, manifest: Manifest) -> Iterator[Finding]:
    """Yield the acts that no rule of the format brings into this packet."""
    for index, (act, facts) in found.acts.items():
        about_chart = act.chart == manifest.chart.id and isinstance(facts, accession.Accession | deposit.Deposit)
        about_seal = isinstance(facts, seal_chain.SealChain)
        if not (about_chart or about_seal or (index == 0 and isinstance(facts, facility.Facility))):
            yield Finding(Code.ACT_SURPLUS, names.act_name(index))


def _compare_chart(found: Provenance, manifest: Manifest) -> None:
    said = [facts for _, facts in _accessions(found)]
    numbers = [facts.archive_number for _, facts in found.acts.values() if isinstance(facts, deposit.Deposit)]
    number = numbers[-1] if numbers else None
    if (
        not said
        or (said[-1].chart.episode, said[-1].patient) != (manifest.chart.episode, manifest.patient)
        or number != manifest.chart.archive_number
    ):
        found.findings.append(Finding(Code.CHART, names.MANIFEST))


def _compare_document(found: Provenance, position: int, document: PacketDocument) -> None:
    act, facts = found.acts.get(document.act, (None, None))
    if act is None or not isinstance(facts, accession.Accession):
        found.untrue.add(document.name)
        found.findings.append(Finding(Code.ACT_MISSING, names.act_name(document.act)))
        return
    if document not in _said(act, facts, position, _superseded(found)):
        found.untrue.add(document.name)
        found.findings.append(Finding(Code.DOCUMENT, document.name))


def _said(
    act: Act, facts: accession.Accession, position: int, superseded: Mapping[str, str]
) -> Iterable[PacketDocument]:
    """Yield every document that an act brought, as the manifest would list it at `position`."""
    if len(act.objects) != len(facts.documents):
        return
    for one, stored in zip(facts.documents, act.objects, strict=True):
        yield PacketDocument(
            name=names.document_name(position, one.form, one.id),
            document_id=one.id,
            form=one.form,
            title=Title(vi=one.title_vi, en=one.title_en),
            sha256=stored.sha256,
            size=stored.size,
            level=one.level,
            sealed_at=one.sealed_at,
            act=act.index,
            superseded_by=superseded.get(one.id),
        )


def _accessions(found: Provenance) -> list[tuple[Act, accession.Accession]]:
    """Return the accession acts, oldest first."""
    return [(a, f) for _, (a, f) in sorted(found.acts.items()) if isinstance(f, accession.Accession)]


def _superseded(found: Provenance) -> dict[str, str]:
    """Return which document the acts in the packet put into another's place: older -> newer."""
    return {one.supersedes: one.id for _, facts in _accessions(found) for one in facts.documents if one.supersedes}
