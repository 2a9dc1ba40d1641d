"""Charts, documents and submissions for command line, pages and API: frozen entries, within a
scope.

Every read of a record passes here, with its actor and scope. So this is where grants are asked, and
where looks are recorded.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api.reading.own_dates import reading_place
from api.reading.packets import ChartPackets, packets_of
from api.reading.papers import ChartTable, ListedChart, RequiredPapers
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.errors import NotFound
from archive.catalog import listings, records
from archive.catalog.database import Catalog
from archive.catalog.entries import (
    ActSummary,
    ChartEntry,
    ChartHistory,
    ChartWithDocuments,
    DocumentEntry,
    DocumentInChart,
    HeldDocument,
    ObservedLock,
    SubmissionEntry,
)
from archive.catalog.listings import ChartFilter, DocumentFilter, Order
from archive.catalog.observations import locks_of, locks_of_chart
from archive.catalog.operations import ObservationRow
from archive.catalog.tables import ActRow, ChartRow, DocumentRow


class RecordService:
    """Reads the records of one archive. Safe for threads.

    What lies outside of the caller's scope does not exist: it raises NotFound as what never was.
    """

    def __init__(self, catalog: Catalog, papers: Callable[[], RequiredPapers]) -> None:
        """`papers`: what charts need; they are read when a question needs them."""
        self._catalog, self._papers = catalog, papers

    def charts(
        self,
        wanted: ChartFilter,
        limit: int,
        after: tuple[datetime, str] | None,
        actor: Actor,
        scope: Scope,
    ) -> Sequence[ChartEntry]:
        """Return charts as :func:`archive.catalog.listings.chart_page`. Raises Denied."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            return listings.chart_page(session, scope, wanted, limit, after, self._lacking)

    def chart_table(
        self,
        wanted: ChartFilter,
        order: Order,
        limit: int,
        offset: int,
        actor: Actor,
        scope: Scope,
    ) -> ChartTable:
        """Return at most `limit` charts behind the first `offset`, each with what it lacks.

        Three queries, however many charts there are. Raises Denied.
        """
        actor.require(Permission.READ)
        papers = self._papers()
        with self._catalog.read() as session:
            charts, total = listings.chart_table(
                session, scope, wanted, order, limit, offset, self._lacking
            )
            forms = listings.forms_in_force(session, [chart.id for chart in charts])
        listed = (
            ListedChart(chart, papers.missing_beside(chart, forms.get(chart.id, set())))
            for chart in charts
        )
        return ChartTable(tuple(listed), total)

    def _lacking(self) -> ColumnElement[bool]:
        return self._papers().lacking()

    def chart(self, chart_id: str, actor: Actor, scope: Scope) -> ChartHistory:
        """Return everything known of a chart. Raises Denied, NotFound."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            return _history(session, records.chart(session, chart_id, scope), scope)

    def named(self, name: str, actor: Actor, scope: Scope) -> ChartWithDocuments:
        """Return the chart that `name` names: its id, its archive number, or the HIS's key.

        Raises Denied, NotFound.
        """
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            return _with_documents(records.chart_named(session, name, scope), scope)

    def chart_of_episode(self, episode: str, actor: Actor, scope: Scope) -> ChartHistory:
        """Return everything known of the chart of the HIS's key. Raises Denied, NotFound."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            chart = records.chart_of_episode(session, episode, scope)
            if chart is None:
                raise NotFound
            return _history(session, chart, scope)

    def chart_with_packets(
        self, chart_id: str, actor: Actor, scope: Scope
    ) -> tuple[ChartWithDocuments, ChartPackets]:
        """Return a chart, its documents and its referral packets. Raises Denied, NotFound."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            chart = records.chart(session, chart_id, scope)
            return _with_documents(chart, scope), packets_of(session, chart.id)

    def packets(self, chart_id: str, actor: Actor, scope: Scope) -> ChartPackets:
        """Return the referral packets of a chart. Raises Denied, NotFound."""
        return self.chart_with_packets(chart_id, actor, scope)[1]

    def found_charts(
        self, documents: Mapping[str, Collection[str]], actor: Actor, scope: Scope
    ) -> Sequence[ChartWithDocuments]:
        """Return the charts that a search found and that are within `scope`.

        `documents`: the ids of the documents that it found, by chart; only these are returned. Two
        queries, however many there are. Raises Denied.
        """
        actor.require(Permission.FIND)
        with self._catalog.read() as session:
            return [
                _with_documents(chart, scope, documents[chart.id])
                for chart in records.charts(session, scope, documents)
            ]

    def chosen(
        self, chart_ids: Sequence[str], actor: Actor, scope: Scope
    ) -> Sequence[ChartWithDocuments]:
        """Return charts in the order of their ids, each once.

        Two queries, however many there are. Raises Denied, and NotFound where one is not within
        `scope`.
        """
        actor.require(Permission.READ)
        wanted = list(dict.fromkeys(chart_ids))
        with self._catalog.read() as session:
            rows = {row.id: row for row in records.charts(session, scope, wanted)}
            if len(rows) < len(wanted):
                raise NotFound
            return [_with_documents(rows[chart_id], scope) for chart_id in wanted]

    def documents(
        self,
        wanted: DocumentFilter,
        limit: int,
        after: tuple[int, int] | None,
        actor: Actor,
        scope: Scope,
        *,
        oldest_first: bool = False,
    ) -> Sequence[HeldDocument]:
        """Return documents as :func:`archive.catalog.listings.document_page`. Raises Denied."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            page = listings.document_page(
                session, scope, wanted, limit, after, oldest_first=oldest_first
            )
            return _with_locks(session, page)

    def document(self, document_id: str, actor: Actor, scope: Scope) -> HeldDocument:
        """Return everything known of a document. Raises Denied, NotFound."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            row = records.document(session, document_id, scope)
            return HeldDocument(DocumentEntry.of(row), _lock(session, row))

    def document_in_chart(self, document_id: str, actor: Actor, scope: Scope) -> DocumentInChart:
        """Return a document with its chart. Raises Denied, NotFound."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            row = records.document(session, document_id, scope)
            siblings = session.execute(
                select(
                    DocumentRow.id,
                    DocumentRow.superseded_by,
                    DocumentRow.dated,
                    DocumentRow.sheet,
                    DocumentRow.position,
                )
                .join(DocumentRow.chart)
                .where(DocumentRow.chart_id == row.chart_id, records.documents_within(scope))
            ).all()
            return DocumentInChart(
                document=DocumentEntry.of(row),
                chart=ChartEntry.of(row.chart),
                lock=_lock(session, row),
                supersedes=next((id_ for id_, newer, *_ in siblings if newer == row.id), None),
                papers=tuple(
                    id_ for id_, _, *place in sorted(siblings, key=lambda s: reading_place(*s[2:]))
                ),
            )

    def submission(self, submission_id: str, actor: Actor, scope: Scope) -> SubmissionEntry:
        """Return a past submission and its documents. Raises Denied, NotFound."""
        actor.require(Permission.READ)
        with self._catalog.read() as session:
            row, act = listings.submission(session, submission_id, scope)
            wanted = DocumentFilter(submission_id=row.id)
            page = listings.document_page(session, scope, wanted, None, None, oldest_first=True)
            documents = tuple(_with_locks(session, page))
            return SubmissionEntry(row.id, row.chart_id, row.act_index, act.time, documents)

    def submissions_of(
        self, document_ids: Iterable[str], actor: Actor, scope: Scope
    ) -> dict[str, str]:
        """Return, for each of `document_ids` within `scope`, the submission that brought it.

        For the receipts of a caller who sent them. Raises Denied.
        """
        actor.require(Permission.INGEST)
        with self._catalog.read() as session:
            return listings.submissions_of(session, document_ids, scope)


