"""A plain GET: waitress and a file, without access checks or records.

Argument: a folder. Prints its port.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from waitress.server import TcpWSGIServer, create_server

CHUNK = 1 << 16


def main() -> None:
    """Serve the folder's files on loopback until killed."""
    folder = Path(sys.argv[1])

    def answer(environ: dict[str, str], start: Callable[..., object]) -> Iterable[bytes]:
        file = folder / Path(environ["PATH_INFO"]).name
        start(
            "200 OK",
            [("Content-Type", "application/pdf"), ("Content-Length", str(file.stat().st_size))],
        )
        with file.open("rb") as opened:
            while piece := opened.read(CHUNK):
                yield piece

    server = create_server(answer, host="127.0.0.1", port=0, threads=8, ident="")
    assert isinstance(server, TcpWSGIServer)
    assert server.socket is not None
    print(server.socket.getsockname()[1], flush=True)
    server.run()


if __name__ == "__main__":
    main()
