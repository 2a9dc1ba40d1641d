"""`/v1/charts/labels` and `/v1/charts/handover-list`: what is printed and not archived."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.access.reading_turns import PrintingBusy
from api.rest.access import caller, needs
from api.rest.errors import JSON_BODY
from api.rest.models.printing import HandoverOrder, LabelOrder
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import NotFound
from ingest.render.errors import RenderFailed

printing = APIBlueprint("printing", __name__, url_prefix="/v1/charts", abp_tags=[tag("charts")])
_PDF = "application/pdf"
_ANSWER = {200: Answer(media_type=_PDF)}
_ERRORS = (NotFound, RenderFailed, PrintingBusy, *JSON_BODY)


@printing.post("/labels", **documented("printLabels", _ANSWER, *_ERRORS))
@needs(Permission.READ)
def print_labels(body: LabelOrder) -> Response:
    """Labels with the archive number as Code 128 and QR."""
    account, archive = caller(), service().archive
    data = archive.printing.labels(body.charts, body.sheet, account.actor, account.scope)
    return Response(data, content_type=_PDF)


@printing.post("/handover-list", **documented("printHandoverList", _ANSWER, *_ERRORS))
@needs(Permission.READ)
def print_handover_list(body: HandoverOrder) -> Response:
    """The handover list, with places to sign."""
    account, archive = caller(), service().archive
    data = archive.printing.handover_list(body.charts, account.actor, account.scope)
    return Response(data, content_type=_PDF)
