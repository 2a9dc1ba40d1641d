"""Python's garbage collector in processes that archive: looks less often, and not at what was loaded at the start.

Parsing and signing make many small objects that go by themselves; looking for circles among them every 700 objects, and
among all that libraries have loaded, takes a tenth of the time of an accession.
"""

import gc

_YOUNG = 50_000  # new objects between two looks


def relax() -> None:
    """Call it once what is needed is loaded; again does no harm."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
