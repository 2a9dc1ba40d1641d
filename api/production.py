"""Production mode: writing and serving begin only on a store whose trial is on record (`kho store verify`)."""

from pathlib import Path

from api.ledger_key import checkpoint_signer
from api.private_file import write_private
from archive.clock import Clock
from archive.ledger.checkpoint import CheckpointSigner
from archive.settings import Settings
from archive.vault.conformance.record import Place, Record, parse_record
from archive.vault.conformance.requirement import require

RECORDS = Path("conformance")  # one file a trial, none ever removed; the newest about a vault counts


def place_of(settings: Settings) -> Place:
    """Return which vault the settings mean."""
    vault = settings.vault
    if vault.kind == "s3":
        return Place(kind="s3", endpoint=vault.endpoint, bucket=vault.bucket)
    return Place(kind="folder", folder=str(settings.path(vault.folder)))


def require_proven_store(settings: Settings, ledger_key: bytes, clock: Clock) -> None:
    """In production mode, raise StoreUnproven or StoreRefused unless the vault's trial is on record and good.

    `ledger_key` is the ledger's public Ed25519 key (32 bytes), whose private part signs the records of this archive.
    Raises Unreadable for a record that was tampered with. Outside of production mode it asks nothing.
    """
    if settings.production:
        place = place_of(settings)
        require(newest_record(settings.home, place), place, ledger_key, clock.now())


def proven_signer(file: Path, verifier: str, settings: Settings, clock: Clock) -> CheckpointSigner:
    """Return the signer in `file` whose verifier key act 0 states, on a store that may be written to.

    Whoever writes to the archive signs, so this is asked before anything is written. Raises ReadOnlyHome,
    Misconfigured for another ledger's key, StoreUnproven, StoreRefused.
    """
    signer = checkpoint_signer(file, verifier)
    require_proven_store(settings, signer.verifier.public, clock)
    return signer


def newest_record(home: Path, place: Place) -> Record | None:
    """Return the newest record about the vault at `place` that the home holds; None without one. Raises Unreadable."""
    records = (parse_record(file.read_bytes()) for file in (home / RECORDS).glob("*.json"))
    return max((each for each in records if each.store.place == place), key=lambda each: each.time, default=None)


def keep_record(home: Path, record: Record) -> Path:
    """Put a record into the home, on disk when this returns, and return where it is."""
    file = home / RECORDS / f"{record.time.translate({ord(sign): None for sign in '-:.'})}.json"
    write_private(file, record.to_bytes().decode())
    return file
