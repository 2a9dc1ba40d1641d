"""The test services of a bench: certificates like real ones, keys kept, on a core of their own,
their work counted.

Three levels: root of RSA-4096, issuing CA and timestamp CA of RSA-3072, seal of RSA-2048, TSA and
OCSP responder of their own.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from signing.testpki.folder import RUNNING, TestPki
from signing.testpki.make import make_test_pki
from signing.testpki.running import ensure_running, free_base_url, stop

LIKE_REAL_ONES = {"x-key-bits": {"root": 4096}}


@dataclass(frozen=True)
class Services:
    """A running test PKI."""

    pki: TestPki
    pid: int

    def cpu(self) -> float:
        """Return the seconds of CPU that the services have used so far, all threads together."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def services(folder: Path, facility: str, core: int | None) -> Iterator[Services]:
    """Make a test PKI in `folder` and run its services, on `core`, until the end of the block."""
    pki = make_test_pki(folder, datetime.now(UTC), facility, free_base_url(), LIKE_REAL_ONES)
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})  # a child keeps to its parent's cores
    try:
        ensure_running(folder)
    finally:
        os.sched_setaffinity(0, before)
    try:
        yield Services(pki, json.loads((folder / RUNNING).read_text())["pid"])
    finally:
        stop(folder)
