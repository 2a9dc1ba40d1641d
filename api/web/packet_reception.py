"""Receiving packets and receipts: uploaded, judged, read, and then taken in or put away.

An upload waits for the decision for a set time. It belongs to the person who brought it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField

from api.access.accounts import Account
from api.error_answers import http_status
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.pictures import page_count
from api.web.progress import FIRST_LOOK, still_running
from api.web.site import caller, site
from api.web.tasks import Task
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.errors import Fault, KhoError, NotFound
from archive.base.identifiers import new_id
from signing.asic.container import read_container

if TYPE_CHECKING:
    from api.reading.incoming import JudgedPacket, JudgedReceipt
    from api.sharing.reception import Received

pages = Blueprint("packet_reception", __name__, url_prefix="/packets/incoming")
KIND, TAKING = "incoming", "taking"
BROUGHT = "brought"  # a receipt beside its packet: it waits no longer, and a double click finds it


class UploadForm(PageForm):
    """A packet or a receipt; `upload` is the id of this one upload."""

    upload = StringField()
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
    """Take a file, judge it, and show the verdict at an address of its own."""
    account, form, web = _caller(), UploadForm(), site()
    if not form.validate_on_submit():
        form.upload.data = new_id()
        return render_template("receive.html", form=form), 422 if form.errors else 200
    incoming = web.archive.incoming

    def work(task: Task) -> "JudgedPacket | JudgedReceipt":
        assert task.file is not None  # it came with the task
        return incoming.judged(task.file.read(), task.progress)

    try:
        key = UUID(form.upload.data or "")
    except ValueError:
        key = UUID(new_id())
    task = web.tasks.start(account.name, key, KIND, work, form.file.data.read())
    task.wait(FIRST_LOOK)
    return redirect(url_for("packet_reception.show", key=task.id), 303)


@pages.get("/<uuid:key>")
def show(key: UUID) -> ResponseReturnValue:
    """Show how far the check is, or the verdict and what the person may do."""
    account = _caller()
    if (taking := site().tasks.find(account.name, _taking(key))) is not None:
        if (page := still_running(taking, say("reception.taking"))) is not None:
            return page
        if taking.error is None:
            return _taken(account, key, taking.result)
    task = _task(account, key)
    if (page := still_running(task, say("reception.checking"))) is not None:
        return page
    if task.error is not None:
        problem = task.error.explain(language())
        page = render_template("receive.html", form=UploadForm(upload=new_id()), problem=problem)
        return page, http_status(task.error)
    return _verdict(account, key, task, taking.error if taking else None)


@pages.post("/<uuid:key>/take")
def take(key: UUID) -> ResponseReturnValue:
    """Archive the packet, once, or bring the receipt to the packet that it answers."""
    account, web, form = _caller(), site(), TakeForm()
    started = web.tasks.find(account.name, _taking(key))
    if started is not None and started.error is None:  # a double click
        return redirect(url_for("packet_reception.show", key=key), 303)
    task = _judged(account, key)
    if not form.validate_on_submit():
        return _verdict(account, key, task, None, status=422)
    if task.result.is_receipt:
        return _bring(account, key, task)
    writable, file = web.open_for_writing(), task.file
    department, undecided = (form.department.data or "").strip() or None, bool(form.undecided.data)
    reception, trust, examiner = writable.reception, writable.ground.trust, writable.examiner

    def work(taking: Task) -> "Received":
        assert file is not None  # it came with the task
        try:
            return reception.receive(
                file.read(),
                trust,
                examiner,
                account.actor,
                account.scope,
                department=department,
                undecided_signers=undecided,
                progress=taking.progress,
            )
        finally:
            web.wake()

    web.tasks.start(account.name, _taking(key), TAKING, work).wait(FIRST_LOOK)
    return redirect(url_for("packet_reception.show", key=key), 303)


@pages.post("/<uuid:key>/partner")
def confirm(key: UUID) -> ResponseReturnValue:
    """Confirm the sender as a partner, by the check code that it read out itself."""
    account, form = _caller(), PartnerForm()
    task = _judged(account, key)
    identity = task.result.proven
    if not form.validate_on_submit() or identity is None:
        return _verdict(account, key, task, None, status=422, partner_form=form)
    try:
        with site().writing(account.name):
            partners = site().open_for_writing().reading.partners
            partners.confirm(
                identity, form.check_code.data, account.actor, replace=bool(form.replace.data)
            )
    except KhoError as error:
        return _verdict(account, key, task, error, partner_form=form)
    flash(say("reception.confirmed", name=identity.name))
    return redirect(url_for("packet_reception.show", key=key), 303)


@pages.post("/<uuid:key>/forget")
def forget(key: UUID) -> ResponseReturnValue:
    """Put the upload away: nothing of it is kept."""
    account = _caller()
    site().tasks.forget(account.name, key)
    flash(say("reception.forgotten"))
    return redirect(url_for("packets.listed"), 303)


@pages.get("/<uuid:key>/papers/<int:number>")
def paper(key: UUID, number: int) -> ResponseReturnValue:
    """Show one paper of a packet that waits, so that it is read before the decision."""
    account = _caller()
    task = _judged(account, key)
    with site().archive.viewing.held(account.name):
        part, data = _paper(task, number)
        pages = page_count(data)
    return render_template(
        "waiting_paper.html",
        key=key,
        number=number,
        part=part,
        total=len(task.result.report.documents),
        pages=pages,
    )


@pages.get("/<uuid:key>/papers/<int:number>/pages/<int:page>.png")
def picture(key: UUID, number: int, page: int) -> ResponseReturnValue:
    """Give one page of a waiting paper as a picture."""
    account = _caller()
    task = _judged(account, key)
    png = site().pictures.waiting(
        f"{task.id}/{number}", page, lambda: _paper(task, number)[1], account.name
    )
    response = make_response(png)
    response.mimetype = "image/png"
    return response


def waiting_uploads(account: str) -> list[Task]:
    """Return what an account brought and has not decided about, oldest first."""
    return site().tasks.of_kind(account, KIND)


def _caller() -> Account:
    caller(Permission.INGEST)
    return caller(Permission.PACKET)


def _taking(key: UUID) -> UUID:
    """Return the id of the task that takes in what the task `key` judged."""
    return uuid5(key, TAKING)


def _task(account: Account, key: UUID) -> Task:
    task = site().tasks.find(account.name, key)
    if task is None or task.kind not in (KIND, BROUGHT):
        raise NotFound
    return task


def _judged(account: Account, key: UUID) -> Task:
    """Return an upload that was judged; raises NotFound."""
    task = _task(account, key)
    if task.is_running or task.error is not None:
        raise NotFound
    return task


def _paper(task: Task, number: int) -> tuple[Any, bytes]:
    """Return a part of the report on a packet, and its PDF; raises NotFound."""
    judged = task.result
    if judged.is_receipt or not 1 <= number <= len(judged.report.documents):
        raise NotFound
    part = judged.report.documents[number - 1]
    assert task.file is not None  # it came with the task
    data = read_container(task.file.read()).get(part.name)
    if data is None:
        raise NotFound
    return part, data


def _taken(account: Account, key: UUID, received: "Received") -> ResponseReturnValue:
    """Put the upload away and show the packet in the archive, with its receipt."""
    site().tasks.forget(account.name, key)
    flash(say("reception.again" if received.again else "reception.taken"))
    for warning in received.warnings:
        flash(warning.message.to(language()))
    return redirect(url_for("packets.received", packet_id=received.packet_id), 303)


def _bring(account: Account, key: UUID, task: Task) -> ResponseReturnValue:
    """Archive a receipt beside its packet; a receipt that was brought before changes nothing."""
    assert task.file is not None  # it came with the task
    try:
        with site().writing(account.name):
            writable = site().open_for_writing()
            returned = writable.returns.accept(
                task.file.read(), writable.ground.trust, account.actor, account.scope
            )
    except KhoError as error:
        return _verdict(account, key, task, error)
    task.kind = BROUGHT
    flash(say("reception.brought"))
    return redirect(url_for("packets.sent", packet_id=returned.packet_id), 303)


def _verdict(
    account: Account,
    key: UUID,
    task: Task,
    error: KhoError | None,
    *,
    status: int = 200,
    partner_form: PartnerForm | None = None,
) -> ResponseReturnValue:
    """Return the page of an upload: what it is worth, and what the person may do about it now."""
    archive, judged = site().archive, task.result
    identity = judged.report.identity
    # a person may have confirmed the partner since
    standing = archive.partners.standing(identity) if identity is not None else None
    judged = replace(judged, standing=standing)
    faults: tuple[Fault, ...] = getattr(error, "faults", ())
    page = render_template(
        "waiting_receipt.html" if judged.is_receipt else "waiting_packet.html",
        key=key,
        judged=judged,
        report=judged.report,
        identity=identity,
        standing=standing and standing.value,
        own_code=archive.facility.code,
        proven=judged.proven is not None,
        partner_form=partner_form or PartnerForm(formdata=None),
        take_form=TakeForm(formdata=None) if request.method == "GET" else TakeForm(),
        departments=sorted(account.scope.departments or ()),
        problem=error and error.explain(language()),
        faults=faults,
    )
    return page, http_status(error) if error is not None else status
