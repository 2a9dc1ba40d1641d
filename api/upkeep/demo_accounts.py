"""The accounts of a demonstration: a records clerk and a reader with one password, the same at
every run.
"""

import secrets

from api.access.accounts import Accounts
from api.composition.production import DEMO_PASSWORD
from api.home import Home
from archive.base.errors import Misconfigured
from archive.files.durable import create_file

DEMO_CLERK, DEMO_READER = "luutru", "doc"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


def demo_password(home: Home) -> tuple[str, str]:
    """Return the name and the password of a demonstration's records clerk: the same ones at every
    run.

    There is a reader, too (`doc`), with the same password. It is kept in
    `{home}/keys/demo-password` (0600). Raises Misconfigured for a home that is no demonstration.
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
        for name, role in ((DEMO_CLERK, "clerk"), (DEMO_READER, "reader")):
            if accounts.find(name) is None or accounts.authenticate(name, password) is None:
                accounts.create(name, role, password)
    return DEMO_CLERK, password
