"""Add papers: a clerk chooses or drops files, says the few facts that a scan needs, and reads what
became of each file.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, MultipleFileField, SelectField, StringField
from wtforms.validators import ValidationError

from api.access.accounts import Account
from api.error_answers import http_status
from api.refusals.kept import Source
from api.web.chart_facts import ChartFactsForm
from api.web.forms import at_most
from api.web.language import language
from api.web.photographs import keep
from api.web.site import caller, site
from api.web.way_back import drafted
from api.web.wording import both, say
from api.writing.beginning import Beginning, beginning, differing
from api.writing.bringing import BringingService, Brought, Scan, scans_of
from api.writing.intake import Intake
from archive.access.actor import Permission
from archive.base.clock import vietnam_date
from archive.base.errors import KhoError, NotFound, SubmissionRejected
from archive.base.identifiers import FormCode
from archive.catalog.entries import ChartEntry
from ingest.sources.finished import checked_name
from ingest.sources.limits import DEFAULT_LIMITS
from ingest.sources.photographs import MOST, kind_of_photograph
from search.dates import full_day

pages = Blueprint("bringing", __name__, url_prefix="/bring-in")
ACCEPTED = ".json,.xml,.pdf,.jpg,.jpeg,.png,.tif,.tiff,application/json,application/pdf,image/*"
_OTHER = "KHAC"  # the form of a paper for which no template is prescribed


def paper_day(field: Any) -> date | None:
    """Return the day that was typed in `field`, None for nothing.

    Raises ValidationError for a month, a year, a day to come, or what is no date.
    """
    text = (field.data or "").strip()
    if not text:
        return None
    day = full_day(text)
    if day is None:
        raise ValidationError(say("bringing.no_day"))
    if day > vietnam_date(site().archive.clock.now()):
        raise ValidationError(say("bringing.future"))
    return day


class BringForm(ChartFactsForm):
    """Files, and what a person says of those that are scans: also of a chart that they begin."""

    files = MultipleFileField()
    camera = MultipleFileField()
    together = BooleanField()
    chart = HiddenField()
    form = SelectField(validate_choice=False)
    dated = StringField(validators=[at_most(10)])
    title = StringField(validators=[at_most(150)])

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.form.choices = [
            (form.code, f"{form.code} – {both(form.title.text)}")
            for form in sorted(
                site().archive.forms.newest(), key=lambda form: form.code.startswith("XML")
            )
        ]
        if not self.form.data or self.form.data == "None":
            self.form.data = _OTHER

    def validate_dated(self, field: Any) -> None:
        """Refuse what is no day."""
        paper_day(field)

    def validate_title(self, field: Any) -> None:
        """Refuse what cannot be a part of a file's name."""
        if (field.data or "").strip():
            try:
                checked_name(field.data.strip(), "/title", DEFAULT_LIMITS)
            except SubmissionRejected as refused:
                raise ValidationError(say("bringing.bad_title")) from refused

    def read(self) -> dict[str, bytes]:
        """Return the files by name: a phone gives every photograph the same one."""
        files: dict[str, bytes] = {}
        for part in (*self.files.data, *self.camera.data):
            if part and part.filename:
                files[_unused(PurePosixPath(part.filename).name, files)] = part.read()
        return files

    def chart_entry(self, account: Account) -> ChartEntry | None:
        """Return the chart that the page was opened for, or whose episode was typed."""
        records = site().archive.records
        try:
            if self.chart.data:
                history = records.chart(str(UUID(self.chart.data)), account.actor, account.scope)
            elif episode := (self.episode.data or "").strip():
                history = records.chart_of_episode(episode, account.actor, account.scope)
            else:
                return None
        except (NotFound, ValueError):
            if self.chart.data or not self.begins:
                self.episode.errors = [say("bringing.no_chart")]
            self.chart.data = ""
            return None
        return history.chart

    def chart_of_scans(self, chart: ChartEntry | None) -> str | Beginning | None:
        """Return the chart of the scans: `chart`, which is there, or the one that they begin.

        None: neither is known, and the fields say why.
        """
        if self.chart.data or not self.begins:
            if chart is None and not self.episode.errors:
                self.episode.errors = [say("bringing.no_episode")]
            return None if chart is None else chart.id
        try:
            facts = beginning(self.document(), vietnam_date(site().archive.clock.now()))
            if chart is not None and (faults := differing(facts, chart)):
                raise SubmissionRejected(faults)
        except SubmissionRejected as refused:
            self.mark(refused.faults)
            return None
        return facts

    def titled(self, files: dict[str, bytes], scans: Sequence[str]) -> dict[str, bytes]:
        """Return `files` with the typed title as the name of each scan."""
        title = (self.title.data or "").strip()
        if not title:
            return files
        named: dict[str, bytes] = {}
        for name, data in files.items():
            suffix = PurePosixPath(name).suffix
            named[_unused(f"{title}{suffix}" if name in scans else name, named)] = data
        return named


