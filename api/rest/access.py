"""Who calls the API: HTTP Basic (RFC 7617) over the accounts of the home."""

from flask import Request

from api.accounts import Account, Accounts
from api.rest.problems import Unauthenticated


def authenticated(request: Request, accounts: Accounts) -> Account:
    """Return the account that the request names; raises Unauthenticated, TooManyTries."""
    given = request.authorization
    if given is None or given.type != "basic" or given.username is None or given.password is None:
        raise Unauthenticated
    account = accounts.authenticate(given.username, given.password)
    if account is None:
        raise Unauthenticated
    return account
