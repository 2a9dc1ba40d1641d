"""A form whose session ended in the middle comes back with what was typed, after the same person
signs in.
"""

from typing import Any
from uuid import UUID

from flask import current_app, request
from flask_login import current_user

from api.connections.announcement import waiting
from api.web.site import site

PARAMETER = "draft"  # of the address of a form
# Forms whose text is worth keeping; none of them asks a secret.
_KEPT = frozenset({"bringing.bring", "correcting.correct", "packet_making.make", "filling.fill"})


def way_back(token: str | None) -> str | None:
    """Return the address to which sign-in leads back, None for the start page.

    A form that was sent leads back to its page, with what was typed where that is known: `token` is
    the cookie's, of the session that has ended. Of a large body nothing was read.
    """
    if request.endpoint == "search.start":
        return None
    query = request.query_string.decode("ascii", "replace")
    address = f"{request.path}?{query}" if query else request.path
    if request.method == "GET":
        return address
    rules = current_app.url_map.iter_rules(request.endpoint)
    if not any("GET" in (rule.methods or ()) for rule in rules):
        return None
    owner = site().sessions.owner(token) if token and request.endpoint in _KEPT else None
    if owner is None or waiting(request.environ) is not None:
        return address
    # Script saves again until it succeeds: its drafts would push out those that people sent.
    if request.form.get("do") == "keep":
        return address
    key = site().drafts.keep(owner, request.path, request.form)
    return address if key is None else f"{request.path}?{PARAMETER}={key}"


def drafted() -> dict[str, Any]:
    """Return the arguments for the form of this page: what was typed before the session ended."""
    try:
        key = str(UUID(request.args.get(PARAMETER, "")))
    except ValueError:
        return {}
    if request.method != "GET":
        return {}
    fields = site().drafts.take(current_user.account.actor.name, request.path, key)
    return {} if fields is None else {"formdata": fields}
