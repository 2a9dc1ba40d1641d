"""`/v1/packets`: the register of packets, packets that come in, and receipts in both directions."""

from typing import Any

from flask import Response, make_response
from flask_openapi3.blueprint import APIBlueprint

from api.access.turns import Busy
from api.rest.access import caller, needs
from api.rest.answers import answer, go_on, next_page, page
from api.rest.errors import CursorInvalid, RequestInvalid
from api.rest.models.exchange import (
    Imported,
    PacketPage,
    PacketPath,
    PacketQuery,
    ReceiveQuery,
    Returned,
)
from api.rest.operation import Answer, documented, tag
from api.rest.resources.asic_body import ASIC, ASIC_BODY, BODY_REFUSALS, asic_body
from api.rest.service import service
from api.sharing.partners import ClaimsThisFacility, NotAPartner, PartnerDiffers
from api.sharing.refusals import NotProven, PacketRefused, ReceiptRefused, Undecided
from archive.access.actor import Permission
from archive.base.errors import IntegrityError, NotFound, SubmissionRejected
from archive.base.leases import LeaseHeld
from archive.vault.contract import VaultError

exchange = APIBlueprint("exchange", __name__, url_prefix="/v1/packets", abp_tags=[tag("packets")])
_REFUSALS = (
    *BODY_REFUSALS,
    NotProven,
    Undecided,
    NotAPartner,
    PartnerDiffers,
    ClaimsThisFacility,
    LeaseHeld,
    Busy,
    VaultError,
    IntegrityError,
)


@exchange.get(
    "",
    **documented(
        "listRegister", {200: Answer(PacketPage, headers=("Link",))}, CursorInvalid, RequestInvalid
    ),
)
@needs(Permission.READ)
def list_register(query: PacketQuery) -> Response:
    """Packets within the caller's scope, newest first."""
    account, register = caller(), service().archive.packet_register
    behind = go_on("packets", query)
    where: dict[str, Any] = {"before": None if behind is None else int(behind[0])}
    rows = query.limit + 1, account.actor, account.scope
    listed: Any
    if query.direction == "received":
        listed = register.received(*rows, **where)
    else:
        listed = register.sent(query.state, *rows, **where)
    shown = listed.packets[: query.limit]
    more = len(listed.packets) > query.limit
    last = next_page("packets", query, [shown[-1].packet.ledger_index]) if more else None
    items = [{"direction": query.direction, **each.as_json()} for each in shown]
    return page(PacketPage, items, last)


@exchange.post(
    "/received",
    **documented(
        "receivePacket",
        {200: Imported},
        SubmissionRejected,
        PacketRefused,
        RequestInvalid,
        *_REFUSALS,
        body=ASIC_BODY,
    ),
)
@needs(Permission.INGEST)
def receive_packet(query: ReceiveQuery) -> Response:
    """Verify a packet and archive its documents; again: the same answer."""
    account, held, data = caller(), service(), asic_body()
    with held.writing(account.name) as file_came:
        file_came()
        writable = held.open_for_writing()
        received = writable.reception.receive(
            data,
            writable.ground.trust,
            writable.examiner,
            account.actor,
            account.scope,
            department=query.department,
            undecided_signers=query.undecided_signers,
        )
    return answer(
        Imported,
        {
            "packet_id": received.packet_id,
            "chart_id": received.chart_id,
            "documents": list(received.documents),
            "identity": received.identity.as_json(),
            "again": received.again,
            "warnings": [warning.as_json() for warning in received.warnings],
        },
    )


@exchange.get(
    "/<record:packet_id>/receipt",
    **documented(
        "getReceipt",
        {200: Answer(media_type=ASIC, headers=("Content-Disposition",))},
        NotFound,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.READ)
def get_receipt(path: PacketPath) -> Response:
    """The signed receipt that this facility gave for a packet that it received."""
    account, register = caller(), service().archive.packet_register
    response = make_response(register.given_receipt(path.packet_id, account.actor, account.scope))
    response.mimetype = ASIC
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{path.packet_id}-receipt.asice"'
    )
    return response


@exchange.post(
    "/receipts",
    **documented("returnReceipt", {200: Returned}, ReceiptRefused, *_REFUSALS, body=ASIC_BODY),
)
@needs(Permission.PACKET)
def return_receipt() -> Response:
    """Archive the receipt that came back, beside the packet that it answers."""
    account, held, data = caller(), service(), asic_body()
    with held.writing(account.name):
        writable = held.open_for_writing()
        returned = writable.returns.accept(
            data, writable.ground.trust, account.actor, account.scope
        )
    return answer(Returned, returned.as_json())
