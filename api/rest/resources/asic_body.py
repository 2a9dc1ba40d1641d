"""The body of a call that is an ASiC-E container (ETSI EN 319 162-1): a packet or a receipt."""

from typing import Any

from flask import request

from api.connections.refusals import BodyTooLarge
from api.rest.errors import WrongMediaType
from api.sharing import names
from archive.base.errors import Unreadable

ASIC = names.MEDIA_TYPE.decode()
ASIC_BODY: dict[str, Any] = {ASIC: {"schema": {}}}
BODY_REFUSALS = (Unreadable, BodyTooLarge, WrongMediaType)


def asic_body() -> bytes:
    """Return the body; raises WrongMediaType."""
    if request.mimetype != ASIC or request.content_encoding is not None:
        raise WrongMediaType
    return request.get_data(cache=False)
