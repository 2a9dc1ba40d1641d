"""Who calls the API: an API key (`Authorization: Bearer`, RFC 6750) or an account (HTTP Basic, RFC 7617)."""

from flask import Flask, Request, g, request

from api.accounts import Account, Accounts
from api.api_keys import ApiKeys
from api.rest.errors import Unauthenticated
from archive.access.actor import Permission

OPEN = frozenset({"health.answers", "health.live", "health.ready", "documentation.document", "documentation.page"})
OPEN_FILES = frozenset({"documentation.static"})


def install(app: Flask, accounts: Accounts, keys: ApiKeys) -> None:
    """Ask every request of `app` who calls, but for what is open: deny is the default of what is added tomorrow."""

    @app.before_request
    def ask() -> None:
        if request.endpoint is not None and request.endpoint not in OPEN | OPEN_FILES:  # None: a problem already
            g.account = authenticated(request, accounts, keys)


def caller(permission: Permission) -> Account:
    """Return who calls; raises Denied unless their role holds `permission`."""
    account: Account = g.account
    account.actor.require(permission)
    return account


def authenticated(given: Request, accounts: Accounts, keys: ApiKeys) -> Account:
    """Return the account or key that the request names; raises Unauthenticated, TooManyTries."""
    told = given.authorization
    account: Account | None = None
    if told is not None and told.type == "bearer" and told.token:
        account = keys.authenticate(told.token)
    elif told is not None and told.type == "basic" and told.username is not None and told.password is not None:
        account = accounts.authenticate(told.username, told.password)
    if account is None:
        raise Unauthenticated
    return account
