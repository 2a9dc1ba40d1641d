"""A packet's documents as a submission of this facility:
each original stays the file that it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Protocol, cast

from pydantic import ValidationError

from api.sharing.acts import BroughtActs
from api.sharing.identity import Identity
from api.sharing.manifest import Manifest, PacketDocument
from api.sharing.refusals import PacketRefused, fault
from archive.acts.accession import LONGEST_SHEET, Accession, ArchivedDocument, ReceivedPacket
from archive.base.errors import Fault, SubmissionRejected
from archive.base.facts import ChartFacts, Patient
from archive.base.identifiers import FacilityCode, FormCode, Sha256, sha256
from ingest.forms.own_facts import LONGEST_TITLE, OwnFacts, short_line
from ingest.sources.faults import code_of
from ingest.sources.faults import fault as source_fault
from ingest.submission import FinishedFile, Paper, Submission

OTHER = FormCode("KHAC")  # tài liệu khác
_LONGEST = 100  # characters of an episode key (`archive.base.facts.ChartFacts`)


class Examines(Protocol):
    """Looks at a file from outside and says what it is."""

    def examine(self, name: str, data: bytes, dated: date | None, path: str) -> FinishedFile:
        """Return the file with what it is; raises :class:`archive.base.errors.SubmissionRejected`
        with every fault at `path`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a packet's chart is filed in this archive.

    `prefix` is put before the sender's own keys, so that none is mistaken for a key of this
    facility. `department` is a department of this facility; None: not assigned yet.
    """

    prefix: str
    department: str | None


def prefixes_of(identity: Identity) -> tuple[str, str]:
    """Return the two prefixes of a sender's keys: its code, and its code with its ledger.

    The second one is for charts whose first place is taken by a chart of another ledger, for
    example after a sender began a new archive.
    """
    return identity.code, f"{identity.code}-{identity.ledger_fingerprint[:16]}"


def episode_of(prefix: str, episode: str) -> str:
    """Return the key of a received chart here: the sender's own behind its prefix, so that it is no
    episode of ours.
    """
    own = f"{prefix}/{episode}"
    return own if len(own) <= _LONGEST else f"{prefix}/sha256-{sha256(episode.encode())}"


def submission_of(
    manifest: Manifest,
    digest: Sha256,
    acts: BroughtActs,
    files: Mapping[str, bytes],
    *,
    facility: FacilityCode,
    identity: Identity,
    place: Place,
    unknown_forms: Collection[str],
    examiner: Examines,
) -> Submission:
    """Return the submission that archives the packet of this digest; its acts were proven before.

    Chart and patient are what the sender's newest accession act says, with two changes: the episode
    and the patient's number get the prefix of `place`, and the department is that of `place`.
    Originals of `unknown_forms` are filed as other documents, with the title that the sender gave.
    Raises PacketRefused with every fault that its originals have.
    """
    _, accession = acts.accessions()[-1]
    said = {document.id: document for _, facts in acts.accessions() for document in facts.documents}
    papers, faults = list[Paper](), list[Fault]()
    for document in manifest.documents:
        try:
            paper = _paper(document, said[document.document_id], files[document.name], examiner)
            papers.append(_filed(paper) if document.form in unknown_forms else paper)
        except SubmissionRejected as refused:
            faults += refused.faults
    if faults:
        raise PacketRefused(faults)
    patient, chart = _facts(place, accession)
    return Submission(
        source=f"packet {manifest.packet_id}",
        facility=facility,
        patient=patient,
        chart=chart,
        papers=tuple(papers),
        message=manifest.packet_id,
        source_digest=digest,
        received=received_packet(manifest, digest, identity),
    )


def received_packet(manifest: Manifest, digest: Sha256, identity: Identity) -> ReceivedPacket:
    """Return what the accession act records of the packet."""
    return ReceivedPacket(
        packet=manifest.packet_id, sender=identity.code, sha256=digest, came_from=identity.came_from
    )


def _paper(
    document: PacketDocument, said: ArchivedDocument, data: bytes, examiner: Examines
) -> Paper:
    """Return the paper that the original is; its key is the sender's, so that a newer packet's
    paper supersedes it.
    """
    file = examiner.examine(PurePosixPath(document.name).name, data, _dated(said), document.name)
    if file.nature != "signed_pdfa":
        raise SubmissionRejected([fault(document.name, "packet.not_pdfa")])
    own = OwnFacts(
        title=short_line(said.title_vi, LONGEST_TITLE),
        dated=said.dated,
        sheet=short_line(said.sheet or "", LONGEST_SHEET),
    )
    return Paper(FormCode(document.form), said.key, {}, file=file, own=own)


def _filed(paper: Paper) -> Paper:
    return replace(paper, form=OTHER, key=f"{paper.form}:{paper.key}")


def _dated(said: ArchivedDocument) -> date | None:
    return said.original.dated if said.original else None


def _facts(place: Place, accession: Accession) -> tuple[Patient, ChartFacts]:
    """Return patient and chart as this archive takes them; raises PacketRefused for facts that
    intake refuses.
    """
    try:
        return _patient(place.prefix, accession.patient), _chart(place, accession.chart)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        named = [
            (f"/{problem['loc'][0]}", code_of(cast("dict[str, Any]", problem)))
            for problem in problems
        ]
        raise PacketRefused([source_fault(path, code) for path, code in named]) from error


def _chart(place: Place, facts: ChartFacts) -> ChartFacts:
    update = {"episode": episode_of(place.prefix, facts.episode), "department": place.department}
    return ChartFacts.model_validate(facts.model_dump() | update)


def _patient(prefix: str, patient: Patient) -> Patient:
    """Return the patient; the number that the sender knows them by is not one of
    this facility's.
    """
    local_id = f"{prefix}/{patient.local_id}" if patient.local_id else None
    return Patient.model_validate(patient.model_dump() | {"local_id": local_id})
