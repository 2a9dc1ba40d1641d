"""Keys of tasks: made from the content, so that a form that is sent twice starts its work once."""

from uuid import UUID, uuid5

from archive.base.canonical import canonical
from archive.base.identifiers import Sha256

_NAMESPACE = UUID("203f167e-e9b3-4c64-871e-2b0a06ff0913")  # of these keys alone


def task_key(facility: str, account: str, digest: Sha256, purpose: str) -> UUID:
    """Return the key of the work that `account` wants done with a content (UUIDv5, RFC 9562, 5.5).

    `digest`: of the file or the order. `purpose`: what is done with it.
    """
    return uuid5(_NAMESPACE, canonical([facility, account, digest, purpose]).decode())
