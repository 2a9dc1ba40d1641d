"""What every source becomes: a chart or part of one, with its papers, checked and ready for accession."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.errors import Fault
from archive.facts import ChartFacts, Patient
from archive.identifiers import FacilityCode, FormCode, Sha256


@dataclass(frozen=True, slots=True)
class SourcePart:
    """The bytes of a source that belong to one paper, exactly as they were received."""

    name: str  # file name inside the PDF, e.g. "XML3.xml"
    media_type: str
    data: bytes
    description: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One form of a chart. `key` tells papers of one form in one chart apart; `data` follows the form's schema."""

    form: FormCode
    key: str
    data: Mapping[str, Any]  # JSON values only, text in NFC
    part: SourcePart | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A chart or part of one, as one source gave it. `source` names it for people and holds no patient data."""

    source: str
    facility: FacilityCode
    patient: Patient
    chart: ChartFacts
    papers: tuple[Paper, ...]
    message: str | None = None  # tells apart messages that say the same: without it the same again is a repetition
    source_digest: Sha256 | None = None  # of the file or request that it came in


@dataclass(frozen=True, slots=True)
class RefusedSource:
    """A source, or one chart of it, that was refused whole, with everything that is wrong with it."""

    source: str
    faults: tuple[Fault, ...]


Parsed = tuple[Submission | RefusedSource, ...]
