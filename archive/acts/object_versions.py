"""Where the store keeps an object today.

A vault that was copied into another engine has other version ids.
"""

from collections.abc import Iterator
from itertools import groupby, islice

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.acts.envelope import ActObject
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode, ObjectKey, Sha256
from archive.catalog.tables import StoredObjectRow
from archive.vault.contract import ObjectMissing, Stored, Vault

_KEYS = 500  # looked up at once


def relocate(session: Session, vault: Vault, bound: ActObject) -> None:
    """Check that the version that an act states still exists.

    If it does not, record the version that has the stated bytes.

    Where no version has them, nothing changes: `kho check` reports it.
    """
    key = ObjectKey(bound.key)
    known = session.scalar(
        select(StoredObjectRow.object_version).where(StoredObjectRow.object_key == key)
    )
    if known != bound.version:
        return  # an object that no act brought, or one whose version was found already
    try:
        vault.stat(key, bound.version)
    except ObjectMissing:
        _place(session, vault, key, Sha256(bound.sha256))


def relocate_all(session: Session, vault: Vault, facility: FacilityCode) -> None:
    """Do as :func:`relocate` for everything in the catalogue.

    This takes one listing instead of one request for each object.
    """
    listed = (
        (key, {each.version for each in versions})
        for key, versions in _by_key(vault.list(f"{facility}/"))
    )
    while versions := dict[str, set[str]](islice(listed, _KEYS)):
        query = select(
            StoredObjectRow.object_key, StoredObjectRow.object_version, StoredObjectRow.sha256
        )
        for key, version, digest in session.execute(
            query.where(StoredObjectRow.object_key.in_(versions))
        ).all():
            if version not in versions[key]:
                _place(session, vault, ObjectKey(key), Sha256(digest))


def _by_key(listed: Iterator[Stored]) -> Iterator[tuple[ObjectKey, Iterator[Stored]]]:
    return groupby(listed, key=lambda stored: stored.key)


def _place(session: Session, vault: Vault, key: ObjectKey, digest: Sha256) -> None:
    version = _version_with_bytes(vault, key, digest)
    if version is not None:
        mine = StoredObjectRow.object_key == key
        session.execute(update(StoredObjectRow).where(mine).values(object_version=version))


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
