"""Where the store keeps an original today: a vault that was copied into another engine has other version ids."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.acts.envelope import ActObject
from archive.catalog.tables import DocumentRow, PacketReceiptRow
from archive.errors import Damaged
from archive.identifiers import ObjectKey, Sha256
from archive.vault.contract import ObjectMissing, Vault


def relocate(session: Session, vault: Vault, bound: ActObject) -> None:
    """See whether the version that an act states still stands; else remember the version with the stated bytes.

    Where there is none, nothing changes: `kho check` tells of it.
    """
    key = ObjectKey(bound.key)
    for table in (DocumentRow, PacketReceiptRow):
        mine = table.object_key == bound.key
        if session.scalar(select(table.object_version).where(mine)) != bound.version:
            continue  # nothing of this table's, or placed already
        try:
            vault.stat(key, bound.version)
        except ObjectMissing:
            found = _version_with_bytes(vault, key, Sha256(bound.sha256))
            if found is not None:
                session.execute(update(table).where(mine).values(object_version=found))


def _version_with_bytes(vault: Vault, key: ObjectKey, digest: Sha256) -> str | None:
    for stored in vault.list(key):
        if stored.key != key:
            continue
        try:
            vault.read(key, stored.version, digest)
        except (Damaged, ObjectMissing):
            continue
        return stored.version
    return None
