"""Taking papers away: one ZIP of the originals, a sealed record of their verification, and all that
proves them (`docs/formats.md`, "Take-away").

The ZIP is made while it is sent. Papers are judged a few at a time, ahead of the one that is sent;
a client that goes away ends the work. A paper whose original is missing or damaged is named in the
record, and stops nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.access.security_events import record
from api.inspection.evidence import ledger_files, trust_files, witness_files
from api.inspection.judged_paper import JudgedPaper
from api.inspection.reading_guide import guide_files
from api.inspection.record import sealed_record
from api.inspection.sets import MOST, CollectedPaper, SetEmpty, SetFull
from api.inspection.zip_stream import ZipStream
from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.clock import VIETNAM, iso
from archive.base.errors import IntegrityError, NotFound, Unreadable
from archive.base.identifiers import new_id
from archive.ledger.checkpoint import parse_checkpoint
from archive.process.read_ahead import read_ahead
from archive.vault.contract import ObjectMissing

if TYPE_CHECKING:
    from api.composition.ground import Ground
    from api.reading.archive import ReadableArchive
    from signing.seal import Sealer

FORMAT = "kho-take-away/1"
_AT_ONCE = 2  # papers that one take-away judges at a time, each in a child process
_AHEAD = 3  # originals in memory, the one that is sent not counted

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TakeAway:
    """A take-away that can begin: sealing works, and a checkpoint covers its papers.

    `name` is the file's name. `pieces` yields the ZIP, once.
    """

    name: str
    pieces: Iterator[bytes]


class TakeAwayService:
    """Makes take-aways of one archive. Safe for threads."""

    def __init__(
        self, ground: "Ground", reading: "ReadableArchive", sealer: Callable[[], "Sealer"]
    ) -> None:
        self._ground, self._reading, self._sealer = ground, reading, sealer

    def begin(
        self,
        papers: Sequence[CollectedPaper],
        actor: Actor,
        scope: Scope,
        progress: Progress = lambda done, of: None,
    ) -> TakeAway:
        """Return the take-away of `papers`, in their order; `progress` is called after each paper.

        Whatever would stop it is tried before the first byte: the seal's certificate, its TSA, and
        the ledger's checkpoint. Raises Denied, SetEmpty, SetFull, what sealing raises, Unavailable,
        VaultError, IntegrityError.
        """
        actor.require(Permission.ORIGINAL)
        if not papers:
            raise SetEmpty
        if len(papers) > MOST:
            raise SetFull(most=MOST, room=MOST, wanted=len(papers))
        sealer = self._sealer()
        with sealer.signing_context.turn:
            sealer.signing_context.status()
            sealer.signing_context.stamp(hashlib.sha256(new_id().encode()).digest())
        newest = max(paper.document.act_index for paper in papers)
        checkpoint = self._reading.published_ledger.checkpoint(newest + 1)
        now = self._ground.clock.now()
        job = _Job(new_id(), now, tuple(papers), actor, scope, checkpoint, sealer, progress)
        record("set.taken_away", caller=actor.name, papers=str(len(papers)), take_away=job.id)
        name = f"kho-{self._reading.facility.code}-{now.astimezone(VIETNAM):%Y%m%d-%H%M%S}.zip"
        return TakeAway(name, self._pieces(job))

    def _pieces(self, job: "_Job") -> Iterator[bytes]:
        """Yield the ZIP. Closing this iterator ends the work on the papers that are left."""
        file = ZipStream(job.moment)
        listed: list[dict[str, Any]] = []
        acts: set[int] = set()
        for name, text in guide_files():
            yield from file.add(name, text)
        judge = read_ahead(
            lambda numbered: self._judged(*numbered, job),
            enumerate(job.papers, start=1),
            threads=_AT_ONCE,
            ahead=_AHEAD,
        )
        with closing(judge):  # type: ignore[type-var] # it is a generator
            for judged in judge:
                if judged.original is not None:
                    yield from file.add(judged.file, judged.original)
                if judged.verification is not None:
                    report = judged.verification.as_json()
                    yield from file.add(judged.report_file, _json(report))
                if judged.stated:
                    acts.add(judged.paper.document.act_index)
                listed.append(judged.as_json())
                job.progress(len(listed), len(job.papers))
        for name, data in (
            *trust_files(self._ground),
            *witness_files(self._ground),
            *ledger_files(self._ground, acts, job.checkpoint),
        ):
            yield from file.add(name, data)
        said = self._record(job, listed)
        yield from file.add("record.json", _json(said))
        sealed = sealed_record(said, _json(said), job.moment, job.sealer)
        yield from file.add("bien-ban-xac-minh.pdf", sealed)
        sums = "".join(f"{digest}  {name}\n" for name, digest in file.digests.items())
        yield from file.add("SHA256SUMS", sums.encode())
        yield from file.end()

    def _judged(self, number: int, paper: CollectedPaper, job: "_Job") -> JudgedPaper:
        originals, document_id = self._reading.originals, paper.document.id
        try:
            document = originals.entitled(document_id, job.actor, job.scope)
        except (NotFound, ObjectMissing, IntegrityError) as error:
            return JudgedPaper(number, paper, False, None, None, error)
        try:
            original = originals.read(document)
        except (ObjectMissing, IntegrityError) as error:
            return JudgedPaper(number, paper, True, None, None, error)
        try:
            verification = self._reading.verification.verify(original, job.scope)
        except (Unreadable, IntegrityError) as error:
            return JudgedPaper(number, paper, True, original, None, error)
        return JudgedPaper(number, paper, True, original, verification, None)

    def _record(self, job: "_Job", listed: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return what the record says, for machines; the sealed paper shows the same."""
        facility = self._reading.require_stated_facility()
        note, size = job.checkpoint
        verdicts = [paper["verdict"] for paper in listed]
        return {
            "format": FORMAT,
            "id": job.id,
            "made_at": iso(job.moment),
            "ended_at": iso(self._ground.clock.now()),
            "asked_by": {"name": job.actor.name, "role": job.actor.role},
            "facility": {
                "code": facility.code,
                "name": facility.name,
                "authority": facility.authority,
                "address": facility.address,
            },
            "test": self._reading.is_test,
            "ledger": {
                "origin": facility.ledger_origin,
                "key": facility.ledger_key,
                "size": size,
                "root": parse_checkpoint(note).root.hex(),
            },
            "counts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
            "papers": list(listed),
        }


@dataclass(frozen=True, slots=True)
class _Job:
    """What one take-away is about."""

    id: str
    moment: datetime
    papers: tuple[CollectedPaper, ...]
    actor: Actor
    scope: Scope
    checkpoint: tuple[bytes, int]
    sealer: "Sealer"
    progress: Progress


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
