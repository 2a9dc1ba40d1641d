"""The device cookie: a browser in which somebody has signed in is known again.

It opens nothing: wrong passwords from a known device are counted apart from those of strangers.
"""

import re

from flask import current_app, request
from werkzeug.wrappers import Response

from api.access.known_places import KEPT_FOR, Client, new_device

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def client() -> Client:
    """Return where the request comes from; a browser without the cookie gets a new token."""
    known = request.cookies.get(_name())
    device = known if known and _TOKEN.fullmatch(known) else new_device()
    return Client.at(request.remote_addr, device)


def keep_device(response: Response, client: Client) -> Response:
    """Let the browser keep the token with which the person has signed in."""
    response.set_cookie(
        _name(),
        client.device or "",
        max_age=KEPT_FOR,
        httponly=True,
        samesite="Lax",
        secure=_secure(),
    )
    return response


def _secure() -> bool:
    return current_app.session_interface.get_cookie_secure(current_app)


def _name() -> str:
    return "__Host-kho-device" if _secure() else "kho-device"
