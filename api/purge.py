"""What the catalogue keeps for a while only, and forgets: answers to requests with an idempotency
key, after a day.
"""

from datetime import datetime

from sqlalchemy import delete, select

from archive.catalog.database import Catalog
from archive.catalog.operations import IdempotentRequestRow


def purge_expired(catalog: Catalog, now: datetime) -> None:
    """Remove the requests whose time is over; where there are none, nothing is written."""
    over = IdempotentRequestRow.expires_at <= now
    with catalog.read() as session:
        if session.scalar(select(IdempotentRequestRow.id).where(over).limit(1)) is None:
            return
    with catalog.write() as session:
        session.execute(delete(IdempotentRequestRow).where(over))
