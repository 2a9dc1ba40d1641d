"""`/v1/account`: what a person does with their account."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from api.access.known_places import Client
from api.access.passwords import AccountInvalid, SigningInBusy
from api.access.wrong_tries import TooManyTries
from api.rest.errors import JSON_BODY
from api.rest.models.account import OwnPassword
from api.rest.operation import Answer, documented, tag
from api.rest.service import service

account = APIBlueprint("account", __name__, url_prefix="/v1/account", abp_tags=[tag("account")])


@account.put(
    "/password",
    **documented(
        "changePassword",
        {204: Answer(empty=True)},
        AccountInvalid,
        SigningInBusy,
        TooManyTries,
        *JSON_BODY,
        open_to_all=True,
    ),
)
def change_password(body: OwnPassword) -> Response:
    """Change a person's password, also one that an administrator set; the old one is the proof."""
    client = Client.at(request.remote_addr)
    if service().users.change_password(body.name, body.old, body.new, client) is None:
        raise AccountInvalid(
            why_vi="tên hoặc mật khẩu hiện nay không đúng",
            why_en="the name or the present password is wrong",
        )
    return Response(status=204)
