"""Rebuilding the catalogue from the vault alone: every act is applied again."""

from dataclasses import asdict, dataclass

from sqlalchemy import func, select

from archive.catalog.database import Catalog
from archive.catalog.tables import ActRow, DocumentRow
from archive.coordination.sequencer import Sequencer


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How much was rebuilt."""

    acts: int
    documents: int
    indexed: int

    def as_json(self) -> dict[str, int]:
        """Return what `kho rebuild` prints."""
        return asdict(self)


def rebuild_catalogue(catalog: Catalog, sequencer: Sequencer) -> tuple[int, int]:
    """Rebuild the projection; return (acts, documents). A kill in the middle leaves the old one.

    Raises ActsMissing, Fork or IntegrityError where the vault's acts are not one unbroken chain:
    nothing was changed.
    """
    sequencer.rebuild()
    with catalog.read() as session:
        acts = session.scalar(select(func.count()).select_from(ActRow)) or 0
        documents = session.scalar(select(func.count()).select_from(DocumentRow)) or 0
        return acts, documents
