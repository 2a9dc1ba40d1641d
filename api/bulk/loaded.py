"""What a home has loaded of a manifest: remembered beside the archive, so that resuming reads no
file twice.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.base.canonical import canonical
from archive.base.errors import Unavailable
from archive.base.identifiers import Sha256, sha256
from archive.catalog.database import Catalog
from archive.catalog.tables import DocumentRow
from archive.files.durable import append_line
from ingest.manifest.charts import ManifestChart

_AT_ONCE = 500  # ids in one question


def digest_of(chart: ManifestChart) -> Sha256:
    """Return the SHA-256 of all that the rows of an episode say, with each file's size and time."""
    says: dict[str, Any] = {
        "patient": chart.patient.model_dump(mode="json"),
        "chart": chart.chart.model_dump(mode="json"),
        "papers": [
            [
                paper.form,
                paper.key,
                paper.dated and paper.dated.isoformat(),
                paper.file,
                *map(str, paper.stamp),
            ]
            for paper in chart.papers
        ],
    }
    return sha256(canonical(says))


class Loaded:
    """The charts of one manifest that are archived, by their digests: a hint, checked with the
    catalogue when read.

    One line a chart: the digest and the ids of its documents. A line that a kill has cut off is
    ignored.
    """

    def __init__(self, folder: Path, manifest: Path) -> None:
        name = hashlib.sha256(os.fsencode(manifest.resolve())).hexdigest()[:32]
        self._file = folder / f"{name}.loaded"

    def read(self, catalog: Catalog) -> frozenset[Sha256]:
        """Return the digests of charts whose documents the catalogue still knows."""
        try:
            lines = self._file.read_text("ascii", errors="replace").splitlines(keepends=True)
        except FileNotFoundError:
            return frozenset()
        documents = {
            parts[0]: parts[1:]
            for line in lines
            if line.endswith("\n") and len(parts := line.split()) > 1
        }
        with catalog.read() as session:
            there = _known(
                session, {document_id for ids in documents.values() for document_id in ids}
            )
        return frozenset(
            Sha256(digest) for digest, ids in documents.items() if there.issuperset(ids)
        )

    def add(self, digest: Sha256, documents: Iterable[str]) -> None:
        """Remember a chart; on the disk when this returns. Raises Unavailable."""
        try:
            append_line(self._file, " ".join([digest, *documents]))
        except OSError as error:
            raise Unavailable(
                component=str(self._file.parent), why=error.strerror or type(error).__name__
            ) from error


def _known(session: Session, ids: set[str]) -> set[str]:
    wanted, there = sorted(ids), set[str]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        there.update(session.scalars(select(DocumentRow.id).where(DocumentRow.id.in_(some))))
    return there
