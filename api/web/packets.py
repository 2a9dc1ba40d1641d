"""The register of referral packets: sent and received ones, each with its receipt."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from api.access.accounts import Account
from api.reading.packet_register import Page, State
from api.sharing import names
from api.web.packet_making import held_packet
from api.web.site import caller, site
from api.web.tasks import Task
from api.web.waiting_uploads import waiting_uploads
from archive.access.actor import Permission
from archive.base.errors import NotFound

pages = Blueprint("packets", __name__, url_prefix="/packets")
PAGE = 50
STATES = ("awaited", "came")


@pages.get("")
def listed() -> ResponseReturnValue:
    """List the packets of one direction, and what the person brought that waits for a decision."""
    account, register = caller(Permission.READ), site().archive.packet_register
    direction = "received" if request.args.get("direction") == "received" else "sent"
    state = request.args.get("state")
    number = min(max(request.args.get("page", 1, int), 1), 1_000_000)
    where: dict[str, Any] = {"offset": (number - 1) * PAGE}
    page: Page[Any]
    if direction == "received":
        page = register.received(PAGE, account.actor, account.scope, **where)
    else:
        known = cast("State", state) if state in STATES else None
        page = register.sent(known, PAGE, account.actor, account.scope, **where)
    return render_template(
        "packets.html",
        page=page,
        direction=direction,
        state=state if state in STATES else None,
        number=number,
        last=max(1, -(-page.total // PAGE)),
        partners=site().archive.partners.names(),
        waiting=waiting_uploads(account.name),
    )


@pages.get("/sent/<uuid:packet_id>")
def sent(packet_id: UUID) -> ResponseReturnValue:
    """Show a packet that was sent: one page, also to be printed."""
    account, archive = caller(Permission.READ), site().archive
    known = archive.packet_register.sent_packet(str(packet_id), account.actor, account.scope)
    return render_template(
        "sent_packet.html",
        known=known,
        held=held_packet(account.name, known.packet.packet_id),
        partner=archive.partners.names().get(known.packet.recipient),
    )


@pages.get("/sent/<uuid:packet_id>/file")
def download(packet_id: UUID) -> ResponseReturnValue:
    """Give the packet's file to the person who made it, while it is kept."""
    account = caller(Permission.PACKET)
    known = site().archive.packet_register.sent_packet(str(packet_id), account.actor, account.scope)
    task = held_packet(account.name, known.packet.packet_id)
    if task is None or task.file is None:
        raise NotFound
    response = _file(_downloaded(task, task.file.pieces()), f"{packet_id}.asice")
    response.content_length = task.file.size
    return response


@pages.get("/sent/<uuid:packet_id>/receipt")
def returned(packet_id: UUID) -> ResponseReturnValue:
    """Give the receipt that came back."""
    account = caller(Permission.READ)
    data = site().archive.packet_register.returned_receipt(
        str(packet_id), account.actor, account.scope
    )
    return _file(data, f"{packet_id}-receipt.asice")


@pages.get("/received/<uuid:packet_id>")
def received(packet_id: UUID) -> ResponseReturnValue:
    """Show a packet that was received, and the receipt to send back."""
    account, archive = caller(Permission.READ), site().archive
    known = archive.packet_register.received_packet(str(packet_id), account.actor, account.scope)
    return render_template(
        "received_packet.html",
        known=known,
        partner=archive.partners.names().get(known.packet.sender),
    )


@pages.get("/received/<uuid:packet_id>/receipt")
def given(packet_id: UUID) -> ResponseReturnValue:
    """Give the receipt that goes back to the sender."""
    account = caller(Permission.READ)
    data = site().archive.packet_register.given_receipt(
        str(packet_id), account.actor, account.scope
    )
    return _file(data, f"{packet_id}-receipt.asice")


def packet_work(account: Account) -> dict[str, int] | None:
    """Return how many packets wait: for their receipt, and for this person's decision.

    None for a person who makes and receives none.
    """
    if not account.actor.may(Permission.PACKET):
        return None
    register = site().archive.packet_register
    return {
        "awaited": register.awaited(account.actor, account.scope),
        "waiting": len(waiting_uploads(account.name)),
    }


def _downloaded(task: Task, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give the pieces of a task's file; once all are given, the file waits no longer."""
    yield from pieces
    task.saved = True


def _file(data: bytes | Iterator[bytes], name: str) -> Response:
    response = Response(data, mimetype=names.MEDIA_TYPE.decode())
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
