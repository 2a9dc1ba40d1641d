"""What the child process of a device's key runs: it alone loads the vendor's library.

`process.py` starts it as `python -P -m signing.keys.pkcs11.child CONNECTION LIFE`: two file
descriptors that it inherits. Its arguments and environment hold no secret: it reads the PIN file
itself. It is asked for one thing first, which is :data:`OPEN`, :data:`OPEN_AGAIN` or :data:`LIST`.
"""

import json
import os
import resource
import signal
import sys
import threading
from base64 import b64encode
from contextlib import suppress
from multiprocessing.connection import Connection

from archive.base.errors import KhoError, Unavailable
from signing.errors import DeviceAway
from signing.keys.pkcs11.listing import listing
from signing.keys.pkcs11.login import UNDER_WAY
from signing.keys.pkcs11.place import Place
from signing.keys.pkcs11.process import (
    ANSWER,
    FAILURE,
    LIST,
    MOST_LOGIN_SECONDS,
    OPEN_AGAIN,
    PRESENT,
    TRIAL,
)
from signing.keys.pkcs11.session import TokenSession


def main() -> None:
    """Answer what comes through the connection until the parent ends."""
    connection, life = Connection(int(sys.argv[1])), int(sys.argv[2])
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the PIN
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    threading.Thread(target=_end_with_parent, args=(life,), daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent has gone
        try:
            _work(connection)
        except KhoError as error:
            _send_failure(connection, error)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except OSError as error:  # a full disk: a PIN is not tried where no refusal can be kept
            why = error.strerror or type(error).__name__
            _send_failure(connection, Unavailable(component="keys", why=why))
        except Exception as error:  # noqa: BLE001 - the library's failure, or ours: the parent begins again
            _send_failure(connection, _away(error))


def _work(connection: Connection) -> None:
    asked, place = connection.recv_bytes(), Place.from_json(connection.recv_bytes().decode())
    if asked == LIST:
        connection.send_bytes(ANSWER + json.dumps(listing(place.module)).encode())
        return
    session = TokenSession(place, again=asked == OPEN_AGAIN)
    named = session.named_certificates()
    opened = {
        "named": None if named is None else _encoded(named),
        "held": _encoded(session.certificates()),
        "trial": b64encode(session.sign(TRIAL)).decode(),
    }
    connection.send_bytes(ANSWER + json.dumps(opened).encode())
    while True:
        data = connection.recv_bytes()
        if data == PRESENT:
            session.require_present()
            connection.send_bytes(ANSWER)
        else:
            connection.send_bytes(ANSWER + session.sign(data))


def _encoded(certificates: list[bytes]) -> list[str]:
    return [b64encode(der).decode() for der in certificates]


def _away(error: Exception) -> DeviceAway:
    # The names of python-pkcs11's errors are those of the standard: CKR_DEVICE_REMOVED and so on.
    answer = type(error).__name__
    return DeviceAway(
        why_vi=f"thư viện PKCS#11 trả lời {answer}",
        why_en=f"the PKCS#11 library answers {answer}",
    )


def _send_failure(connection: Connection, error: KhoError) -> None:
    facts = {name: str(fact) for name, fact in error.facts.items()}
    failure = {"error": type(error).__name__, "facts": facts}
    connection.send_bytes(FAILURE + json.dumps(failure).encode())


def _end_with_parent(life: int) -> None:
    """End when the parent ends, also when it is killed; a PIN that is being tried is answered
    first.
    """
    while os.read(life, 1):
        pass
    UNDER_WAY.acquire(timeout=MOST_LOGIN_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
