"""How papers are prepared for one home: here, and in worker processes that open the same home's
seal for themselves.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from archive.base.clock import SystemClock
from archive.base.settings import Settings, load_settings
from archive.process.garbage import relax
from ingest.files.make_pdfa import open_maker
from ingest.preparation.contract import Preparer
from ingest.preparation.in_process import InProcessPreparer
from ingest.preparation.pool import WorkerPool
from ingest.preparation.service import Preparation
from signing.seal import Sealer
from signing.trust import TrustRoots

if TYPE_CHECKING:
    from archive.base.clock import Clock


@contextmanager
def preparer_in_a_worker(home: Path, anchors: tuple[bytes, ...]) -> Iterator[Preparer]:
    """Open, in a worker, what renders and seals.

    The worker reads settings, key and passphrase itself: none is sent.

    `anchors` are the trust anchors (DER), which the parent may have from the catalogue.
    """
    from asn1crypto import x509

    from api.composition.seals import Seals

    with ExitStack() as closing:
        trust = TrustRoots(x509.Certificate.load(anchor) for anchor in anchors)
        seals = Seals(load_settings(home), lambda: trust, SystemClock(), closing)
        yield InProcessPreparer(open_maker(home), seals.sealer)


def open_preparer(
    settings: Settings, sealer: Sealer, trust: TrustRoots, clock: "Clock", closing: ExitStack
) -> Preparation:
    """Return the preparation of one home; `closing` ends its processes.

    There are none where the settings say so, or where time is not the system's (a test's clock
    stays in its process).
    """
    processes = settings.work.at_once
    if processes == 1:
        # As in a worker (`ingest/preparation/worker.py`); Typst looks when it sets its first page.
        os.environ.setdefault("RAYON_NUM_THREADS", "1")
    here = InProcessPreparer(open_maker(settings.home), sealer)
    relax()
    if processes == 1 or not isinstance(clock, SystemClock):
        return Preparation(here)
    anchors = tuple(anchor.dump() for anchor in trust.anchors)
    pool = WorkerPool(partial(preparer_in_a_worker, settings.home, anchors), processes)
    preparation = Preparation(here, pool, turns=processes)
    closing.callback(preparation.close)
    return preparation
