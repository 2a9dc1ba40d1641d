"""Where the store keeps an original today: a vault that was copied into another engine has other
version ids.
"""

from collections.abc import Iterator
from itertools import groupby, islice

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.acts.envelope import ActObject
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256
from archive.catalog.tables import DocumentRow, PacketReceiptRow
from archive.vault.contract import ObjectMissing, Stored, Vault

_PLACED = (DocumentRow, PacketReceiptRow)
_KEYS = 500  # looked up at once


def relocate(session: Session, vault: Vault, bound: ActObject) -> None:
    """Check that the version that an act states still exists; else record the version that has the
    stated bytes.

    Where no version has them, nothing changes: `kho check` reports it.
    """
    key = ObjectKey(bound.key)
    for table in _PLACED:
        if (
            session.scalar(select(table.object_version).where(table.object_key == key))
            != bound.version
        ):
            continue  # nothing of this table's, or placed already
        try:
            vault.stat(key, bound.version)
        except ObjectMissing:
            _place(session, vault, table, key, Sha256(bound.sha256))


def relocate_all(session: Session, vault: Vault, facility: FacilityCode) -> None:
    """Do as :func:`relocate` for everything in the catalogue: one listing instead of one request
    for each object.
    """
    listed = (
        (key, {one.version for one in versions})
        for key, versions in _by_key(vault.list(f"{facility}/"))
    )
    while standing := dict[str, set[str]](islice(listed, _KEYS)):
        for table in _PLACED:
            query = select(table.object_key, table.object_version, table.sha256)
            for key, version, digest in session.execute(
                query.where(table.object_key.in_(standing))
            ).all():
                if version not in standing[key]:
                    _place(session, vault, table, ObjectKey(key), Sha256(digest))


def _by_key(listed: Iterator[Stored]) -> Iterator[tuple[ObjectKey, Iterator[Stored]]]:
    return groupby(listed, key=lambda stored: stored.key)


def _place(
    session: Session,
    vault: Vault,
    table: type[DocumentRow | PacketReceiptRow],
    key: ObjectKey,
    digest: Sha256,
) -> None:
    found = _version_with_bytes(vault, key, digest)
    if found is not None:
        session.execute(update(table).where(table.object_key == key).values(object_version=found))


def _version_with_bytes(vault: Vault, key: ObjectKey, digest: Sha256) -> str | None:
    for stored in vault.list(key):
        if stored.key != key:
            continue
        try:
            vault.read(key, stored.version, digest)
        except (IntegrityError, ObjectMissing):
            continue
        return stored.version
    return None
