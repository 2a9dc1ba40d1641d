"""Python's garbage collector in processes that archive.

It runs less often, and skips objects loaded at the start.

Parsing and signing make many small objects that reference counting frees. A search for cycles among
them every 700 objects, and among all objects of the libraries, takes a tenth of the time of an
accession.
"""

import gc

_YOUNG = 50_000  # new objects between two collections


def relax() -> None:
    """Call this once after loading; a second call does no harm."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
