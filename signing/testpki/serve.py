"""The test PKI's own process: `python -m signing.testpki.serve --folder F --port P`; ends when idle
for long.
"""

import argparse
import errno
import json
import os
import signal
import threading
import time
from pathlib import Path

from waitress.server import TcpWSGIServer, create_server

from archive.files.durable import replace_file
from signing.testpki.folder import RUNNING, read_test_pki
from signing.testpki.service import Service

IDLE_SECONDS = 3600.0
_CHECK_SECONDS = 30.0


def main() -> None:
    """Serve on loopback until SIGTERM, or until unused for `--idle` seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS)
    options = parser.parse_args()
    service = Service(read_test_pki(options.folder))
    server = _listen(service, options.port)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_when_idle, args=(service, options.idle), daemon=True).start()
    assert server.socket is not None
    state = {"pid": os.getpid(), "base_url": f"http://127.0.0.1:{server.socket.getsockname()[1]}"}
    replace_file(options.folder / RUNNING, json.dumps(state))
    server.run()


def _listen(service: Service, port: int) -> TcpWSGIServer:
    """Listen on `port`, or on any free port where another program has taken it (the caller
    reroutes).
    """
    try:
        server = create_server(service, host="127.0.0.1", port=port, threads=4, ident="kho-testpki")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        server = create_server(service, host="127.0.0.1", port=0, threads=4, ident="kho-testpki")
    assert isinstance(server, TcpWSGIServer)
    return server


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _end_when_idle(service: Service, idle: float) -> None:
    while time.monotonic() - service.last_used < idle:
        time.sleep(min(_CHECK_SECONDS, idle))
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
