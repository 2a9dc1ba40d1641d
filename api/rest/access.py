"""Authentication of the API: an API key (`Authorization: Bearer`, RFC 6750) or an account (HTTP
Basic, RFC 7617).

Kho checks the caller and its permission before it reads a body. So for a caller without the
permission it parses nothing.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, g, request
from flask.typing import ResponseReturnValue

from api.access.accounts import Account, Accounts
from api.access.api_keys import ApiKeys
from api.access.known_places import Client
from api.access.permission import require
from api.access.security_events import begin_request
from api.connections.announcement import Announcement, known_account, waiting
from api.connections.refusals import BodyTooLarge
from api.rest.errors import PasswordMustChange, Unauthenticated
from api.rest.refused_bodies import keeping
from archive.access.actor import Permission
from ingest.sources.limits import DEFAULT_LIMITS

OPEN = frozenset(
    {
        "health.answers",
        "health.live",
        "health.ready",
        "documentation.document",
        "documentation.page",
        "account.change_password",  # its body is the proof, also where the password must change
    }
)
OPEN_FILES = frozenset({"documentation.static"})
LARGE_BODIES = frozenset(
    {
        "corrections.correct_document",
        "submissions.submit",
        "verifications.verify_file",
        "exchange.receive_packet",
        "exchange.return_receipt",
        "partners.confirm_partner",
        "partners.show_sender",
        # orders that may name 2,000 records
        "departments.name_departments",
        "packets.make_packet",
        "printing.print_handover_list",
        "printing.print_labels",
        "sets.add_to_set",
    }
)

_View = TypeVar("_View", bound=Callable[..., Any])


def needs(permission: Permission) -> Callable[[_View], _View]:
    """Return a decorator that states which permission the operation below it needs."""

    def state(view: _View) -> _View:
        view.needs = permission  # type: ignore[attr-defined]  # the library's wrapper takes it over (functools.wraps)
        return view

    return state


def install(app: Flask, accounts: Accounts, keys: ApiKeys) -> None:
    """Authenticate and authorise every request to `app`, except to open endpoints.

    Deny is the default: an operation that states no permission gets a server error and is never
    carried out.
    """

    @app.before_request
    def ask() -> ResponseReturnValue | None:
        begin_request("api", request.remote_addr)
        if request.endpoint is None:  # a problem already
            return None
        announcement = waiting(request.environ)
        if request.endpoint in OPEN | OPEN_FILES:
            if announcement is not None:
                raise BodyTooLarge
            return None
        account = known_account(request.environ) or authenticated(request, accounts, keys)
        permission: Permission = vars(app.view_functions[request.endpoint])["needs"]
        require(account, permission)
        g.account = account
        return None if announcement is None else _admitted(announcement, account)


def _admitted(announcement: Announcement, account: Account) -> ResponseReturnValue:
    """Let a large body come where the operation takes one. Raises BodyTooLarge."""
    if (
        request.endpoint not in LARGE_BODIES
        or (request.content_length or 0) > DEFAULT_LIMITS.source_bytes
    ):
        raise BodyTooLarge
    announcement.admit(account.name, account, keeping(account))
    return "", 204


def caller() -> Account:
    """Return the caller's account; it has the permission that the operation :func:`needs`."""
    account: Account = g.account
    return account


def authenticated(given: Request, accounts: Accounts, keys: ApiKeys) -> Account:
    """Return the account or key that the request names.

    Raises Unauthenticated, TooManyTries, PasswordMustChange.
    """
    authorization = given.authorization
    account: Account | None = None
    if authorization is not None and authorization.type == "bearer" and authorization.token:
        account = keys.authenticate(authorization.token)
    elif (
        authorization is not None
        and authorization.type == "basic"
        and authorization.username is not None
        and authorization.password is not None
    ):
        client = Client.at(given.remote_addr)
        account = accounts.authenticate(authorization.username, authorization.password, client)
    if account is None:
        raise Unauthenticated
    if account.must_change:
        raise PasswordMustChange
    return account
