"""Checking, repairing and rebuilding one archive.

They begin below the services: what those rest on may be damaged.
"""

from typing import TYPE_CHECKING

from api.home import Home
from archive.ledger.store import ledger_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retention.health.check import Checker
    from retention.health.faults import HealthFault
    from retention.health.leftovers import Leftovers
    from retention.health.rebuild import Rebuilt
    from retention.health.repair import Repairer


def checker(home: Home) -> "Checker":
    """Return what checks the archive's health; it only reads, so a catalogue that is behind stays
    so.

    Only an empty catalogue is brought up first: there is nothing to compare the vault with. Raises
    NoArchive.
    """
    from api.composition.ledger_key import key_check
    from archive.isolation.sandbox.weaknesses import weaknesses
    from retention.health.check import Checker

    home.require_archive()
    with home.catalog.read() as session:
        is_empty = ledger_size(session, home.code) == 0
    if is_empty:
        home.catch_up()
    return Checker(
        catalog=home.catalog,
        vault=home.vault,
        facility=home.code,
        outbox=home.follow_ups.outbox,
        leftovers=_leftovers(home),
        indexed=home.follow_ups.indexing.count,
        seal=lambda: _seal_faults(home),
        witnesses=home.witnesses,
        key_check=key_check(home.settings),
        lacking=[weakness.name for weakness in weaknesses()],
        clock=home.clock,
        scratch=home.folder / "scratch",
    )


def repairer(home: Home) -> "Repairer":
    """Return what repairs those faults of `kho check` that can be repaired. Raises NoArchive."""
    from retention.health.repair import Repairer

    return Repairer(
        checker=checker(home),
        catalog=home.catalog,
        vault=home.vault,
        facility=home.code,
        sequencer=home.sequencer,
        outbox=home.follow_ups.outbox,
        leftovers=_leftovers(home),
        publisher=home.follow_ups.publisher,
        reindex=home.follow_ups.indexing.rebuild_index,
        removals=lambda: home.follow_ups.removals,
        clock=home.clock,
    )


def rebuild(home: Home) -> "Rebuilt":
    """Rebuild catalogue and index from the vault alone. Raises NoArchive, CatalogueUnusable.

    :func:`api.upkeep.rebuilding.rebuild` sets a damaged catalogue aside first.
    """
    from retention.health.rebuild import Rebuilt, rebuild_catalogue

    home.require_archive()
    acts, documents = rebuild_catalogue(home.catalog, home.sequencer)
    indexed = home.follow_ups.outbox.fulfil("index", home.follow_ups.indexing.rebuild_index)
    return Rebuilt(acts, documents, indexed)


def _seal_faults(home: Home) -> "Iterable[HealthFault]":
    from api.composition.certificates import watched_certificates
    from retention.health.seal_check import seal_faults

    settings = home.settings
    in_file = settings.production and settings.seal.pkcs12 is not None
    return seal_faults(watched_certificates(home), key_in_file=in_file)


def _leftovers(home: Home) -> "Leftovers":
    from ingest.spool import Spool
    from retention.health.leftovers import Leftovers

    return Leftovers(home.catalog, Spool(home.folder / "spool"), home.leases, home.clock)
