"""The accounts of a demonstration: a records clerk, a reader and an administrator with one
password, the same at every run.
"""

import secrets

from api.access.accounts import Accounts
from api.access.users import Users
from api.composition.production import DEMO_PASSWORD
from api.home import Home
from archive.access.actor import Actor
from archive.base.errors import Misconfigured
from archive.files.durable import create_file

DEMO_CLERK, DEMO_READER, DEMO_ADMINISTRATOR = "luutru", "doc", "quantri"
_ROLES = {DEMO_ADMINISTRATOR: "admin", DEMO_CLERK: "clerk", DEMO_READER: "reader"}
_BY = Actor("kho demo", "clerk")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


def demo_password(home: Home) -> tuple[str, str]:
    """Return the name and the password of a demonstration's records clerk: the same ones at every
    run.

    There are a reader (`doc`) and an administrator (`quantri`), too, with the same password. It is
    kept in `{home}/keys/demo-password` (0600). Raises Misconfigured for a home that is no
    demonstration.
    """
    if not home.settings.demo:
        raise Misconfigured(
            why_vi="đây không phải kho trình diễn", why_en="this home is not a demonstration"
        )
    file = home.folder / DEMO_PASSWORD
    with home.leases.hold("demo-password"):
        if not file.exists():
            create_file(
                file,
                "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)),
            )
        password = file.read_text("ascii").strip()
        accounts = Accounts(home.catalog, home.code, home.clock)
        for name, role in _ROLES.items():
            _have(accounts, name, role, password)
    return DEMO_CLERK, password


def _have(accounts: Accounts, name: str, role: str, password: str) -> None:
    """Make the account, or give it this password and role, where it does not have them."""
    users = Users(accounts)
    known = accounts.find(name)
    if known is None and name not in {user.name for user in users.all()}:
        users.create(name, role, password, _BY, must_change=False)
    elif known is None or accounts.authenticate(name, password) is None:
        users.reset_password(name, password, _BY, must_change=False)
        users.enable(name, _BY)
        users.assign(name, role, _BY)
