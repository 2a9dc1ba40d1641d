"""Places from which a person has signed in before: the address, and the browser's device cookie.

Wrong passwords from elsewhere must not shut a person out (OWASP, "Slow Down Online Guessing Attacks
with Device Cookies"), so tries from a known place are counted apart from those of strangers.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, select

from archive.base.clock import Clock
from archive.base.identifiers import FacilityCode, sha256
from archive.catalog.database import Catalog
from archive.catalog.operations import KnownPlaceRow
from archive.catalog.upsert import upsert

KEPT_FOR = timedelta(days=180)  # after the last sign-in from there
_SEEN_EVERY = timedelta(days=1)  # the last sign-in is written no more often


@dataclass(frozen=True, slots=True)
class Client:
    """Where a password comes from; None: not known.

    `device` is the token of the browser's device cookie. It opens nothing.
    """

    address: str | None = None
    device: str | None = None

    @classmethod
    def at(cls, address: str | None, device: str | None = None) -> "Client":
        """Return the client at an address as the server sees it.

        An address of this machine says nothing: a proxy may be in front. IPv6 addresses count by
        their first 64 bits, for one customer has them all.
        """
        try:
            stated = ip_address(address or "")
        except ValueError:
            return cls(None, device)
        if isinstance(stated, IPv6Address):
            stated = stated.ipv4_mapped or IPv6Address(int(stated) >> 64 << 64)
        local = stated.is_loopback or address == "::1"
        return cls(None if local else str(stated), device)

    @property
    def places(self) -> tuple[str, ...]:
        """What identifies the place, the surest first."""
        stated = (("device", self.device), ("address", self.address))
        return tuple(f"{kind} {value}" for kind, value in stated if value is not None)


def new_device() -> str:
    """Return the token for the device cookie of a browser that has none."""
    return secrets.token_urlsafe(32)


class KnownPlaces:
    """The places of one home's people; the catalogue keeps digests. Safe for threads."""

    def __init__(self, catalog: Catalog, facility: FacilityCode, clock: Clock) -> None:
        self._catalog, self._facility, self._clock = catalog, facility, clock

    def find(self, account: str, client: Client) -> str | None:
        """Return the client's place if `account` has signed in from there before, the surest first.

        An unknown account costs the same query.
        """
        digests = {self._digest(place): place for place in client.places}
        known = select(KnownPlaceRow.place).where(
            KnownPlaceRow.account == account,
            KnownPlaceRow.place.in_(digests),
            KnownPlaceRow.seen_at > self._clock.now() - KEPT_FOR,
        )
        with self._catalog.read() as session:
            rows = set(session.scalars(known))
        return next((place for digest, place in digests.items() if digest in rows), None)

    def remember(self, account: str, client: Client) -> None:
        """Note that `account` has signed in from there."""
        now = self._clock.now()
        digests = [self._digest(place) for place in client.places]
        fresh = select(KnownPlaceRow.place).where(
            KnownPlaceRow.account == account,
            KnownPlaceRow.place.in_(digests),
            KnownPlaceRow.seen_at > now - _SEEN_EVERY,
        )
        with self._catalog.read() as session:
            noted = set(session.scalars(fresh))
        rows = [
            {"account": account, "place": digest, "seen_at": now}
            for digest in digests
            if digest not in noted
        ]
        if rows:
            with self._catalog.write() as session:
                upsert(session, KnownPlaceRow, rows)

    def purge(self) -> None:
        """Forget the places that are too old; where there are none, nothing is written."""
        old = KnownPlaceRow.seen_at <= self._clock.now() - KEPT_FOR
        with self._catalog.read() as session:
            if session.scalar(select(KnownPlaceRow.place).where(old).limit(1)) is None:
                return
        with self._catalog.write() as session:
            session.execute(delete(KnownPlaceRow).where(old))

    def _digest(self, place: str) -> str:
        return sha256(f"{self._facility}\n{place}".encode())
