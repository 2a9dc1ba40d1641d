"""`/v1/partners`: the facilities whose packets and receipts count, each confirmed by a person."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.access.reading_turns import ViewingBusy
from api.access.turns import Busy
from api.rest.access import caller, needs
from api.rest.answers import answer, page
from api.rest.errors import RequestInvalid
from api.rest.models.exchange import FacilityIdentity
from api.rest.models.partners import (
    ConfirmQuery,
    PartnerAnswer,
    PartnerPage,
    PartnerPath,
    SenderAnswer,
)
from api.rest.operation import Answer, documented, tag
from api.rest.resources.asic_body import ASIC_BODY, BODY_REFUSALS, asic_body
from api.rest.service import service
from api.sharing.partners import CheckCodeDiffers, ClaimsThisFacility, PartnerDiffers
from api.sharing.refusals import NotProven, PacketRefused, Undecided
from archive.access.actor import Permission
from archive.base.errors import IntegrityError, NotFound
from archive.vault.contract import VaultError

partners = APIBlueprint("partners", __name__, url_prefix="/v1/partners", abp_tags=[tag("packets")])
_UNPROVEN = (*BODY_REFUSALS, NotProven, Undecided, IntegrityError)


@partners.get("", **documented("listPartners", {200: PartnerPage}, IntegrityError))
@needs(Permission.PARTNER)
def list_partners() -> Response:
    """Every partner."""
    known = service().archive.partners.all()
    return page(PartnerPage, [partner.model_dump(mode="json") for partner in known], None)


@partners.get("/own", **documented("ownIdentity", {200: FacilityIdentity}, IntegrityError))
@needs(Permission.PARTNER)
def own_identity() -> Response:
    """What partners see of this facility."""
    return answer(FacilityIdentity, service().open_for_writing().own_identity.as_json())


@partners.post(
    "/sender",
    **documented("showSender", {200: SenderAnswer}, ViewingBusy, *_UNPROVEN, body=ASIC_BODY),
)
@needs(Permission.PARTNER)
def show_sender() -> Response:
    """Who made a packet or a receipt; nothing is archived."""
    account, archive, data = caller(), service().archive, asic_body()
    with archive.viewing.held(account.name):
        identity, known = archive.incoming.sender(data)
    return answer(SenderAnswer, {**identity.as_json(), "partner": known})


@partners.post(
    "",
    **documented(
        "confirmPartner",
        {200: PartnerAnswer},
        CheckCodeDiffers,
        PartnerDiffers,
        ClaimsThisFacility,
        PacketRefused,
        RequestInvalid,
        Busy,
        NotFound,
        VaultError,
        *_UNPROVEN,
        body=ASIC_BODY,
    ),
)
@needs(Permission.PARTNER)
def confirm_partner(query: ConfirmQuery) -> Response:
    """Confirm the facility that made a packet or a receipt."""
    account, held, data = caller(), service(), asic_body()
    with held.writing(account.name):
        identity, _ = held.archive.incoming.sender(data)
        partner = held.open_for_writing().reading.partners.confirm(
            identity, query.check_code, account.actor, replace=query.replace
        )
    return answer(PartnerAnswer, partner.model_dump(mode="json"))


@partners.delete(
    "/<facility:code>",
    **documented(
        "removePartner",
        {204: Answer(empty=True)},
        NotFound,
        RequestInvalid,
        Busy,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.PARTNER)
def remove_partner(path: PartnerPath) -> Response:
    """Accept nothing more of a partner; what was taken stays."""
    account, held = caller(), service()
    with held.writing(account.name):
        held.open_for_writing().reading.partners.remove(path.code, account.actor)
    return Response(status=204)
