"""A bulk load: archives a folder of charts; reports the speed, and the memory of its processes
during the load.

Arguments: a home, a folder, processes. They are started before the measurement: a long load makes
their start small.
"""

import json
import os
import sys
import time
from pathlib import Path

from api.home import Home
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.process.log import configure_logging
from bench.loop import pin

_PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Load, and print one JSON document: seconds, documents, and after each tenth the bytes of each
    process.
    """
    pin()
    configure_logging("error", json=True)
    folder, source, processes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    os.environ["KHO_WORK__PROCESSES"] = str(processes)
    files, memory, documents = len(list(source.iterdir())), [], 0
    with Home.open(folder) as home:
        home.open_for_writing().preparer.warm(wait=True)
        started = time.perf_counter()
        for number, result in enumerate(
            Intake(home.open_for_writing(), Actor("Người Đo", "clerk"), home.scope).run([source]), 1
        ):
            documents += len(result.receipts)
            if number % (files // 10) == 0:
                memory.append(_memory())
        seconds = time.perf_counter() - started
    sys.stdout.write(
        json.dumps({"seconds": seconds, "documents": documents, "memory": memory}) + "\n"
    )


def _memory() -> list[int]:
    """Return the bytes that this process and each of its children hold, this one first."""
    own = os.getpid()
    children = [
        int(child)
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE for pid in (own, *children)
    ]


if __name__ == "__main__":
    main()
