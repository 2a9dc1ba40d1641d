"""The recorder: notes what one sender's sources became, and writes it a few at a time.

It never fails an intake: what cannot be written is logged, and the sender's answer is the same.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from api.refusals.kept import Refusals, Source
from archive.base.canonical import canonical
from archive.base.departments import codes_of
from archive.base.errors import Fault
from archive.base.identifiers import new_id, sha256
from archive.base.printable import printable
from archive.catalog.operations import RefusalRow
from archive.catalog.upsert import insert_missing
from ingest.submission import UNSTATED, Stated

MOST = 5000  # refusals of a facility; the oldest give way, settled ones first
MOST_OF_SENDER = 1000  # so that one sender does not drive out the refusals of all others
MOST_FAULTS = 10  # of one refusal that are kept
LONGEST = 300  # characters of a name, a path or a sentence
_AT_ONCE = 50  # results that wait to be written
_EVERY = 1.0  # seconds

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Came:
    """One source that was judged: `faults` are empty where it was archived."""

    name: str
    chart: str | None  # a digest
    department: str | None
    faults: tuple[Fault, ...]
    at: datetime


class Recorder:
    """Notes the results of one intake. It belongs to one thread."""

    def __init__(self, refusals: Refusals, source: Source, sender: str) -> None:
        """`sender`: the name of the key or account."""
        self._refusals, self._source, self._sender = refusals, source, _short(sender)
        self._waiting: list[_Came] = []
        self._written_at = time.monotonic()

    def refused(self, name: str, faults: Sequence[Fault], stated: Stated = UNSTATED) -> None:
        """Note that the source `name` was refused; the same again is counted."""
        self._note(name, tuple(faults), stated)

    def archived(self, name: str, stated: Stated = UNSTATED) -> None:
        """Note that the source `name` was archived: it settles what was refused of its chart, and
        what was refused under its name before the chart was known.
        """
        self._note(name, (), stated)

    def flush(self) -> None:
        """Write what was noted. A failure is logged only."""
        waiting, self._waiting = self._waiting, []
        self._written_at = time.monotonic()
        if not waiting:
            return
        try:
            self._write(waiting)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sources are judged: the sender gets the answer
            _log.warning(
                "refusals.not_kept",
                error=type(error).__name__,
                refusals=sum(bool(came.faults) for came in waiting),
            )

    def _note(self, name: str, faults: tuple[Fault, ...], stated: Stated) -> None:
        chart = None
        if stated.episode:
            text = f"{self._refusals.facility}\n{stated.episode}"
            chart = sha256(text.encode(errors="surrogatepass"))
        department = _short(";".join(codes_of(stated.department))) or None
        now = self._refusals.clock.now()
        self._waiting.append(_Came(_short(name), chart, department, faults, now))
        late = time.monotonic() - self._written_at > _EVERY
        if late or len(self._waiting) >= _AT_ONCE:
            self.flush()

    def _write(self, waiting: Sequence[_Came]) -> None:
        if not any(came.faults for came in waiting) and not self._has_open(waiting):
            return  # the usual case: one look, and nothing is written
        with self._refusals.catalog.write() as session:
            for came in waiting:
                if came.faults:
                    self._count(session, came)
                else:
                    session.execute(
                        update(RefusalRow)
                        .where(self._settled_by([came]))
                        .values(settled_at=came.at, settled_by=None)
                    )

    def _has_open(self, waiting: Sequence[_Came]) -> bool:
        with self._refusals.catalog.read() as session:
            matching = select(RefusalRow.id).where(self._settled_by(waiting)).limit(1)
            return session.scalar(matching) is not None

    def _settled_by(self, archived: Sequence[_Came]) -> ColumnElement[bool]:
        """Return the condition of the open refusals that `archived` settle."""
        charts = {came.chart for came in archived if came.chart}
        names = {came.name for came in archived}
        of_name = and_(RefusalRow.sender == self._sender, RefusalRow.name.in_(names))
        return and_(
            RefusalRow.facility == self._refusals.facility,
            RefusalRow.source == self._source.value,
            RefusalRow.settled_at.is_(None),
            or_(RefusalRow.chart.in_(charts), and_(RefusalRow.chart.is_(None), of_name)),
        )

    def _count(self, session: Session, came: _Came) -> None:
        digest = self._digest(came)
        again = (
            update(RefusalRow)
            .where(RefusalRow.digest == digest)
            .values(
                times=RefusalRow.times + 1,
                last_at=came.at,
                name=came.name,
                settled_at=None,
                settled_by=None,
            )
        )
        if cast("CursorResult[Any]", session.execute(again)).rowcount:
            return
        self._make_room(session)
        row = {
            "id": new_id(),
            "facility": self._refusals.facility,
            "digest": digest,
            "source": self._source.value,
            "sender": self._sender,
            "name": came.name,
            "chart": came.chart,
            "department": came.department,
            "faults": [_kept(fault) for fault in came.faults[:MOST_FAULTS]],
            "fault_count": len(came.faults),
            "times": 1,
            "first_at": came.at,
            "last_at": came.at,
            "settled_at": None,
            "settled_by": None,
        }
        # another process may have inserted the same at this moment: it is counted once less
        insert_missing(session, RefusalRow, [row])

    def _digest(self, came: _Came) -> str:
        """Return what makes two refusals the same: the chart, or else the file's name; its faults.

        A HIS sends a chart again under another name, and with other bytes.
        """
        faults = sorted({(fault.path, fault.code) for fault in came.faults})
        place = [came.chart] if came.chart else [None, came.name]
        said = [self._refusals.facility, self._source.value, self._sender, came.department]
        return sha256(canonical([*said, place, [list(fault) for fault in faults]]))

    def _make_room(self, session: Session) -> None:
        mine = RefusalRow.facility == self._refusals.facility
        sender = (RefusalRow.source == self._source.value) & (RefusalRow.sender == self._sender)
        for of, most in ((and_(mine, sender), MOST_OF_SENDER), (mine, MOST)):
            count = session.scalar(select(func.count()).select_from(RefusalRow).where(of)) or 0
            if count < most:
                continue
            oldest = (
                select(RefusalRow.id)
                .where(of)
                .order_by(RefusalRow.settled_at.is_(None), RefusalRow.last_at)
                .limit(count - most + most // 20)
            )
            gone = list(session.scalars(oldest))
            session.execute(delete(RefusalRow).where(RefusalRow.id.in_(gone)))


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _kept(fault: Fault) -> dict[str, str]:
    return {
        "path": _short(fault.path),
        "code": fault.code,
        "vi": _short(fault.message.vi),
        "en": _short(fault.message.en),
    }
