"""The memory of the PIN that a token did not accept.

Before a PIN is tried, a digest of it is written to a file. The token's acceptance removes the file;
a refusal, and a process that dies before the token has answered, leave it. While it is there, no
process of this home tries the same PIN at the same token. Another PIN may be tried: a person has
changed the PIN file.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pkcs11.exceptions import (
    AnotherUserAlreadyLoggedIn,
    DeviceRemoved,
    SessionClosed,
    SessionCount,
    SessionHandleInvalid,
    SlotIDInvalid,
    TokenNotPresent,
    TokenNotRecognised,
    UserAlreadyLoggedIn,
    UserPinNotInitialized,
)

from archive.files.durable import replace_file
from archive.files.folders import sync_folder

# The library answers that the PIN did not reach the token.
NOT_JUDGED = (
    AnotherUserAlreadyLoggedIn,
    DeviceRemoved,
    SessionClosed,
    SessionCount,
    SessionHandleInvalid,
    SlotIDInvalid,
    TokenNotPresent,
    TokenNotRecognised,
    UserAlreadyLoggedIn,
    UserPinNotInitialized,
)


class RefusedPin:
    """The file that remembers the last PIN that a token did not accept.

    It holds a salted digest (scrypt, RFC 7914) of the token's serial number and the PIN.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def exists(self) -> bool:
        """Return whether a PIN is remembered."""
        return self.file.exists()

    def holds(self, serial: bytes, pin: str) -> bool:
        """Return whether this PIN is remembered for the token `serial`; a damaged file holds
        every PIN.
        """
        try:
            remembered = json.loads(self.file.read_bytes())
            salt, digest = (bytes.fromhex(remembered[name]) for name in ("salt", "digest"))
        except FileNotFoundError:
            return False
        except (ValueError, KeyError, TypeError):
            return True
        return secrets.compare_digest(digest, _digest(salt, serial, pin))

    @contextmanager
    def while_tried(self, serial: bytes, pin: str) -> Iterator[None]:
        """Remember the PIN for the block.

        Forget it where the block ends well. Where the PIN was not judged, remember what was
        remembered before.
        """
        before = self.file.read_bytes() if self.file.exists() else None
        salt = secrets.token_bytes(16)
        digest = _digest(salt, serial, pin)
        replace_file(self.file, json.dumps({"salt": salt.hex(), "digest": digest.hex()}))
        try:
            yield
        except NOT_JUDGED:
            self._restore(before)
            raise
        self._restore(None)

    def _restore(self, before: bytes | None) -> None:
        if before is not None:
            replace_file(self.file, before)
            return
        self.file.unlink(missing_ok=True)
        sync_folder(self.file.parent)


def _digest(salt: bytes, serial: bytes, pin: str) -> bytes:
    """Return the digest of a PIN: 40 ms of work, so that few digits are not found in a moment."""
    return hashlib.scrypt(serial + b"\0" + pin.encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=32)
