"""A chart for another system: its data by an exchange format, with the signed originals beside.

What the caller may not see is not in it, and nothing of it is mentioned.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from api.access.security_events import record
from api.inspection.zip_stream import ZipStream
from api.reading.own_dates import in_reading_order
from api.sharing.names import document_name
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.catalog.entries import ChartWithDocuments, DocumentEntry
from ingest.exchange.definition import hosobenhan
from ingest.exchange.filling import ExchangedPaper, Filled, facts_of, fill
from ingest.exchange.writing import WRITERS, Syntax
from ingest.forms.model import Form
from ingest.forms.shared_lists import day_of

if TYPE_CHECKING:
    from api.reading.archive import ReadableArchive

FORMAT = "kho-exchange-report/1"
REPORT = "bao-cao.json"
ExportFormat = Literal["hosobenhan-json", "hosobenhan-xml"]
_SYNTAX: dict[str, Syntax] = {"hosobenhan-json": "json", "hosobenhan-xml": "xml"}


@dataclass(frozen=True, slots=True)
class ChartExport:
    """An exported chart: the data, a report of what filled them, and the originals.

    `name`: of the data's file. `originals` gives `(name, bytes)` of each paper, once. `moment` is
    that of the newest paper: the same chart gives the same bytes.
    """

    chart_id: str
    name: str
    data: bytes
    report: dict[str, Any]
    moment: datetime
    originals: Callable[[], Iterator[tuple[str, bytes]]]

    @property
    def file_name(self) -> str:
        """The name of the ZIP: it tells nothing of the patient."""
        return f"hosobenhan-{self.chart_id}.zip"

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the name and bytes of every file: data, report, then the originals."""
        yield self.name, self.data
        yield REPORT, (json.dumps(self.report, ensure_ascii=False, indent=2) + "\n").encode()
        yield from self.originals()

    def zipped(self) -> Iterator[bytes]:
        """Yield a ZIP of all files."""
        archive = ZipStream(self.moment)
        for name, data in self.files():
            yield from archive.add(name, data)
        yield from archive.end()


class ChartExportService:
    """Exports charts of one archive. Safe for threads."""

    def __init__(self, archive: "ReadableArchive") -> None:
        self._records, self._originals = archive.records, archive.originals
        self._attached, self._departments = archive.attached, archive.departments
        self._facility = archive.facility
        self._forms: dict[tuple[str, int], Form] = {
            (form.code, form.version): form for form in archive.forms.forms
        }

    def export(self, named: str, wanted: ExportFormat, actor: Actor, scope: Scope) -> ChartExport:
        """Export the chart that `named` names: an id, an archive number or the HIS's key.

        Raises Denied, NotFound, CatalogueAltered, VaultError, Unavailable; the originals raise
        ObjectMissing and IntegrityError while they are read.
        """
        actor.require(Permission.ORIGINAL)
        held = self._records.named(named, actor, scope)
        in_force = (each for each in held.documents if each.superseded_by is None)
        documents = in_reading_order(in_force)
        entitled = [self._originals.entitled(each.id, actor, scope) for each in documents]
        papers = self._papers(entitled, held)
        filled = fill(hosobenhan(), self._facts(held), papers)
        syntax = _SYNTAX[wanted]
        record("chart.exported", caller=actor.name, chart=held.chart.id, format=wanted)
        return ChartExport(
            chart_id=held.chart.id,
            name=f"hosobenhan.{syntax}",
            data=WRITERS[syntax](filled.tree),
            report=_report(held, wanted, filled, entitled, {each.document_id for each in papers}),
            moment=max((each.claimed_at for each in entitled), default=held.chart.opened_at),
            originals=lambda: (
                (_file(number, document), self._originals.read(document))
                for number, document in enumerate(entitled, start=1)
            ),
        )

    def _papers(
        self, documents: Sequence[DocumentEntry], held: ChartWithDocuments
    ) -> list[ExchangedPaper]:
        """Return the papers that have data and whose form is known here."""
        read, day = self._attached.read(documents), day_of(held.chart.facts)
        papers = []
        for document in documents:
            form = self._forms.get((document.form, document.form_version))
            if form is not None and document.id in read:
                data = read[document.id]["data"]
                papers.append(ExchangedPaper(document.id, document.key, form.on(day), data))
        return papers

    def _facts(self, held: ChartWithDocuments) -> dict[str, dict[str, Any]]:
        facts = held.chart.facts
        facility = {"code": self._facility.code, "name": self._facility.name}
        department = self._departments.names().title(facts.department)
        return facts_of(facts, held.chart.patient, held.chart.archive_number, facility, department)


def _file(number: int, document: DocumentEntry) -> str:
    return document_name(number, document.form, document.id)


def _report(
    held: ChartWithDocuments,
    wanted: ExportFormat,
    filled: Filled,
    documents: Sequence[DocumentEntry],
    read: set[str],
) -> dict[str, Any]:
    """Return which groups were filled and from which papers, without a value of them."""
    known = hosobenhan()
    return {
        "format": FORMAT,
        "written_as": wanted,
        "source": known.source,
        "chart_id": held.chart.id,
        "groups": [group.as_json() for group in filled.groups],
        "left_out": [
            {"group": each.group, "element": each.element, "longest": each.longest}
            for each in filled.left_out
        ],
        "papers": [
            {
                "document_id": document.id,
                "form": document.form,
                "file": _file(number, document),
                "sha256": document.sha256,
                "has_data": document.id in read,
            }
            for number, document in enumerate(documents, start=1)
        ],
    }
