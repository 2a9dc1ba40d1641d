"""Making a referral packet of a chart: papers, recipient and reason are chosen, and it is made
once.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import ValidationError

from api.error_answers import http_status
from api.sharing.order import OrderRefused, parse_order
from api.web.forms import PageForm, Required, at_most
from api.web.language import language
from api.web.progress import FIRST_LOOK, still_running
from api.web.site import caller, site
from api.web.tasks import Task
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.errors import NotFound
from archive.base.identifiers import new_id

pages = Blueprint("packet_making", __name__)
KIND = "packet"


@dataclass(frozen=True, slots=True)
class Made:
    """A packet that was made; its bytes are the task's file."""

    packet_id: str
    chart_id: str


class OrderForm(PageForm):
    """For whom a packet is made, and why; `order` is the id of this one order."""

    order = StringField()
    recipient = StringField(validators=[Required(), at_most(10)])
    reason = StringField(validators=[Required(), at_most(1024)])

    def validate_order(self, field: Any) -> None:
        """Refuse an order without an id: without it a double click makes two packets."""
        try:
            UUID(field.data or "")
        except ValueError as error:
            raise ValidationError(say("error.400")) from error


@pages.get("/charts/<uuid:chart_id>/packet")
def new(chart_id: UUID) -> ResponseReturnValue:
    """Ask for papers, recipient and reason."""
    caller(Permission.PACKET)
    return _page(chart_id, OrderForm(order=new_id()))


@pages.post("/charts/<uuid:chart_id>/packet")
def make(chart_id: UUID) -> ResponseReturnValue:
    """Start the order, once: the same form again gives the packet that is being made or is made."""
    account, form, web = caller(Permission.PACKET), OrderForm(), site()
    if not form.validate_on_submit():
        return _page(chart_id, form, 422)
    papers = request.form.getlist("paper")
    try:
        code = form.recipient.data.strip().upper()
        order = parse_order(str(chart_id), code, form.reason.data, papers)
    except OrderRefused as error:
        return _page(chart_id, form, http_status(error), error)
    web.archive.records.chart(order.chart_id, account.actor, account.scope)  # NotFound is said now
    packets, actor, scope = web.open_for_writing().packets, account.actor, account.scope

    def work(task: Task) -> Made:
        def keep(data: bytes) -> None:
            task.file = web.tasks.files.keep(task.account, data)

        try:
            packet = packets.create(order, actor, scope, keep)
        except BaseException:
            if task.file is not None:
                task.file.close()  # no act speaks of it
            raise
        finally:
            web.wake()
        return Made(packet.manifest.packet_id, order.chart_id)

    task = web.tasks.start(account.name, UUID(form.order.data), KIND, work)
    task.wait(FIRST_LOOK)
    return redirect(url_for("packet_making.follow", chart_id=chart_id, key=task.id), 303)


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
        return _page(chart_id, OrderForm(order=new_id()), http_status(task.error), task.error)
    flash(say("making.made"))
    return redirect(url_for("packets.sent", packet_id=task.result.packet_id), 303)


def held_packet(account: str, packet_id: str) -> Task | None:
    """Return the task whose file is the packet; None where the packet is no longer kept."""
    for task in site().tasks.of_kind(account, KIND):
        if not task.is_running and task.error is None and task.result.packet_id == packet_id:
            return task
    return None


def _page(
    chart_id: UUID, form: OrderForm, status: int = 200, error: Any = None
) -> ResponseReturnValue:
    account, archive = caller(Permission.PACKET), site().archive
    held, _ = archive.records.chart_with_packets(str(chart_id), account.actor, account.scope)
    in_force = [document for document in held.documents if document.superseded_by is None]
    chosen = set(request.form.getlist("paper")) if request.method == "POST" else None
    return render_template(
        "new_packet.html",
        form=form,
        chart=held.chart,
        documents=in_force,
        chosen={each.id for each in in_force} if chosen is None else chosen,
        partners=archive.partners.names(),
        problem=error and error.explain(language()),
        faults=getattr(error, "faults", ()),
    ), status
