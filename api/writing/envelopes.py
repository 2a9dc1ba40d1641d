"""Envelopes: papers that people fill in on pages. They are operational: no act states them, a
rebuild does not bring them back, and one that is not saved is forgotten.

An envelope belongs to a chart. Each person who may archive papers of that chart may fill it in.
When it is archived its data comes in by the same way as a JSON record, under the key of the
envelope: sent twice, it is archived once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, select, update

from api.reading.records import RecordService
from api.writing.intake import Intake, Result
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.clock import Clock, vietnam_date
from archive.base.errors import Fault, KhoError, NotFound, SubmissionRejected
from archive.base.identifiers import new_id, sha256
from archive.catalog.database import Catalog
from archive.catalog.entries import ChartEntry
from archive.catalog.operations import EnvelopeReaderRow, EnvelopeRow
from ingest.codes.shelf import CodeLists
from ingest.forms.catalog import FormCatalog, UnknownForm
from ingest.forms.model import Form
from ingest.forms.shared_lists import day_of
from ingest.forms.typed import Typed, data_of
from ingest.sources.detect import parse_source
from ingest.submission import RefusedSource

if TYPE_CHECKING:
    from sqlalchemy import CursorResult

KEPT = timedelta(days=30)  # after the last save
BESIDE = timedelta(minutes=10)  # a person who was here within them is named to the others


class SavedByAnother(KhoError):
    """Someone else saved the envelope after it was opened here."""

    code = "envelope.saved_by_another"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A paper that is not archived yet: its chart, its form, and what was typed."""

    id: str
    chart_id: str
    form: str
    form_version: int
    typed: Typed
    revision: int
    begun_by: str
    saved_by: str
    saved_at: datetime

    @property
    def key(self) -> str:
        """The key of the paper in its chart."""
        return f"envelope-{self.id}"


