"""Making a referral packet of a chart: papers, recipient and reason are chosen, and it is made
once.
"""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField

from api.access.accounts import Account
from api.error_answers import http_status
from api.sharing.order import Order, parse_order
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.progress import FIRST_LOOK, still_running
from api.web.site import caller, site
from api.web.task_keys import task_key
from api.web.tasks import Task
from api.web.way_back import drafted
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.canonical import canonical
from archive.base.errors import KhoError, NotFound
from archive.base.identifiers import Sha256, sha256

pages = Blueprint("packet_making", __name__)
KIND = "packet"


@dataclass(frozen=True, slots=True)
class Made:
    """A packet that was made; its bytes are the task's file."""

    packet_id: str
    chart_id: str


class OrderForm(PageForm):
    """For whom a packet is made, of which papers (None: of all in force), and why."""

    recipient = StringField(validators=[Required(), at_most(10)])
    reason = StringField(validators=[Required(), at_most(1024)])
    paper = SelectMultipleField(validate_choice=False)

    def order(self, chart_id: str) -> Order:
        """Return the order; raises OrderRefused."""
        code = self.recipient.data.strip().upper()
        return parse_order(chart_id, code, self.reason.data, self.paper.data)


@pages.route("/charts/<uuid:chart_id>/packet", methods=["GET", "POST"])
def make(chart_id: UUID) -> ResponseReturnValue:
    """Ask for papers, recipient and reason, and start the order.

    The same order again gives the packet that is being made, or that is kept here.
    """
    account, form = caller(Permission.PACKET), OrderForm(**drafted())
    if not form.validate_on_submit():
        return _page(chart_id, form, 422 if form.errors else 200)
    try:
        order = form.order(str(chart_id))
        # NotFound is said now
        site().archive.records.chart(order.chart_id, account.actor, account.scope)
        task = _start(account, order)
    except NotFound:
        raise
    except KhoError as error:
        return _page(chart_id, form, http_status(error), error)
    task.wait(FIRST_LOOK)
    return redirect(url_for("packet_making.follow", chart_id=chart_id, key=task.id), 303)


def _start(account: Account, order: Order) -> Task:
    """Start to make the packet that is ordered, in a task of its own."""
    web = site()
    packets, actor, scope = web.open_for_writing().packets, account.actor, account.scope

    def work(task: Task) -> Made:
        def keep(data: bytes) -> None:
            task.file = web.tasks.files.keep(task.account, data)

        with web.writing(account.name):
            packet = packets.create(order, actor, scope, keep)
        return Made(packet.manifest.packet_id, order.chart_id)

    key = task_key(web.archive.facility.code, account.name, _digest(order), KIND)
    return web.tasks.start(account.name, key, KIND, work, typed=request.form)


def _digest(order: Order) -> Sha256:
    papers = None if order.documents is None else sorted(order.documents)
    return sha256(canonical([order.chart_id, order.recipient, order.reason, papers]))


@pages.get("/charts/<uuid:chart_id>/packet/<uuid:key>")
def follow(chart_id: UUID, key: UUID) -> ResponseReturnValue:
    """Show how far the packet is, what stopped it, or the packet itself."""
    account = caller(Permission.PACKET)
    task = site().tasks.find(account.name, key)
    if task is None or task.kind != KIND:
        raise NotFound
    if (page := still_running(task, say("making.running"))) is not None:
        return page
    if task.error is not None:
        form = OrderForm(formdata=task.typed)
        return _page(chart_id, form, http_status(task.error), task.error)
    flash(say("making.made"))
    return redirect(url_for("packets.sent", packet_id=task.result.packet_id), 303)


def held_packet(account: str, packet_id: str) -> Task | None:
    """Return the task whose file is the packet; None where the packet is no longer kept."""
    for task in site().tasks.of_kind(account, KIND):
        if not task.is_running and task.error is None and task.result.packet_id == packet_id:
            return task
    return None


def _page(
    chart_id: UUID, form: OrderForm, status: int = 200, error: KhoError | None = None
) -> ResponseReturnValue:
    account, archive = caller(Permission.PACKET), site().archive
    held, _ = archive.records.chart_with_packets(str(chart_id), account.actor, account.scope)
    in_force = [document for document in held.documents if document.superseded_by is None]
    chosen = form.paper.data
    return render_template(
        "new_packet.html",
        form=form,
        chart=held.chart,
        documents=in_force,
        chosen={each.id for each in in_force} if chosen is None else set(chosen),
        partners=archive.partners.names(),
        problem=error and error.explain(language()),
        faults=getattr(error, "faults", ()),
    ), status
