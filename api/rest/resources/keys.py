"""`/v1/keys`: the keys with which programs call the API; for administrators."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.access.api_keys import end_of
from api.access.passwords import AccountInvalid
from api.rest.access import caller, needs
from api.rest.answers import answer, page
from api.rest.errors import JSON_BODY, invalid
from api.rest.models.keys import KeyAnswer, KeyPage, KeyPath, NewKey, NewKeyAnswer
from api.rest.operation import documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import NotFound

keys = APIBlueprint("keys", __name__, url_prefix="/v1/keys", abp_tags=[tag("keys")])


@keys.get("", **documented("listKeys", {200: KeyPage}))
@needs(Permission.KEYS)
def list_keys() -> Response:
    """Every key."""
    return page(KeyPage, [key.as_json() for key in service().keys.all()], None)


@keys.post("", **documented("createKey", {201: NewKeyAnswer}, AccountInvalid, *JSON_BODY))
@needs(Permission.KEYS)
def create_key(body: NewKey) -> Response:
    """Make a key; this answer alone has its secret."""
    wanted = service().keys
    last = body.last_day or wanted.last_day()
    if not wanted.accepts(last):
        raise invalid([{"loc": ("last_day",), "type": "date_range"}])
    key, secret = wanted.create(
        body.name, body.role, end_of(last), body.departments, by=caller().actor
    )
    return answer(NewKeyAnswer, {**key.as_json(), "key": secret}, 201)


@keys.post("/<key:key_id>/revoke", **documented("revokeKey", {200: KeyAnswer}, NotFound))
@needs(Permission.KEYS)
def revoke_key(path: KeyPath) -> Response:
    """End a key at once and for ever."""
    return answer(KeyAnswer, service().keys.revoke(path.key_id, caller().actor).as_json())