class EnvelopeService:
    """Keeps the envelopes of one archive and archives them."""

    def __init__(
        self, catalog: Catalog, clock: Clock, records: RecordService, forms: FormCatalog
    ) -> None:
        """`records` say which charts a person may see; `forms` are those of the archive."""
        self._catalog, self._clock = catalog, clock
        self._records, self._forms = records, forms

    def forms(self) -> list[Form]:
        """Return the forms that a person can fill in today."""
        in_force = self._forms.in_force(vietnam_date(self._clock.now()))
        return [form for form in in_force.forms if form.accepts_json and form.fields]

    def form(self, envelope: Envelope, chart: ChartEntry | None = None) -> Form:
        """Return the form of `envelope`, in the version with which it was begun.

        With `chart`: with the shared code lists of the chart's day, else of today.
        """
        form = self._forms.version(envelope.form, envelope.form_version)
        return form if chart is None else form.on(self.day(chart))

    @property
    def codes(self) -> CodeLists:
        """The code lists of the archive."""
        return self._forms.codes

    def day(self, chart: ChartEntry) -> date:
        """Return the day whose code lists count for papers of `chart`."""
        return day_of(chart.facts) or vietnam_date(self._clock.now())

    def begin(self, chart_id: str, code: str, actor: Actor, scope: Scope) -> Envelope:
        """Begin a paper of the form `code` in a chart.

        Raises NotFound, Denied, UnknownForm; SubmissionRejected where the chart is deposited.
        """
        chart = self._chart(chart_id, actor, scope)
        if chart.state != "open":
            raise SubmissionRejected([Fault.of("accession", "/chart", "chart.deposited")])
        form = self._forms.get(code, vietnam_date(self._clock.now()))
        now = self._clock.now()
        row = EnvelopeRow(
            id=new_id(),
            facility=scope.facility,
            chart_id=chart.id,
            form=form.code,
            form_version=form.version,
            typed={},
            revision=1,
            begun_by=actor.name,
            saved_by=actor.name,
            saved_at=now,
        )
        with self._catalog.write() as session:
            session.add(row)
            return _envelope(row)

    def of_chart(self, chart_id: str, actor: Actor, scope: Scope) -> list[Envelope]:
        """Return the envelopes of a chart, the one saved last first. Raises NotFound, Denied."""
        chart = self._chart(chart_id, actor, scope)
        wanted = select(EnvelopeRow).where(EnvelopeRow.chart_id == chart.id)
        with self._catalog.read() as session:
            rows = session.scalars(wanted.order_by(EnvelopeRow.saved_at.desc())).all()
            return [_envelope(row) for row in rows if row.facility == scope.facility]

    def open(self, envelope_id: str, actor: Actor, scope: Scope) -> tuple[Envelope, ChartEntry]:
        """Return an envelope and its chart; raises NotFound outside the scope, Denied."""
        with self._catalog.read() as session:
            row = session.get(EnvelopeRow, envelope_id)
            if row is None or row.facility != scope.facility:
                raise NotFound
            envelope = _envelope(row)
        return envelope, self._chart(envelope.chart_id, actor, scope)

    def save(
        self, envelope_id: str, revision: int, typed: Typed, actor: Actor, scope: Scope
    ) -> Envelope:
        """Keep what was typed, where no other person saved after `revision`.

        Raises SavedByAnother, NotFound, Denied. The same save again changes nothing.
        """
        envelope, _ = self.open(envelope_id, actor, scope)
        kept = {name: list(texts) for name, texts in typed.items()}
        if kept == {name: list(texts) for name, texts in envelope.typed.items()}:
            return envelope
        now = self._clock.now()
        change = (
            update(EnvelopeRow)
            .where(EnvelopeRow.id == envelope.id, EnvelopeRow.revision == revision)
            .values(typed=kept, revision=revision + 1, saved_by=actor.name, saved_at=now)
        )
        with self._catalog.write() as session:
            done = cast("CursorResult[Any]", session.execute(change))
            if done.rowcount != 1:
                raise SavedByAnother(by=envelope.saved_by)
        return replace(
            envelope, typed=kept, revision=revision + 1, saved_by=actor.name, saved_at=now
        )

    def beside(self, envelope: Envelope, actor: Actor) -> list[tuple[str, datetime]]:
        """Note that `actor` has `envelope` open; return who else had it open within `BESIDE`, and
        when last.
        """
        now = self._clock.now()
        here = select(EnvelopeReaderRow).where(EnvelopeReaderRow.envelope_id == envelope.id)
        with self._catalog.write() as session:
            session.merge(
                EnvelopeReaderRow(envelope_id=envelope.id, account=actor.name, seen_at=now)
            )
            rows = session.scalars(here.order_by(EnvelopeReaderRow.seen_at.desc())).all()
            people = [(row.account, row.seen_at) for row in rows]
        return [(name, at) for name, at in people if name != actor.name and at > now - BESIDE]

    def remove(self, envelope_id: str, actor: Actor, scope: Scope) -> None:
        """Throw an envelope away; raises NotFound, Denied."""
        envelope, _ = self.open(envelope_id, actor, scope)
        with self._catalog.write() as session:
            session.execute(delete(EnvelopeRow).where(EnvelopeRow.id == envelope.id))
            here = EnvelopeReaderRow.envelope_id == envelope.id
            session.execute(delete(EnvelopeReaderRow).where(here))

    def archive(self, seen: Envelope, intake: Intake, actor: Actor, scope: Scope) -> Result:
        """Archive what an envelope says as a paper of its chart; on success it is gone.

        A refusal is in the result, and the envelope stays. Raises SavedByAnother where it is not as
        it was `seen`, UnknownForm where the version with which it was begun is no longer in force,
        and as :meth:`Intake.accept` does.
        """
        envelope, chart = self.open(seen.id, actor, scope)
        if envelope.revision != seen.revision:
            raise SavedByAnother(by=envelope.saved_by)
        form = self.form(envelope)
        if self._forms.get(form.code, vietnam_date(self._clock.now())) is not form:
            raise UnknownForm(form=f"{form.code}, version {form.version}")
        document = {
            "format": "kho-chart/1",
            "facility": scope.facility,
            "patient": {"name": "–"},
            "chart": {"episode": chart.facts.episode, "kind": chart.facts.kind.value},
            "papers": [
                {"form": form.code, "key": envelope.key, "data": data_of(form, envelope.typed)}
            ],
        }
        data = json.dumps(document, ensure_ascii=False).encode()
        forms = FormCatalog([self.form(envelope, chart)], codes=self._forms.codes)
        (parsed,) = parse_source(envelope.key, data, forms, scope.facility)
        if isinstance(parsed, RefusedSource):
            return Result(envelope.key, faults=parsed.faults, stated=parsed.stated)
        submission = replace(
            parsed,
            patient=chart.patient,
            chart=chart.facts,
            source_digest=sha256(data),
            leaves_chart=True,
        )
        result = intake.accept(submission)
        if result.receipts:
            self.remove(envelope.id, actor, scope)
        return result

    def _chart(self, chart_id: str, actor: Actor, scope: Scope) -> ChartEntry:
        actor.require(Permission.INGEST)
        return self._records.chart(chart_id, actor, scope).chart


def forget_old(catalog: Catalog, clock: Clock) -> None:
    """Remove the envelopes that were not saved for `KEPT`."""
    old = EnvelopeRow.saved_at <= clock.now() - KEPT
    with catalog.read() as session:
        if session.scalar(select(EnvelopeRow.id).where(old).limit(1)) is None:
            return
    with catalog.write() as session:
        session.execute(delete(EnvelopeRow).where(old))
        left = EnvelopeReaderRow.seen_at <= clock.now() - KEPT
        session.execute(delete(EnvelopeReaderRow).where(left))


def _envelope(row: EnvelopeRow) -> Envelope:
    typed: Mapping[str, Sequence[str]] = row.typed
    fields: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("id", "chart_id", "form", "form_version", "revision", "begun_by", "saved_by")
    }
    return Envelope(**fields, typed=typed, saved_at=row.saved_at)