def _history(session: Session, chart: ChartRow, scope: Scope) -> ChartHistory:
    locks = locks_of_chart(session, chart.id)
    acts = session.query(ActRow).filter_by(chart_id=chart.id).order_by(ActRow.index)
    return ChartHistory(
        chart=ChartEntry.of(chart),
        documents=tuple(
            HeldDocument(DocumentEntry.of(row), ObservedLock.of(locks.get(row.id)))
            for row in records.documents_of(chart, scope)
        ),
        acts=tuple(map(ActSummary.of, acts)),
    )


def _with_documents(
    chart: ChartRow, scope: Scope, wanted: Collection[str] | None = None
) -> ChartWithDocuments:
    """Return a chart with its documents within `scope`, or with the `wanted` ones of them."""
    rows = records.documents_of(chart, scope)
    shown = (row for row in rows if wanted is None or row.id in wanted)
    return ChartWithDocuments(ChartEntry.of(chart), tuple(map(DocumentEntry.of, shown)))


def _with_locks(session: Session, documents: Sequence[DocumentEntry]) -> list[HeldDocument]:
    """Return the documents with their locks; one query gets the store's answers for all."""
    locks = locks_of(session, [document.object_key for document in documents])
    return [
        HeldDocument(
            document,
            ObservedLock.of(locks.get((document.object_key, document.object_version))),
        )
        for document in documents
    ]


def _lock(session: Session, row: DocumentRow) -> ObservedLock | None:
    key = (row.object_key, row.object_version)
    return ObservedLock.of(session.get(ObservationRow, key))
