"""Acts as the vault holds them: read in one unbroken order, apart from other objects.

The order may have gaps that an act of removal lists (`archive/acts/removal.py`), and no other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy.orm import Session

from archive.acts import ledger_key
from archive.acts.apply import facts_of, signing_key
from archive.acts.envelope import Act, act_prefix, parse_act
from archive.acts.ledger_key import followed_by
from archive.acts.removal import Removal, RemovedAct, RemovedChart
from archive.acts.removed_mark import is_mark, parse_mark
from archive.acts.signature import Forged, require_signed
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode
from archive.ledger.keys import LedgerKeys, ledger_keys
from archive.process.read_ahead import read_ahead
from archive.vault.contract import ObjectMissing, Stored, Vault

Read = tuple[Stored, Act | IntegrityError]


class Fork(IntegrityError):
    """Two different histories: acts that cannot both be true.

    Kho writes nothing more until a person has looked.
    """

    code = "acts.fork"


class ActsMissing(IntegrityError):
    """The vault has lost acts that it once held. Kho neither writes nor rebuilds over the gap."""

    code = "acts.missing"


@dataclass(frozen=True, slots=True)
class FoundAct:
    """An act, and the version of its object in the vault."""

    act: Act
    stored: Stored


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in the log whose act was removed lawfully: what the act of removal says of it."""

    removal: Act
    removed: RemovedAct
    chart: RemovedChart


class ActLogReader:
    """Reads the acts of one facility in its vault."""

    def __init__(self, vault: Vault, facility: FacilityCode) -> None:
        self._vault, self._facility = vault, facility
        self._removals: dict[int, tuple[Act, Removal]] = {}  # read and verified

    def read(self, versions: Sequence[Stored]) -> list[Read]:
        """Read the acts among the objects of one place.

        An object that is no act gives its :class:`IntegrityError`.

        The marks of removed acts are left out.
        """
        read: list[Read] = []
        for stored in versions:
            if is_mark(stored.key):
                continue
            try:
                data = self._vault.read(stored.key, stored.version)
                read.append((stored, parse_act(data, stored.key)))
            except IntegrityError as error:
                read.append((stored, error))
        return read

    def place(
        self, session: Session, index: int, versions: Sequence[Stored], read: Sequence[Read]
    ) -> FoundAct | Gap:
        """Return the lawful gap at `index`, or else the act.

        `session` has seen every act before. An act that was removed counts no more, also where a
        copy of it came back. Raises Fork, IntegrityError, and ActsMissing where there is neither.
        """
        gap = self.gap(session, index, versions)
        if gap is not None:
            return gap
        if not read:
            raise ActsMissing(object=f"act {index}")
        return self._chosen(session, index, read)

    def gap(self, session: Session, index: int, versions: Sequence[Stored]) -> Gap | None:
        """Return the lawful gap at `index`, which one of the marks in `versions` points to."""
        for stored in versions:
            if not is_mark(stored.key):
                continue
            try:
                mark = parse_mark(self._vault.read(stored.key, stored.version), stored.key)
                act, removal = self._removal(session, mark.removal, index)
            except (IntegrityError, ObjectMissing):
                continue  # a mark that proves nothing: `kho check` reports it
            removed, chart = removal.by_index.get(index, (None, None))
            if removed is not None and chart is not None and removed.digest == mark.digest:
                return Gap(act, removed, chart)
        return None

    def every(self, session: Session) -> Iterator[FoundAct | Gap]:
        """Yield every place of the log in order, read ahead.

        Raises ActsMissing at the first gap that is not lawful.
        """
        for index, (versions, read) in enumerate(read_ahead(self._with_acts, self._every_place())):
            yield self.place(session, index, versions, read)

    def _with_acts(self, versions: list[Stored]) -> tuple[list[Stored], list[Read]]:
        return versions, self.read(versions)

    def _every_place(self) -> Iterator[list[Stored]]:
        listed = self._vault.list(f"{self._facility}/acts/")
        for expected, (index, versions) in enumerate(groupby(listed, key=index_of)):
            if index != expected:
                raise ActsMissing(object=f"act {expected}")
            yield list(versions)

    def _chosen(self, session: Session, index: int, read: Sequence[Read]) -> FoundAct:
        """Return the act at `index`; of several versions, the one whose bytes match its key."""
        acts: dict[str, FoundAct] = {}
        damaged: IntegrityError | None = None
        for stored, act in read:
            try:
                if isinstance(act, IntegrityError):
                    raise act
                if len(read) > 1:  # a single version has its signature checked when it is applied
                    require_signed(act, signing_key(session, act))
            except IntegrityError as error:
                damaged = error
                continue
            acts.setdefault(act.digest(), FoundAct(act, stored))
        if len(acts) > 1:
            raise Fork(object=f"act {index}")
        if damaged is not None and not acts:
            raise damaged
        return next(iter(acts.values()))

    def _removal(self, session: Session, index: int, gap: int) -> tuple[Act, Removal]:
        """Return the act of removal at `index`, which the ledger's key signed.

        Raises IntegrityError.
        """
        if index not in self._removals:
            if index <= gap:
                raise IntegrityError(object=f"act {index}")
            versions = list(self._vault.list(act_prefix(self._facility, index)))
            for _, act in self.read(versions):
                if isinstance(act, Act) and isinstance(facts := facts_of(act)[1], Removal):
                    self._require_signed_later(act, ledger_keys(session, self._facility), gap)
                    self._removals[index] = act, facts
        try:
            return self._removals[index]
        except KeyError as error:
            raise IntegrityError(object=f"act {index}") from error

    def _require_signed_later(self, act: Act, keys: LedgerKeys, gap: int) -> None:
        """Return if the ledger's key signed `act`, which lies behind the gap.

        Raises Forged, IntegrityError.

        `keys` are those before the gap. Where they do not fit, the acts in between may have handed
        the ledger over.
        """
        try:
            require_signed(act, keys.of_act(act.index))
        except Forged:
            for later in self._handovers(gap, act.index):
                require_signed(later, keys.of_act(later.index))
                keys = followed_by(keys, later, facts_of(later)[1])
            require_signed(act, keys.of_act(act.index))

    def _handovers(self, after: int, before: int) -> Iterator[Act]:
        """Yield the acts between two places that change the ledger's key."""
        listed = self._vault.list(f"{self._facility}/acts/")
        between = ([stored] for stored in listed if after < index_of(stored) < before)
        for read in read_ahead(self.read, between):
            for _, act in read:
                if isinstance(act, Act) and act.schema_name == ledger_key.SCHEMA:
                    yield act


def index_of(stored: Stored) -> int:
    """Return the index that the key of an act, or of a removed act's mark, states.

    Raises IntegrityError for none.
    """
    number = stored.key.rpartition("/")[2].partition("-")[0]
    if not number.isdigit():
        raise IntegrityError(object=stored.key)
    return int(number)