def _unused(name: str, files: dict[str, bytes]) -> str:
    """Return `name`, or the first of `name (2)`, `name (3)` ... that no file has."""
    path, number, free = PurePosixPath(name), 1, name
    while free in files:
        number += 1
        free = f"{path.stem} ({number}){path.suffix}"
    return free


@pages.route("", methods=["GET", "POST"])
def bring() -> ResponseReturnValue:
    """Show the form; archive the files, and show what became of each.

    The form may come twice: what is archived gives the same answer, and no act.
    """
    account = caller(Permission.INGEST)
    form = BringForm(**drafted())
    form.offer_departments(account)
    if request.method == "GET":
        form.chart.data = form.chart.data or request.args.get("chart", "")
        return _form(form, form.chart_entry(account), 200)
    valid, chart, files = form.validate(), form.chart_entry(account), form.read()
    scans = scans_of(files)
    if not files:
        form.files.errors = [say("bringing.no_files")]
    joins = form.together.data and len(files) > 1
    if joins and not all(map(kind_of_photograph, files.values())):
        form.files.errors = [say("photographs.only")]
    elif joins and len(files) > MOST:
        form.files.errors = [say("photographs.too_many", count=MOST)]
    valid = valid and not form.files.errors
    of_scans = form.chart_of_scans(chart) if valid and scans else None
    if not valid or not files or (scans and of_scans is None):
        return _form(form, chart if form.chart.data else None, 422)
    scan = None
    if of_scans is not None:
        title = (form.title.data or "").strip() or None
        scan = Scan(of_scans, FormCode(form.form.data), paper_day(form.dated), title)
    try:
        if joins and scan is not None:
            key = keep(account, files, scan, (form.title.data or "").strip() or next(iter(files)))
            return redirect(url_for("photographs.show", key=key), 303)
        with site().writing(account.name) as file_came:
            archive = site().open_for_writing()
            intake = Intake(archive, account.actor, account.scope, file_came, Source.PAGE)
            service = BringingService(intake, site().archive.records, account.actor, account.scope)
            brought = list(service.bring(form.titled(files, scans), scan))
    except NotFound:
        raise
    except KhoError as error:  # what was typed comes back; the files are chosen again
        return _form(
            form,
            chart if form.chart.data else None,
            http_status(error),
            error.explain(language()),
        )
    return _results(brought, len(files), form.chart_entry(account))


def _form(
    form: BringForm, chart: ChartEntry | None, status: int, problem: str | None = None
) -> ResponseReturnValue:
    page = render_template(
        "bring_in.html", form=form, chart=chart, accepted=ACCEPTED, problem=problem, most=MOST
    )
    return page, status


def _results(
    brought: Sequence[Brought], files: int, chart: ChartEntry | None
) -> ResponseReturnValue:
    archived = sum(len(each.result.receipts) for each in brought if each.result is not None)
    return render_template(
        "brought.html",
        brought=brought,
        archived=archived,
        files=files,
        whole=all(each.result is not None and each.result.receipts for each in brought),
        chart=chart,
    )
