"""Do the acts in a packet say what its manifest says? Pure; facts only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from api.sharing import names
from api.sharing.acts import BroughtActs, brought_acts, surplus
from api.sharing.findings import Code, Finding
from api.sharing.manifest import FORMAT_3, Manifest, PacketDocument, Title
from archive.acts import accession, deposit, facility, ledger_key, seal_chain
from archive.acts.envelope import Act


@dataclass
class Provenance:
    """What was found: the acts that the packet brings, and the documents that these do not bear
    out.
    """

    brought: BroughtActs = field(default_factory=BroughtActs)
    untrue: set[str] = field(default_factory=set)  # names of documents
    findings: list[Finding] = field(default_factory=list)

    def bears_out(self, document: PacketDocument) -> bool:
        """Return whether a proven act says all that the manifest says of `document`."""
        proven = self.brought.proven
        return document.act in proven and 0 in proven and document.name not in self.untrue


def trace(files: Mapping[str, bytes], manifest: Manifest) -> Provenance:
    """Compare acts and proofs with each other, and the manifest with them."""
    sender = manifest.sender
    provenance = Provenance(brought_acts(files, sender.code, sender.name, manifest.ledger))
    provenance.findings += provenance.brought.findings
    provenance.findings += surplus(provenance.brought, _belonging(provenance.brought, manifest))
    _compare_chart(provenance, manifest)
    for position, document in enumerate(manifest.documents, start=1):
        _compare_document(provenance, position, document, manifest.format)
    return provenance


def _belonging(brought: BroughtActs, manifest: Manifest) -> Iterator[int]:
    for index, (act, facts) in brought.acts.items():
        about_chart = act.chart == manifest.chart.id and isinstance(
            facts, accession.Accession | deposit.Deposit
        )
        about_keys = isinstance(facts, seal_chain.SealChain) or (
            manifest.format == FORMAT_3 and isinstance(facts, ledger_key.LedgerKey)
        )
        if about_chart or about_keys or (index == 0 and isinstance(facts, facility.Facility)):
            yield index


def _compare_chart(provenance: Provenance, manifest: Manifest) -> None:
    said = [facts for _, facts in provenance.brought.accessions()]
    acts = provenance.brought.acts.values()
    numbers = [facts.archive_number for _, facts in acts if isinstance(facts, deposit.Deposit)]
    number = numbers[-1] if numbers else None
    if (
        not said
        or (said[-1].chart.episode, said[-1].patient) != (manifest.chart.episode, manifest.patient)
        or number != manifest.chart.archive_number
    ):
        provenance.findings.append(Finding(Code.CHART, names.MANIFEST))


def _compare_document(
    provenance: Provenance, position: int, document: PacketDocument, format_: str
) -> None:
    act, facts = provenance.brought.acts.get(document.act, (None, None))
    if act is None or not isinstance(facts, accession.Accession):
        provenance.untrue.add(document.name)
        provenance.findings.append(Finding(Code.ACT_MISSING, names.act_name(document.act)))
        return
    if document not in _said(act, facts, position, _superseded(provenance), format_):
        provenance.untrue.add(document.name)
        provenance.findings.append(Finding(Code.DOCUMENT, document.name))


def _said(
    act: Act, facts: accession.Accession, position: int, superseded: Mapping[str, str], format_: str
) -> Iterable[PacketDocument]:
    """Yield every document that an act brought, as a manifest of `format_` would list it at
    `position`.
    """
    if len(act.objects) != len(facts.documents):
        return
    for document, stored in zip(facts.documents, act.objects, strict=True):
        if format_ == "kho-packet/1" and document.origin != "rendered":
            continue  # version 1 knew rendered documents only
        yield PacketDocument(
            name=names.document_name(position, document.form, document.id),
            document_id=document.id,
            form=document.form,
            title=Title(vi=document.title_vi, en=document.title_en),
            sha256=stored.sha256,
            size=stored.size,
            origin=None if format_ == "kho-packet/1" else document.origin,
            level=document.level,
            sealed_at=document.sealed_at,
            act=act.index,
            superseded_by=superseded.get(document.id),
        )


def _superseded(provenance: Provenance) -> dict[str, str]:
    """Return which document the acts in the packet put into another's place: older -> newer."""
    accessions = provenance.brought.accessions()
    return {
        document.supersedes: document.id
        for _, facts in accessions
        for document in facts.documents
        if document.supersedes
    }
