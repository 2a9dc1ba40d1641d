"""What interrupted submissions leave behind: intents, and sealed papers in the spool.

Finding it, and dropping it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.base.bilingual import Text
from archive.base.clock import Clock
from archive.base.identifiers import SubmissionId
from archive.base.leases import LeaseHeld, Leases
from archive.catalog.database import Catalog
from archive.catalog.operations import IntentRow
from archive.catalog.tables import SubmissionRow
from archive.process import crash
from ingest.spool import Spool
from retention.health.faults import HealthFault, health_fault

YOUNG = Text("chưa hết thời gian chờ nộp lại", "a client may still resubmit its source")
BUSY = Text("một tiến trình đang xử lý", "a process is working on it")


@cache
def abandoned_after() -> timedelta:
    """Return after what time an interrupted submission counts as abandoned (`repair.yaml`)."""
    text = resources.files("retention.health").joinpath("repair.yaml").read_text("utf-8")
    return timedelta(hours=yaml.safe_load(text)["abandoned_after_hours"])


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The intents of a catalogue, and the spool of this home."""

    catalog: Catalog
    spool: Spool
    leases: Leases
    clock: Clock

    def find(self, session: Session) -> Iterator[HealthFault]:
        """Yield each intent, and each spooled submission without an intent.

        The latter was archived already, or abandoned long ago.
        """
        intents = set(session.scalars(select(IntentRow.submission_id)))
        yield from (health_fault("intent.abandoned", submission) for submission in sorted(intents))
        for submission in self.spool.submissions():
            archived = session.get(SubmissionRow, submission) is not None
            if submission not in intents and (archived or self._is_old(submission)):
                yield health_fault("spool.abandoned", submission)

    def drop_intent(self, submission: str) -> Text | None:
        """Delete an old intent that no process works on, and its sealed papers.

        Returns the reason where it stays.

        No act names what the intent put into the vault: it stays an orphan and lapses with its
        short lock. Nothing of it was ever acknowledged. An intent whose act is in the vault ended
        when that act was applied.
        """
        with self.catalog.read() as session:
            row = session.get(IntentRow, submission)
        if row is None:
            return None
        if row.claimed_at > self.clock.now() - abandoned_after():
            return YOUNG
        try:
            with self.leases.hold(row.lease or f"intent/{submission}", timeout=0):
                self.spool.clear(SubmissionId(submission))
                crash.point("repair.spool_cleared")
                with self.catalog.write() as session:
                    there = session.get(IntentRow, submission)
                    if there is not None:
                        session.delete(there)
        except LeaseHeld:
            return BUSY
        crash.point("repair.intent_dropped")
        return None

    def clear_spool(self, submission: str) -> None:
        """Delete sealed papers that belong to no intent."""
        with self.catalog.read() as session:
            if session.get(IntentRow, submission) is not None:
                return  # sent again meanwhile
        self.spool.clear(SubmissionId(submission))
        crash.point("repair.spool_cleared")

    def _is_old(self, submission: SubmissionId) -> bool:
        kept = self.spool.last_kept(submission)
        return kept is not None and kept < self.clock.now() - abandoned_after()
