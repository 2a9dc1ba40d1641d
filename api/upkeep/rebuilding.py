"""Rebuilding. A damaged catalogue file is renamed, never deleted, and a new catalogue is built."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.composition.engines import CATALOGUE
from api.home import Home
from api.upkeep import maintenance
from archive.base.errors import Unavailable
from archive.catalog.errors import CatalogueUnusable
from archive.files.folders import sync_folder

if TYPE_CHECKING:
    from retention.health.rebuild import Rebuilt


def rebuild(home: Home) -> "tuple[Rebuilt, Path | None]":
    """Rebuild catalogue and index from the vault alone; `home` is closed if its catalogue was
    damaged.

    Returns the counts of the rebuild, and the new path of the damaged catalogue if there was one.
    Data that only the catalogue held (accounts, intents, pending acts) is lost with it. Raises
    NoArchive, and IntegrityError or a subclass if the acts are no complete chain.
    """
    try:
        return maintenance.rebuild(home), None
    except CatalogueUnusable:
        home.require_act_zero()  # what is not in the vault cannot be rebuilt
        home.close()
    aside = _set_aside(home)
    with Home(home.settings, home.clock) as fresh:
        return maintenance.rebuild(fresh), aside


def _set_aside(home: Home) -> Path:
    """Rename the catalogue with its write-ahead log and shared memory to names with the time;
    return the first.
    """
    now: datetime = home.clock.now()
    names = {suffix: home.folder / f"{CATALOGUE}{suffix}" for suffix in ("", "-wal", "-shm")}
    aside = home.folder / f"{CATALOGUE}.damaged-{now:%Y%m%dT%H%M%S.%fZ}"
    try:
        with home.leases.hold("catalogue"):
            for suffix, file in names.items():
                if file.exists():
                    file.rename(f"{aside}{suffix}")
            sync_folder(home.folder)
    except OSError as error:
        raise Unavailable(
            component=str(home.folder), why=error.strerror or type(error).__name__
        ) from error
    return aside
