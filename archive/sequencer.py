"""The sequencer: gives every act its place, writes it ahead into the vault, then applies it.

Start, retry, catching up with a newer vault and rebuilding from nothing are one loop: apply the next act.
An act whose PUT got no answer stays *pending*: the same bytes are put again before anything else may take its index,
so that a write that happened late can never become a fork.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import crash
from archive.acts.apply import apply_act
from archive.acts.envelope import Act, Draft, act_key, act_prefix, parse_act
from archive.bilingual import Text
from archive.catalog.database import Catalog
from archive.catalog.observations import observe
from archive.catalog.operations import PendingActRow
from archive.catalog.tables import ActRow
from archive.clock import Clock, iso
from archive.errors import Damaged
from archive.identifiers import FacilityCode, ObjectKey
from archive.leases import Leases
from archive.vault.contract import Stored, Vault, VaultError
from archive.vault.policy import rolling_until

MEDIA_TYPE = "application/json"
Maker = Callable[[Session], tuple[Draft, datetime] | None]


class Fork(Damaged):
    """Two different histories: acts that cannot both be true. Kho writes nothing more until a person has looked."""

    code = "acts.fork"
    what = Text("Sổ nghiệp vụ bị rẽ nhánh tại {object}.", "The acts fork at {object}.")
    remedy = Text("Không ghi thêm; gọi hỗ trợ.", "Do not write anything; call for help.")


class Sequencer:
    """Appends and applies the acts of one facility; any number of processes may each have one."""

    def __init__(self, catalog: Catalog, vault: Vault, facility: FacilityCode, leases: Leases, clock: Clock) -> None:
        self._catalog, self._vault, self._facility = catalog, vault, facility
        self._leases, self._clock = leases, clock

    def append(self, make: Maker) -> Act | None:
        """Append the act that `make` drafts, and apply it.

        `make` gets a session on a catalogue that has seen every earlier act; it checks all that could refuse the act,
        and returns the draft with the end of its lock, or None where nothing is to be done. What it raises passes on.
        Raises VaultError where the vault refused (nothing happened) or did not answer (OutcomeUnknown: try again).
        """
        with self._leases.hold(self._lease):
            self._catch_up()
            with self._catalog.write() as session:
                made = make(session)
                if made is None:
                    return None
                act, retain_until = self._place(session, made[0]), made[1]
                session.add(
                    PendingActRow(
                        facility=self._facility,
                        object_key=act_key(act),
                        body=act.to_bytes(),
                        retain_until=retain_until,
                    )
                )
            crash.point("act.pending")
            self._finish_pending(first_try=True)
            return act

    def catch_up(self) -> int:
        """Apply every act that the vault holds and the catalogue does not; return how many. Raises Fork, Damaged."""
        with self._leases.hold(self._lease):
            return self._catch_up()

    @property
    def _lease(self) -> str:
        return f"sequencer/{self._facility}"

    def _place(self, session: Session, draft: Draft) -> Act:
        last = last_act(session, self._facility)
        return Act.model_validate(
            {
                "schema": draft.schema_name,
                "facility": self._facility,
                "index": last.index + 1 if last else 0,
                "previous": last.digest if last else None,
                "time": iso(self._clock.now()),
                "actor": draft.actor,
                "chart": draft.chart,
                "facts": draft.facts,
                "objects": draft.objects,
                "salt": secrets.token_hex(16),
            }
        )

    def _finish_pending(self, *, first_try: bool = False) -> int:
        """Put and apply the pending act, if there is one; drop it if it was found in the vault and applied.

        Only a first try that the vault refused for certain is given up. An earlier one may have been written without
        an answer, and may still arrive.
        """
        with self._catalog.read() as session:
            pending = session.get(PendingActRow, self._facility)
            last = last_act(session, self._facility)
        if pending is None:
            return 0
        key = ObjectKey(pending.object_key)
        act = parse_act(pending.body, key)
        if last is not None and (last.index, last.digest) == (act.index, act.digest()):
            with self._catalog.write() as session:
                session.delete(pending)
            return 0
        self._require_next(act, last)
        try:
            until = max(pending.retain_until, rolling_until(self._clock.now()))  # it may have waited for long
            stored = self._vault.put(key, pending.body, retain_until=until, media_type=MEDIA_TYPE)
        except VaultError as error:
            if first_try and not error.outcome_unknown:
                with self._catalog.write() as session:
                    session.delete(pending)
            raise
        crash.point("act.put")
        with self._catalog.write() as session:
            apply_act(session, act, stored.version)
            observe(session, [stored], self._clock.now())
            session.delete(pending)
        crash.point("act.applied")
        return 1

    def _catch_up(self) -> int:
        count = 0
        while True:
            with self._catalog.read() as session:
                last = last_act(session, self._facility)
            found = self._find(last.index + 1 if last else 0)
            if found is None:
                return count + self._finish_pending()
            act, stored = found
            self._require_next(act, last)
            with self._catalog.write() as session:
                apply_act(session, act, stored.version)
                observe(session, [stored], self._clock.now())
            count += 1

    def _find(self, index: int) -> tuple[Act, Stored] | None:
        """Return the act that the vault holds at `index`; of several versions, the one that is what its key says."""
        found: dict[str, tuple[Act, Stored]] = {}
        damaged: Damaged | None = None
        for stored in self._vault.list(act_prefix(self._facility, index)):
            try:
                act = parse_act(self._vault.read(stored.key, stored.version), stored.key)
            except Damaged as error:
                damaged = error
                continue
            found.setdefault(act.digest(), (act, stored))
        if len(found) > 1:
            raise Fork(object=f"act {index}")
        if not found and damaged is not None:
            raise damaged
        return next(iter(found.values()), None)

    def _require_next(self, act: Act, last: ActRow | None) -> None:
        expected = (last.index + 1, last.digest) if last else (0, None)
        if (act.index, act.previous) != expected or act.facility != self._facility:
            raise Fork(object=f"act {act.index}")


def last_act(session: Session, facility: FacilityCode) -> ActRow | None:
    """Return the newest act that the catalogue knows."""
    return session.scalar(select(ActRow).where(ActRow.facility == facility).order_by(ActRow.index.desc()).limit(1))


def facilities_of(vault: Vault) -> Iterator[FacilityCode]:
    """Yield the facilities whose act 0 stands in `vault`."""
    for stored in vault.list(""):
        facility, _, rest = stored.key.partition("/")
        if rest.startswith("acts/000000000000-"):
            yield FacilityCode(facility)
