"""Acts as the vault holds them: read, separated from objects that are no acts, and in one unbroken
order.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from archive.acts.apply import signing_key
from archive.acts.envelope import Act, parse_act
from archive.acts.signature import require_signed
from archive.base.bilingual import Text
from archive.base.errors import IntegrityError
from archive.base.identifiers import FacilityCode
from archive.process.read_ahead import read_ahead
from archive.vault.contract import Stored, Vault

Read = tuple[Stored, Act | IntegrityError]


class Fork(IntegrityError):
    """Two different histories: acts that cannot both be true.

    Kho writes nothing more until a person has looked.
    """

    code = "acts.fork"
    what = Text("Sổ nghiệp vụ bị rẽ nhánh tại {object}.", "The acts fork at {object}.")
    remedy = Text("Không ghi thêm; gọi hỗ trợ.", "Do not write anything; call for help.")


class ActsMissing(IntegrityError):
    """The vault has lost acts that it once held. Kho neither writes nor rebuilds over the gap."""

    code = "acts.missing"
    what = Text("Kho đối tượng thiếu nghiệp vụ: {object}.", "The vault has lost acts: {object}.")
    remedy = Text(
        "Khôi phục kho đối tượng từ bản sao thứ hai.", "Restore the vault from the second copy."
    )


class ActLogReader:
    """The acts of one facility in its vault."""

    def __init__(self, vault: Vault, facility: FacilityCode) -> None:
        self._vault, self._facility = vault, facility

    def read(self, versions: Sequence[Stored]) -> list[Read]:
        """Read the objects under the keys of one act; for an object that is no act, return its
        :class:`IntegrityError`.
        """
        read: list[Read] = []
        for stored in versions:
            try:
                read.append(
                    (stored, parse_act(self._vault.read(stored.key, stored.version), stored.key))
                )
            except IntegrityError as error:
                read.append((stored, error))
        return read

    def chosen(self, session: Session, index: int, read: Sequence[Read]) -> tuple[Act, Stored]:
        """Return the act at `index`; of several versions, the one whose bytes match its key."""
        found: dict[str, tuple[Act, Stored]] = {}
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
            found.setdefault(act.digest(), (act, stored))
        if len(found) > 1:
            raise Fork(object=f"act {index}")
        if damaged is not None and not found:
            raise damaged
        return next(iter(found.values()))

    def every(self, session: Session) -> Iterator[tuple[Act, Stored]]:
        """Yield every act of the vault in order, read ahead;
        raises ActsMissing at the first gap.
        """
        for index, read in enumerate(read_ahead(self.read, self._every_place())):
            yield self.chosen(session, index, read)

    def _every_place(self) -> Iterator[list[Stored]]:
        listed = self._vault.list(f"{self._facility}/acts/")
        for expected, (index, versions) in enumerate(groupby(listed, key=index_of)):
            if index != expected:
                raise ActsMissing(object=f"act {expected}")
            yield list(versions)


def index_of(stored: Stored) -> int:
    """Return the index that the key of an act states;
    raises IntegrityError where it states none.
    """
    number = stored.key.rpartition("/")[2].partition("-")[0]
    if not number.isdigit():
        raise IntegrityError(object=stored.key)
    return int(number)
