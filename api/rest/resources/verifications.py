"""`POST /v1/verifications`: any PDF is judged, and nothing of it is kept."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from api.connections.refusals import BodyTooLarge
from api.reading.verdicts import VerifyingBusy
from api.rest.access import caller, needs
from api.rest.answers import answer
from api.rest.errors import WrongMediaType
from api.rest.models.verifications import Verification
from api.rest.operation import documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import Unreadable

verifications = APIBlueprint(
    "verifications", __name__, url_prefix="/v1/verifications", abp_tags=[tag("verifications")]
)
PDF = "application/pdf"


@verifications.post(
    "",
    **documented(
        "verifyFile",
        {200: Verification},
        Unreadable,
        BodyTooLarge,
        WrongMediaType,
        VerifyingBusy,
        body={PDF: {"schema": {}}},
    ),
)
@needs(Permission.READ)
def verify_file() -> Response:
    """The validator's report on a PDF that the caller brings."""
    account, held = caller(), service()
    if request.mimetype != PDF or request.content_encoding is not None:
        raise WrongMediaType
    data = request.get_data(cache=False)
    return answer(Verification, held.verdicts.verify(data, account.scope, account.name).as_json())
