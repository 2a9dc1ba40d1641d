"""`/v1/charts/{id}/packets`: referral packets, made and listed."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from api.rest.access import caller, needs
from api.rest.answers import answer
from api.rest.errors import JSON_BODY, AnswerNotKept
from api.rest.models.charts import ChartPath
from api.rest.models.packets import PacketOrder, Packets
from api.rest.once import ERRORS, OnceHeader, once
from api.rest.operation import Answer, documented, tag
from api.rest.requests.digests import digest_header
from api.rest.service import service
from api.sharing import names
from api.sharing.order import OrderRefused, PacketTooLarge, parse_order
from archive.access.actor import Permission
from archive.base.errors import IntegrityError, NotFound, NotReady
from archive.base.identifiers import sha256
from archive.base.leases import LeaseHeld
from archive.vault.contract import VaultError

packets = APIBlueprint("packets", __name__, url_prefix="/v1/charts", abp_tags=[tag("packets")])
ASIC = names.MEDIA_TYPE.decode()
PACKET_ID = "Kho-Packet-Id"


@packets.post(
    "/<record:chart_id>/packets",
    **documented(
        "makePacket",
        {201: Answer(media_type=ASIC, headers=(PACKET_ID, "Repr-Digest", "Content-Disposition"))},
        NotFound,
        NotReady,
        PacketTooLarge,
        OrderRefused,
        LeaseHeld,
        VaultError,
        IntegrityError,
        AnswerNotKept,
        *JSON_BODY,
        *ERRORS,
    ),
)
@needs(Permission.PACKET)
def make_packet(path: ChartPath, body: PacketOrder, header: OnceHeader) -> Response:
    """A new packet of a chart's originals, and its handover in the ledger.

    The packet's bytes are given out once and not kept: they are a whole chart, outside of the
    vault.
    """
    account, held = caller(), service()
    order = parse_order(path.chart_id, body.recipient, body.reason, body.documents)

    def make() -> Response:
        with held.writing(account.name):
            packet = held.open_for_writing().packets.create(
                order, account.actor, account.scope, lambda _data: None
            )
        response = Response(packet.data, 201, content_type=ASIC)
        response.headers[PACKET_ID] = packet.manifest.packet_id
        response.headers["Repr-Digest"] = digest_header(bytes.fromhex(packet.sha256))
        response.headers["Content-Disposition"] = (
            f'attachment; filename="{packet.manifest.packet_id}.asice"'
        )
        return response

    return once(header, sha256(request.get_data()), make, keep=False)


@packets.get("/<record:chart_id>/packets", **documented("listPackets", {200: Packets}, NotFound))
@needs(Permission.READ)
def list_packets(path: ChartPath) -> Response:
    """To whom the chart was handed over and who acknowledged it, and from whom it came."""
    account, archive = caller(), service().archive
    packets_of_chart = archive.records.packets(path.chart_id, account.actor, account.scope)
    return answer(Packets, packets_of_chart.as_json())
