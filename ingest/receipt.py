"""The receipt: what Kho answers once a document is archived, with the lock as the store confirmed
it.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from archive.base.clock import iso
from archive.catalog.tables import DocumentRow
from archive.vault.contract import Lock


@dataclass(frozen=True, slots=True)
class Receipt:
    """One archived document. The field names are a contract: `docs/scripting.md`."""

    source: str
    chart_id: str
    document_id: str
    form: str
    title: str
    sha256: str
    object_key: str
    version_id: str
    origin: str
    level: str | None  # of Kho's seal; None: signed elsewhere, archived unchanged
    sealed_at: datetime | None
    retain_until: datetime
    lock_mode: str
    ledger_index: int

    def as_json(self) -> dict[str, Any]:
        """Return the receipt with times as ISO 8601."""
        sealed_at = iso(self.sealed_at) if self.sealed_at else None
        return {**asdict(self), "sealed_at": sealed_at, "retain_until": iso(self.retain_until)}


def receipt(source: str, document: DocumentRow, lock: Lock) -> Receipt:
    """Return the receipt of a document of the catalogue, with its lock as the store has just
    reported it.
    """
    return Receipt(
        source=source,
        chart_id=document.chart_id,
        document_id=document.id,
        form=document.form,
        title=document.title_vi,
        sha256=document.sha256,
        object_key=document.object_key,
        version_id=document.object_version,
        origin=document.origin,
        level=document.level,
        sealed_at=document.sealed_at,
        retain_until=lock.retain_until,
        lock_mode=lock.mode,
        ledger_index=document.act_index,
    )
