"""A worker of the pool: a process of its own that prepares papers until its parent ends.

`worker_process.py` starts it as `python -P -m ingest.preparation.worker CONNECTION LIFE`: two file
descriptors that it inherits. Its arguments and environment hold no secret: through the connection
it gets the function that makes its preparer, which reads its own settings.
"""

import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from archive.process.garbage import relax
from ingest.preparation import worker_protocol

_PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Do what comes through the connection, one list of tasks after the other."""
    connection, life = Connection(int(sys.argv[1])), int(sys.argv[2])
    os.umask(0o077)
    # one core a worker: Typst's own threads would only wait for each other
    os.environ["RAYON_NUM_THREADS"] = "1"
    # Ctrl-C is for the parent; this worker ends with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(life,), daemon=True).start()
    # the parent has gone, or has ended this worker
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _work(connection)


def _work(connection: Connection) -> None:
    opened = connection.recv()
    try:
        with opened() as preparer:
            relax()
            worker_protocol.send_ready(connection)
            while True:
                tasks = connection.recv()
                try:
                    for result in preparer.prepare(tasks):
                        worker_protocol.send_result(connection, result)
                except Exception as error:  # noqa: BLE001 - whatever it is, the parent decides what comes of it
                    worker_protocol.send_error(connection, error)
                else:
                    worker_protocol.send_done(connection, _memory())
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - the preparer cannot be made: as above
        worker_protocol.send_error(connection, error)


def _end_with_parent(life: int) -> None:
    """End when the other end of a pipe is closed, as it is when the parent is killed; also in the
    middle of a job.
    """
    while os.read(life, 1):
        pass
    os._exit(1)


def _memory() -> int:
    """Return the bytes of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE


if __name__ == "__main__":
    main()
