"""Replace a document with the right paper: a clerk chooses a file and says why."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField

from api.error_answers import http_status
from api.refusals.kept import Source
from api.web.bringing import paper_day
from api.web.forms import PageForm, Required, at_most
from api.web.site import caller, site
from api.web.way_back import drafted
from api.web.wording import both, say
from api.writing.bringing import LONGEST_REASON, BringingService
from api.writing.intake import Intake, Result
from archive.access.actor import Permission
from archive.base.bilingual import Text
from archive.base.errors import KhoError, NotFound, SubmissionRejected
from archive.catalog.entries import DocumentInChart

pages = Blueprint("correcting", __name__, url_prefix="/documents")
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,application/pdf,image/*"


class CorrectForm(PageForm):
    """The right paper, its date, and the reason."""

    file = FileField()
    reason = TextAreaField(validators=[Required(), at_most(LONGEST_REASON)])
    dated = StringField(validators=[at_most(10)])

    def validate_dated(self, field: StringField) -> None:
        """Refuse what is no day."""
        paper_day(field)


@pages.route("/<uuid:document_id>/correct", methods=["GET", "POST"])
def correct(document_id: UUID) -> ResponseReturnValue:
    """Show the form; replace the document, and show the one that took its place.

    The form may come twice: the second time nothing changes.
    """
    account = caller(Permission.INGEST)
    form, records = CorrectForm(**drafted()), site().archive.records
    known = records.document_in_chart(str(document_id), account.actor, account.scope)
    if not form.validate_on_submit():
        return _form(form, known, (), 422 if form.errors else 200)
    file = form.file.data
    if not file or not file.filename:
        form.file.errors = [say("bringing.no_files")]
        return _form(form, known, (), 422)
    try:
        with site().writing(account.name) as file_came:
            intake = Intake(
                site().open_for_writing(), account.actor, account.scope, file_came, Source.PAGE
            )
            result = BringingService(intake, records, account.actor, account.scope).correct(
                str(document_id),
                file.filename,
                file.read(),
                form.reason.data,
                paper_day(form.dated),
            )
    except SubmissionRejected as error:
        return _form(form, known, [fault.message for fault in error.faults], 422)
    except NotFound:
        raise
    except KhoError as error:  # what was typed comes back; the file is chosen again
        return _form(form, known, error.sentences(), http_status(error))
    if not result.receipts:
        return _form(form, known, _problems(result), 422)
    flash(say("correct.done"))
    there = result.receipts[0].document_id
    return redirect(url_for("documents.show", document_id=there), 303)


def _problems(result: Result) -> list[Text]:
    if result.waits is not None:
        return list(result.waits.sentences())
    return [fault.message for fault in result.faults]


def _form(
    form: CorrectForm,
    known: DocumentInChart,
    problems: list[Text] | tuple[Text, ...],
    status: int,
) -> ResponseReturnValue:
    page = render_template(
        "correct.html",
        form=form,
        document=known.document,
        chart=known.chart,
        problems_said=[both(problem) for problem in problems],
        accepted=ACCEPTED,
    )
    return page, status
