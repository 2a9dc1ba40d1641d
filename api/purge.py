"""What the catalogue keeps for a while only, and forgets: answers to requests with an idempotency
key, after a day.
"""

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from archive.catalog.operations import IdempotentRequestRow

if TYPE_CHECKING:
    from api.home import Home


def purge_expired(home: "Home") -> None:
    """Remove the requests whose time is over; where there are none, nothing is written."""
    over = IdempotentRequestRow.expires_at <= home.clock.now()
    with home.catalog.read() as session:
        if session.scalar(select(IdempotentRequestRow.id).where(over).limit(1)) is None:
            return
    with home.catalog.write() as session:
        session.execute(delete(IdempotentRequestRow).where(over))
