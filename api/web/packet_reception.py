"""Receiving packets and receipts: uploaded, judged, read, and then taken in or put away.

An upload waits for the decision for a set time. It belongs to the person who brought it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField

from api.access.accounts import Account
from api.error_answers import http_status
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.progress import FIRST_LOOK, still_running
from api.web.site import site
from api.web.task_keys import task_key
from api.web.tasks import Task
from api.web.waiting_uploads import KIND, bytes_of, judged_upload, receiver, upload_of
from api.web.wording import say
from archive.base.errors import Fault, KhoError, NotFound
from archive.base.identifiers import sha256
from signing.validation.result.verdict import Verdict

if TYPE_CHECKING:
    from api.reading.incoming import JudgedPacket, JudgedReceipt
    from api.sharing.reception import Received

pages = Blueprint("packet_reception", __name__, url_prefix="/packets/incoming")
TAKING = "taking"


class UploadForm(PageForm):
    """A packet or a receipt."""

    file = FileField()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.file.validators = [FileRequired(say("verify.no_file"))]


class TakeForm(PageForm):
    """Where the chart of a packet goes, and whether undecided signers of others are taken, too."""

    department = StringField(validators=[at_most(20)])
    undecided = BooleanField()


class PartnerForm(PageForm):
    """The check code that the other facility read out."""

    check_code = StringField(validators=[Required(), at_most(100)])
    replace = BooleanField()


@pages.route("", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    """Take a file, judge it, and show the verdict at an address of its own.

    The same file again leads to the same address.
    """
    account, form, web = receiver(), UploadForm(), site()
    if not form.validate_on_submit():
        return render_template("receive.html", form=form), 422 if form.errors else 200
    incoming, data = web.archive.incoming, form.file.data.read()

    def work(task: Task) -> "JudgedPacket | JudgedReceipt":
        return incoming.judged(bytes_of(task), task.progress)

    key = task_key(web.archive.facility.code, account.name, sha256(data), KIND)
    if _may_change(web.tasks.find(account.name, key)):
        web.tasks.forget(account.name, key)
    try:
        task = web.tasks.start(account.name, key, KIND, work, data)
    except KhoError as error:
        return _not_judged(error)
    task.wait(FIRST_LOOK)
    return redirect(_address(key), 303)


@pages.get("/<uuid:key>")
def show(key: UUID) -> ResponseReturnValue:
    """Show how far the check is, or the verdict and what the person may do."""
    account = receiver()
    task = upload_of(account, key)
    if task.outcome is not None:
        return redirect(task.outcome, 303)
    if (taking := site().tasks.find(account.name, _taking(key))) is not None:
        if (page := still_running(taking, say("reception.taking"))) is not None:
            return page
        if taking.error is None:
            return _taken(account, task, taking)
        form = TakeForm(formdata=taking.typed)
        return _verdict(account, task, taking.error, take_form=form)
    if (page := still_running(task, say("reception.checking"))) is not None:
        return page
    return _verdict(account, task) if task.error is None else _not_judged(task.error)


@pages.post("/<uuid:key>/take")
def take(key: UUID) -> ResponseReturnValue:
    """Archive the packet, once, or bring the receipt to the packet that it answers."""
    account, web, form = receiver(), site(), TakeForm()
    task, started = judged_upload(account, key), web.tasks.find(account.name, _taking(key))
    if task.outcome is not None or (started is not None and started.error is None):
        return redirect(_address(key), 303)  # a double click
    if not form.validate_on_submit():
        return _verdict(account, task, take_form=form, status=422)
    try:
        if task.result.is_receipt:
            return _bring(account, task)
        _start_taking(account, task, form)
    except NotFound:
        raise
    except KhoError as error:
        return _verdict(account, task, error, take_form=form)
    return redirect(_address(key), 303)


@pages.post("/<uuid:key>/partner")
def confirm(key: UUID) -> ResponseReturnValue:
    """Confirm the sender as a partner, by the check code that it read out itself."""
    account, form = receiver(), PartnerForm()
    task = judged_upload(account, key)
    identity = task.result.proven
    if not form.validate_on_submit() or identity is None:
        return _verdict(account, task, partner_form=form, status=422)
    try:
        with site().writing(account.name):
            partners = site().open_for_writing().reading.partners
            partners.confirm(
                identity, form.check_code.data, account.actor, replace=bool(form.replace.data)
            )
    except KhoError as error:
        return _verdict(account, task, error, partner_form=form)
    flash(say("reception.confirmed", name=identity.name))
    return redirect(_address(key), 303)


@pages.post("/<uuid:key>/forget")
def forget(key: UUID) -> ResponseReturnValue:
    """Put the upload away: nothing of it is kept. While work on it runs, show that."""
    account = receiver()
    if not site().tasks.forget(account.name, key):
        return redirect(_address(key), 303)
    flash(say("reception.forgotten"))
    return redirect(url_for("packets.listed"), 303)


def _address(key: UUID) -> str:
    return url_for("packet_reception.show", key=key)


def _taking(key: UUID) -> UUID:
    """Return the id of the task that takes in what the task `key` judged."""
    return uuid5(key, TAKING)


def _may_change(task: Task | None) -> bool:
    """Tell whether the same file may get another verdict now: the last one was undecided."""
    if task is None or not task.waits or task.is_running:
        return False
    return bool(task.result.report.verdict is Verdict.INDETERMINATE)


def _start_taking(account: Account, task: Task, form: TakeForm) -> None:
    """Archive a packet in a task of its own, and wait a moment for its end."""
    web = site()
    writable = web.open_for_writing()
    reception, trust, examiner = writable.reception, writable.ground.trust, writable.examiner
    department, undecided = (form.department.data or "").strip() or None, bool(form.undecided.data)

    def work(taking: Task) -> "Received":
        with web.writing(account.name) as file_came:
            file_came()
            return reception.receive(
                bytes_of(task),
                trust,
                examiner,
                account.actor,
                account.scope,
                department=department,
                undecided_signers=undecided,
                progress=taking.progress,
            )

    key = _taking(task.id)
    taking = web.tasks.start(account.name, key, TAKING, work, needs=(task,), typed=request.form)
    taking.wait(FIRST_LOOK)


def _taken(account: Account, task: Task, taking: Task) -> ResponseReturnValue:
    """Show the packet in the archive, with its receipt.

    The upload gives its file back, and leads to the packet from now on.
    """
    received: Received = taking.result
    page = url_for("packets.received", packet_id=received.packet_id)
    task.settle(page)
    site().tasks.forget(account.name, taking.id)
    flash(say("reception.again" if received.again else "reception.taken"))
    for warning in received.warnings:
        flash(warning.message.to(language()))
    return redirect(page, 303)


def _bring(account: Account, task: Task) -> ResponseReturnValue:
    """Archive a receipt beside its packet; a receipt that was brought before changes nothing.

    Raises Busy, and as :meth:`api.sharing.returned_receipts.ReturnedReceiptService.accept`.
    """
    with site().writing(account.name):
        writable = site().open_for_writing()
        returned = writable.returns.accept(
            bytes_of(task), writable.ground.trust, account.actor, account.scope
        )
    page = url_for("packets.sent", packet_id=returned.packet_id)
    task.settle(page)
    flash(say("reception.brought"))
    return redirect(page, 303)


def _not_judged(error: KhoError) -> ResponseReturnValue:
    """Return the form again, with the reason why there is no verdict on a file."""
    form, problem = UploadForm(formdata=None), error.explain(language())
    return render_template("receive.html", form=form, problem=problem), http_status(error)


def _verdict(
    account: Account,
    task: Task,
    error: KhoError | None = None,
    *,
    take_form: TakeForm | None = None,
    partner_form: PartnerForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Return the page of an upload: what it is worth, and what the person may do about it now.

    A form that is given shows what was typed in it.
    """
    archive, judged = site().archive, task.result
    identity = judged.report.identity
    # a person may have confirmed the partner since
    standing = archive.partners.standing(identity) if identity is not None else None
    judged = replace(judged, standing=standing)
    faults: tuple[Fault, ...] = getattr(error, "faults", ())
    page = render_template(
        "waiting_receipt.html" if judged.is_receipt else "waiting_packet.html",
        key=task.id,
        judged=judged,
        report=judged.report,
        identity=identity,
        standing=standing and standing.value,
        own_code=archive.facility.code,
        proven=judged.proven is not None,
        partner_form=partner_form or PartnerForm(formdata=None),
        take_form=take_form or TakeForm(formdata=None),
        departments=sorted(account.scope.departments or ()),
        problem=error and error.explain(language()),
        faults=faults,
    )
    return page, http_status(error) if error is not None else status
