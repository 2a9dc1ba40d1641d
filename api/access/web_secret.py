"""The key that signs the pages' cookies and the API's cursors."""

import secrets
from contextlib import suppress

from api.composition.ground import Ground
from archive.files.durable import create_file


def web_secret(home: Ground) -> bytes:
    """Return the key that signs the pages' cookies: as set, else one that is made once and kept in
    the home.
    """
    stated = home.settings.web.secret.get_secret_value()
    if stated:
        return stated.encode()
    file = home.folder / "keys" / "web.secret"
    if not file.exists():
        with suppress(FileExistsError):  # another process was first: both use its key
            create_file(file, secrets.token_hex(32))
    return file.read_bytes()
