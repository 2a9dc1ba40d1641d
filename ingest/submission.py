"""What every source becomes: a chart or part of one, with its papers, checked and ready for
accession.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from archive.acts.accession import ReceivedPacket
from archive.base.errors import Fault
from archive.base.facts import ChartFacts, Patient
from archive.base.identifiers import FacilityCode, FormCode, Sha256
from ingest.forms.own_facts import OwnFacts


@dataclass(frozen=True, slots=True)
class SourcePart:
    """The bytes of a source that belong to one paper, exactly as they were received."""

    name: str  # file name inside the PDF, e.g. "XML3.xml"
    media_type: str
    data: bytes
    description: str


# The result of examining a finished file in a child process (`docs/formats.md` says how each is
# archived). signed_pdfa: signed by anyone and claims PDF/A; archived as it is. signed: any other
# signed PDF; attached to a cover. pdf: a PDF without a signature; converted to PDF/A-3. image: an
# image or a scan; converted, with a layer of text.
Nature = Literal["signed_pdfa", "signed", "pdf", "image"]


@dataclass(frozen=True, slots=True)
class SignedBy:
    """One signature of a finished file, as readers see it: names of the certificate, `when` ISO
    8601 or None.
    """

    subject: str
    issuer: str
    when: str | None


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """A file that was finished elsewhere, as received, and the results of its examination.

    It is kept byte for byte.
    """

    name: str  # for people; no path, no patient data
    media_type: str  # by its content, never by its name
    data: bytes
    nature: Nature
    dated: date | None = None  # as its metadata state it
    # indication of EN 319 102-1 of its own signatures when it came; None: unsigned
    verdict: str | None = None
    pages: int = 0  # 0: not counted
    signed_by: tuple[SignedBy, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """That a person replaces a document by a paper, and why."""

    document_id: str
    reason: str  # one text of at most 1000 characters


@dataclass(frozen=True, slots=True)
class Paper:
    """One form of a chart.

    `key` distinguishes papers of one form in one chart; `data` follows the form's schema.

    A paper with a `file` is that file: its `data` is empty. What it says of itself then comes from
    its sender: its date with the file, and `own`.
    """

    form: FormCode
    key: str
    data: Mapping[str, Any]  # JSON values only, text in NFC
    part: SourcePart | None = None
    file: FinishedFile | None = None
    correction: Correction | None = None
    own: OwnFacts | None = None  # None: as `data` say


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that was taken and may be wrong; `suggestion` is what a text may mean, for its
    sender only.
    """

    fault: Fault
    suggestion: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return the notice as `docs/scripting.md` gives it."""
        return {
            **self.fault.as_json(),
            **({"suggestion": self.suggestion} if self.suggestion else {}),
        }


@dataclass(frozen=True, slots=True)
class Submission:
    """A chart or part of one, as one source gave it.

    `source` names it for people and holds no patient data.
    """

    source: str
    facility: FacilityCode
    patient: Patient
    chart: ChartFacts
    papers: tuple[Paper, ...]
    # distinguishes messages of equal content: without it the second is a repetition
    message: str | None = None
    source_digest: Sha256 | None = None  # of the file or request that it came in
    received: ReceivedPacket | None = None  # the referral packet that it came in
    notices: tuple[Notice, ...] = ()  # what was taken and may be wrong
    # names that the source states beside codes, by code: papers show them, no record holds them
    practitioners: Mapping[str, str] = field(default_factory=dict)
    # patient and chart are those of the archive: nothing of them is to change
    leaves_chart: bool = False
    # the chart is new: one that is there and says anything else is not to change
    begins_chart: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """What a refused source itself says of its chart: its episode and department; None: nothing."""

    episode: str | None
    department: str | None


UNSTATED = Stated(None, None)


@dataclass(frozen=True, slots=True)
class RefusedSource:
    """A source, or one chart of it, that was refused whole,
    with everything that is wrong with it.
    """

    source: str
    faults: tuple[Fault, ...]
    stated: Stated = UNSTATED


Parsed = tuple[Submission | RefusedSource, ...]
