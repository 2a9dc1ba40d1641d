"""The child process that alone loads a vendor's PKCS#11 library, as its parent sees it.

A library that hangs is killed, one that crashes takes only this child along, and no other process
holds the PIN (docs/decisions/0026-device-keys-in-a-child.md). A child that failed is not used
again: a new one has a new session.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection

from archive.base.errors import KhoError, Unavailable
from signing.errors import DeviceAway, KeyRefused, PinRefused
from signing.keys.pkcs11.place import Place

OPEN, OPEN_AGAIN, LIST = b"open", b"open again", b"list"
PRESENT = b""  # asks whether the token is there; any other bytes are to be signed
ANSWER, FAILURE = b"+", b"-"
TRIAL = b"Kho: does this key belong to its certificate?"  # signed at each opening

# Starting Python and the library, and logging in. Processes log in one after another.
OPEN_SECONDS = 60.0
SIGN_SECONDS = 20.0  # a slow USB token signs with 4096 bits in about 3 s
MOST_LOGIN_SECONDS = 15.0  # a child that is asked to end waits so long for the token's answer
_MODULE = "signing.keys.pkcs11.child"
_ERRORS: dict[str, type[KhoError]] = {
    error.__name__: error for error in (DeviceAway, KeyRefused, PinRefused, Unavailable)
}


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without Kho's settings: a vendor's library needs none of them."""
    return {name: text for name, text in environment.items() if not name.startswith("KHO_")}


class TokenProcess:
    """One child. End it when done."""

    def __init__(self, place: Place, task: bytes) -> None:
        """Start the child; `task` is :data:`OPEN`, :data:`OPEN_AGAIN` or :data:`LIST`."""
        ours, theirs = socket.socketpair()
        theirs_life, self._life = os.pipe()
        try:
            # A vendor's library may print anything, the PIN too: it goes nowhere.
            self._process = subprocess.Popen(  # noqa: S603 - Kho's own module
                [sys.executable, "-P", "-m", _MODULE, str(theirs.fileno()), str(theirs_life)],
                pass_fds=(theirs.fileno(), theirs_life),
                env=_without_secrets(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        finally:
            theirs.close()
            os.close(theirs_life)
        self.pid = self._process.pid
        self._may_log_in = True  # until the first answer
        self._connection = Connection(ours.detach())
        self._connection.send_bytes(task)
        self._connection.send_bytes(place.to_json().encode())

    def ask(self, request: bytes, seconds: float) -> bytes:
        """Return the answer to `request`; raises as :meth:`answer`."""
        try:
            self._connection.send_bytes(request)
        except OSError as error:
            raise self._broken() from error
        return self.answer(seconds)

    def answer(self, seconds: float) -> bytes:
        """Return the next answer of the child, which has `seconds` for it.

        Raises :class:`signing.errors.DeviceAway` where the child hangs or has died, or where the
        library fails; :class:`signing.errors.KeyRefused`, :class:`signing.errors.PinRefused`,
        :class:`archive.base.errors.Unavailable` (a full disk) as the child does.
        """
        try:
            if not self._connection.poll(seconds):
                raise DeviceAway(
                    why_vi=f"thư viện PKCS#11 không trả lời trong {seconds:g} giây",
                    why_en=f"the PKCS#11 library gives no answer in {seconds:g} s",
                )
            message = self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise self._broken() from error
        self._may_log_in = False
        if message[:1] == ANSWER:
            return message[1:]
        failure = json.loads(message[1:])
        raise _ERRORS[failure["error"]](**failure["facts"])

    def end(self) -> None:
        """End the child and collect it, also one that hangs.

        A child in the middle of a login is given the time to write the token's answer down.
        """
        with suppress(OSError):
            os.close(self._life)
        self._connection.close()
        if self._may_log_in:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(MOST_LOGIN_SECONDS)
        self._process.kill()
        self._process.wait()

    def _broken(self) -> DeviceAway:
        return DeviceAway(
            why_vi="tiến trình giữ thư viện PKCS#11 đã chết",
            why_en="the process that holds the PKCS#11 library has died",
        )
