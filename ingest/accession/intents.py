"""Intents: the ids and the time of a submission, stored before its first effect, so that a retry
uses the same ones.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import exists, select

from archive.base.clock import Clock
from archive.base.identifiers import ChartId, DocumentId, FacilityCode, Sha256, SubmissionId, new_id
from archive.catalog.database import Catalog
from archive.catalog.operations import IntentRow


@dataclass(frozen=True, slots=True)
class Intent:
    """The ids and the one time of a submission: `documents` by the papers' content digests."""

    submission_id: SubmissionId
    chart_id: ChartId
    documents: dict[Sha256, DocumentId]
    claimed_at: datetime  # whole seconds: what the page shows and the signature's /M says


class Intents:
    """The intents of one facility. The caller holds the chart's lease."""

    def __init__(self, catalog: Catalog, facility: FacilityCode, clock: Clock) -> None:
        self._catalog, self._facility, self._clock = catalog, facility, clock

    def settle(
        self, fingerprint: Sha256, contents: list[Sha256], lease: str | None = None
    ) -> Intent:
        """Return the intent of this submission: the abandoned one of an earlier try, or a new one,
        committed.

        `lease` is the name of the lease that the caller holds: a process that gets it knows that no
        other is at work.
        """
        with self._catalog.write() as session:
            row = session.scalar(select(IntentRow).where(IntentRow.fingerprint == fingerprint))
            if row is None:
                row = IntentRow(
                    submission_id=new_id(),
                    facility=self._facility,
                    fingerprint=fingerprint,
                    chart_id=new_id(),
                    documents={},
                    claimed_at=self._clock.now().replace(microsecond=0),
                    lease=lease,
                )
                session.add(row)
            row.documents = {
                **row.documents,
                **{c: new_id() for c in contents if c not in row.documents},
            }
            return Intent(
                SubmissionId(row.submission_id),
                ChartId(row.chart_id),
                cast("dict[Sha256, DocumentId]", dict(row.documents)),
                row.claimed_at,
            )

    def left_under(self, lease: str) -> bool:
        """Return whether an earlier holder of `lease`, which the caller holds now, left work
        undone.
        """
        with self._catalog.read() as session:
            return bool(session.scalar(select(exists().where(IntentRow.lease == lease))))

    def drop(self, submission: SubmissionId) -> None:
        """Forget an intent that ended in a refusal."""
        with self._catalog.write() as session:
            row = session.get(IntentRow, submission)
            if row is not None:
                session.delete(row)
