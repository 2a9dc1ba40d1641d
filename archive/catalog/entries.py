"""Catalogue entries: what the catalogue says, as frozen values.

Entry points get these, and never table rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Self

from archive.base.bilingual import Text
from archive.base.facts import ChartFacts, Patient
from archive.catalog import records
from archive.catalog.operations import ObservationRow
from archive.catalog.tables import ActRow, ChartRow, DocumentRow, FacilityRow


@dataclass(frozen=True, slots=True)
class FacilityEntry:
    """The facility as act 0 states it."""

    code: str
    name: str
    authority: str
    address: str
    public_url: str | None
    ledger_origin: str
    ledger_key: str

    @classmethod
    def of(cls, row: FacilityRow) -> Self:
        """Return the entry of a row."""
        return cls(*_FACILITY(row))


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """One archived document. The names are those of the columns (`archive/catalog/tables.py`)."""

    id: str
    facility: str
    chart_id: str
    form: str
    form_version: int
    form_definition: str
    title_vi: str
    title_en: str
    key: str
    content: str
    sha256: str
    size: int
    object_key: str
    object_version: str
    origin: str
    original: Mapping[str, Any] | None
    original_sha256: str | None
    level: str | None
    dated: str | None
    sheet: str | None
    claimed_at: datetime
    sealed_at: datetime | None
    submission_id: str
    act_index: int
    position: int
    superseded_by: str | None

    @classmethod
    def of(cls, row: DocumentRow) -> Self:
        """Return the entry of a row."""
        return cls(*_DOCUMENT(row))

    @property
    def title(self) -> Text:
        """The title of its form."""
        return Text(self.title_vi, self.title_en)


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """One chart without its documents: what its newest acts state, and how long it is kept."""

    id: str
    facility: str
    state: str  # open | deposited
    facts: ChartFacts
    patient: Patient
    archive_number: str | None
    opened_at: datetime
    deposited_at: datetime | None
    retain_until: datetime | None
    rule: str | None

    @classmethod
    def of(cls, row: ChartRow) -> Self:
        """Return the entry of a row."""
        facts, patient = records.stated(row)
        return cls(
            id=row.id,
            facility=row.facility,
            state=row.state,
            facts=facts,
            patient=patient,
            archive_number=row.archive_number,
            opened_at=row.opened_at,
            deposited_at=row.deposited_at,
            retain_until=row.retain_until,
            rule=row.rule,
        )


@dataclass(frozen=True, slots=True)
class ObservedLock:
    """What the store said last of an object's lock, and when."""

    mode: str
    retain_until: datetime
    observed_at: datetime

    @classmethod
    def of(cls, row: ObservationRow | None) -> Self | None:
        """Return the entry of a row; None where the store was never asked."""
        return None if row is None else cls(row.lock_mode, row.retain_until, row.observed_at)


@dataclass(frozen=True, slots=True)
class ActSummary:
    """One act about a chart: its kind, its time and its actor."""

    index: int
    schema: str
    time: datetime
    actor: str
    role: str

    @classmethod
    def of(cls, row: ActRow) -> Self:
        """Return the entry of a row."""
        return cls(row.index, row.schema, row.time, row.actor_name, row.actor_role)


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document, and what the store said last of its original's lock; None: it was never asked."""

    document: DocumentEntry
    lock: ObservedLock | None


@dataclass(frozen=True, slots=True)
class DocumentInChart:
    """A document with its chart.

    `supersedes`: the id of the document whose place it took. `papers`: the ids of all documents of
    the chart, in the order in which a person reads them.
    """

    document: DocumentEntry
    chart: ChartEntry
    lock: ObservedLock | None
    supersedes: str | None
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartWithDocuments:
    """A chart and its documents, superseded ones too, in the order of the chart."""

    chart: ChartEntry
    documents: tuple[DocumentEntry, ...]


@dataclass(frozen=True, slots=True)
class ChartHistory:
    """A chart, its documents with their locks, and the acts about it."""

    chart: ChartEntry
    documents: tuple[HeldDocument, ...]
    acts: tuple[ActSummary, ...]


@dataclass(frozen=True, slots=True)
class SubmissionEntry:
    """A past submission, when it was archived, and the documents that it brought."""

    id: str
    chart_id: str
    act_index: int
    archived_at: datetime
    documents: tuple[HeldDocument, ...]


# Each takes the fields of an entry, in their order, from a row.
_FACILITY = attrgetter(*(field.name for field in fields(FacilityEntry)))
_DOCUMENT = attrgetter(*(field.name for field in fields(DocumentEntry)))
