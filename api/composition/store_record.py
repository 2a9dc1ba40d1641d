"""The records of the store's trials that a home keeps (`kho store verify`): production mode writes
on a good one only.
"""

from collections.abc import Collection
from pathlib import Path

from archive.base.clock import Clock
from archive.base.settings import Settings
from archive.conformance.record import Place, Record, parse_record
from archive.conformance.requirement import require
from archive.files.durable import replace_file
from archive.ledger.checkpoint import VerifierKey

RECORDS = Path(
    "conformance"
)  # one file a trial, none ever removed; the newest about a vault counts


def place_of(settings: Settings) -> Place:
    """Return which vault the settings mean."""
    vault = settings.vault
    if vault.kind == "s3":
        return Place(kind="s3", endpoint=vault.endpoint, bucket=vault.bucket)
    return Place(kind="folder", folder=str(settings.path(vault.folder)))


def require_proven_store(
    settings: Settings, ledger_keys: Collection[VerifierKey], clock: Clock
) -> None:
    """In production mode, raise StoreUnproven or StoreRefused unless the vault's trial is on record
    and good.

    `ledger_keys` are the ledger's keys of today and before: one of them signed the record. Raises
    Unreadable for a record that was tampered with. Outside of production mode it checks nothing.
    """
    if settings.production:
        place = place_of(settings)
        require(
            newest_record(settings.home, place),
            place,
            [key.public for key in ledger_keys],
            clock.now(),
        )


def newest_record(home: Path, place: Place) -> Record | None:
    """Return the newest record about the vault at `place` that the home holds; None without one.

    Raises Unreadable.
    """
    records = (parse_record(file.read_bytes()) for file in (home / RECORDS).glob("*.json"))
    return max(
        (each for each in records if each.store.place == place),
        key=lambda each: each.time,
        default=None,
    )


def keep_record(home: Path, record: Record) -> Path:
    """Put a record into the home, on disk when this returns, and return where it is."""
    file = home / RECORDS / f"{record.time.translate({ord(sign): None for sign in '-:.'})}.json"
    replace_file(file, record.to_bytes())
    return file
