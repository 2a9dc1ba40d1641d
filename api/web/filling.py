"""Write a paper: choose a form for a chart, fill it in, look at the exact PDF, and archive it.

What is typed is kept on the server as an envelope. Its pages come from the definition of the form.
They work without script; with it (`static/keep.js`) what is typed is saved while it is typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from api.error_answers import http_status
from api.refusals.kept import Source
from api.web.filling_codes import CodeHelp, chosen
from api.web.filling_view import sections
from api.web.language import language
from api.web.previews import preview_of
from api.web.security import with_script
from api.web.site import caller, site
from api.web.way_back import drafted
from api.web.wording import moment, say
from api.writing.envelopes import Envelope, EnvelopeService, SavedByAnother
from api.writing.intake import Intake
from archive.access.actor import Permission
from archive.base.errors import Fault, KhoError, NotFound, SubmissionRejected
from archive.catalog.entries import ChartEntry
from ingest.forms.model import Form
from ingest.forms.typed import Typed, data_of, faults_of, field_of, with_sums
from ingest.sources.notices import UNLISTED

pages = Blueprint("filling", __name__)
_OWN = frozenset({"csrf_token", "revision", "do"})  # fields of the page, not of the paper


@dataclass(frozen=True, slots=True)
class _Page:
    """What one answer shows: the envelope, what was typed, and what is wrong with it."""

    envelope: Envelope
    chart: ChartEntry
    form: Form
    typed: Typed
    faults: Sequence[Fault] = ()
    problem: str | None = None
    more: Mapping[str, int] | None = None  # rows to add, by the name of a table
    other: Envelope | None = None  # what another person saved meanwhile
    asked: str = ""  # the field whose code is looked for
    beside: Sequence[tuple[str, datetime]] = ()  # who else has it open

    def answer(self, status: int = 200) -> ResponseReturnValue:
        problems: dict[str, list[str]] = {}
        for fault in self.faults:
            problems.setdefault(field_of(fault.path), []).append(fault.message.to(language()))
        service = site().envelopes
        codes = CodeHelp(service.codes, service.day(self.chart), self.typed, self.asked)
        shown = sections(self.form, self.typed, problems, self.more or {}, codes)
        places = {name for section in shown for name in section.names}
        page = render_template(
            "fill.html",
            envelope=self.envelope,
            chart=self.chart,
            form=self.form,
            sections=shown,
            offers=codes.offers,
            problem=self.problem,
            elsewhere=[
                text for name, texts in problems.items() if name not in places for text in texts
            ],
            wrong=len(self.faults),
            other=self.other,
            beside=_people(self.beside),
        )
        return with_script(make_response(page, status))


@pages.get("/charts/<uuid:chart_id>/write")
def choose(chart_id: UUID) -> ResponseReturnValue:
    """Show the forms, and the envelopes that are open for the chart."""
    account = caller(Permission.INGEST)
    history = site().archive.records.chart(str(chart_id), account.actor, account.scope)
    service = site().envelopes
    return render_template(
        "write.html",
        chart=history.chart,
        forms=service.forms(),
        envelopes=[
            (each, service.form(each))
            for each in service.of_chart(history.chart.id, account.actor, account.scope)
        ],
    )


@pages.post("/charts/<uuid:chart_id>/write")
def begin(chart_id: UUID) -> ResponseReturnValue:
    """Begin a paper of the chosen form."""
    account = caller(Permission.INGEST)
    code = request.form.get("code", "")
    envelope = site().envelopes.begin(str(chart_id), code, account.actor, account.scope)
    return redirect(url_for("filling.fill", envelope_id=envelope.id), 303)


@pages.route("/envelopes/<uuid:envelope_id>", methods=["GET", "POST"])
def fill(envelope_id: UUID) -> ResponseReturnValue:
    """Show the form; keep what was typed, and do what the button says."""
    account = caller(Permission.INGEST)
    service = site().envelopes
    try:
        envelope, chart = service.open(str(envelope_id), account.actor, account.scope)
    except NotFound:
        if request.form.get("do") == "keep":  # script asks again: a flash each time would pile up
            return {"problem": say("filling.gone")}, 404
        if request.method == "POST":  # it was archived or thrown away in another window
            flash(say("filling.gone"))
            return redirect(url_for("lists.show"), 303)
        raise
    form = service.form(envelope, chart)
    beside = service.beside(envelope, account.actor)
    if request.method == "GET":
        return _Page(envelope, chart, form, _again(envelope), beside=beside).answer()
    typed, asked = with_sums(form, _typed(form)), request.form.get("do", "save")
    revision = request.form.get("revision", 0, type=int)
    if asked.startswith("choose."):
        name, _, code = asked.removeprefix("choose.").rpartition(":")
        typed = chosen(form, typed, name, code, service.codes, service.day(chart))
    try:
        envelope = service.save(envelope.id, revision, typed, account.actor, account.scope)
    except SavedByAnother:
        other, _ = service.open(envelope.id, account.actor, account.scope)
        if asked == "keep":
            return {"problem": say("filling.other")}, 409
        page = _Page(other, chart, form, typed, problem=say("filling.other"), other=other)
        return page.answer(409)
    if asked == "keep":
        at = moment(envelope.saved_at)
        kept = {"revision": envelope.revision, "kept": say("filling.kept", at=at)}
        return {**kept, "beside": _people(beside)}
    if asked == "preview":
        return redirect(url_for("filling.preview", envelope_id=envelope.id), 303)
    if asked.startswith("more."):
        return _Page(envelope, chart, form, typed, more={asked.removeprefix("more."): 3}).answer()
    if asked.startswith("look."):
        return _Page(envelope, chart, form, typed, asked=asked.removeprefix("look.")).answer()
    if asked.startswith("choose."):
        return redirect(_place(envelope, name), 303)
    if asked == "remove":
        service.remove(envelope.id, account.actor, account.scope)
        flash(say("filling.removed"))
        return redirect(url_for("charts.show", chart_id=chart.id), 303)
    if asked in ("check", "archive"):
        wrong = faults_of(form, typed)
        if wrong:
            return _Page(envelope, chart, form, typed, wrong, say("filling.wrong")).answer(422)
    if asked == "archive":
        return _archive(service, envelope, chart, form)
    flash(say("filling.right" if asked == "check" else "filling.saved"))
    return redirect(url_for("filling.fill", envelope_id=envelope.id), 303)


@pages.get("/envelopes/<uuid:envelope_id>/preview.pdf")
def preview(envelope_id: UUID) -> ResponseReturnValue:
    """Give the PDF as it would be archived, marked as a preview; faults are shown on the page."""
    from ingest.render.preview import preview_job

    account = caller(Permission.INGEST)
    service = site().envelopes
    envelope, chart = service.open(str(envelope_id), account.actor, account.scope)
    form, archive = service.form(envelope, chart), site().archive
    try:
        job = preview_job(
            form,
            data_of(form, envelope.typed),
            archive.letterhead.facility,
            archive.clock.now(),
            patient=chart.patient,
            chart=chart.facts,
        )
    except SubmissionRejected as refused:
        problem = say("filling.wrong")
        return _Page(envelope, chart, form, envelope.typed, refused.faults, problem).answer(422)
    return preview_of(job, account)


def _place(envelope: Envelope, name: str) -> str:
    """Return the address of a field on the page of an envelope."""
    place = f"f-{name.replace('.', '-')}"
    return url_for("filling.fill", envelope_id=envelope.id, _anchor=place)


def _archive(
    service: EnvelopeService, envelope: Envelope, chart: ChartEntry, form: Form
) -> ResponseReturnValue:
    account = caller(Permission.INGEST)
    page = _Page(envelope, chart, form, envelope.typed)
    try:
        with site().writing(account.name) as file_came:
            archive = site().open_for_writing()
            intake = Intake(archive, account.actor, account.scope, file_came, Source.PAGE)
            result = service.archive(envelope, intake, account.actor, account.scope)
    except NotFound:
        raise
    except KhoError as error:
        return replace(page, problem=error.explain(language())).answer(http_status(error))
    if not result.receipts:
        faults = [Fault(_of_data(fault.path), fault.code, fault.message) for fault in result.faults]
        return replace(page, faults=faults, problem=say("filling.refused")).answer(422)
    flash(say("filling.archived"))
    if unlisted := sum(notice.fault.code == UNLISTED for notice in result.notices):
        flash(say("filling.archived_unlisted", count=unlisted))
    there = result.receipts[0].document_id
    return redirect(url_for("documents.show", document_id=there), 303)


def _people(beside: Sequence[tuple[str, datetime]]) -> str:
    """Return who else has the paper open, in words; nothing where no other person has."""
    names = ", ".join(f"{name} ({moment(at)})" for name, at in beside)
    return say("filling.beside", people=names) if names else ""


def _of_data(path: str) -> str:
    return path.removeprefix("/papers/0/data")


def _again(envelope: Envelope) -> Typed:
    """Return what was typed before a session ended in the middle, else what was saved."""
    fields = drafted().get("formdata")
    if fields is None:
        return envelope.typed
    return {name: fields.getlist(name) for name in fields if name not in _OWN}


def _typed(form: Form) -> dict[str, list[str]]:
    """Return what was typed into fields of `form`; others are ignored."""
    names = {field.name for field in form.fields}
    return {
        name: texts
        for name, texts in request.form.lists()
        if name.partition(".")[0] in names and any(text.strip() for text in texts)
    }
