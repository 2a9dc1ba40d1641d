"""Intake: sources to receipts, for every door. One source's refusal stops nothing; a component that is away does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.home import Home
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.errors import Fault, Refused
from archive.identifiers import sha256
from ingest.receipt import Receipt
from ingest.sources.detect import parse_source
from ingest.sources.folder import read_sources
from ingest.submission import RefusedSource, Submission


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one source (or one chart of it): receipts, or everything that is wrong with it."""

    source: str
    receipts: tuple[Receipt, ...] = ()
    faults: tuple[Fault, ...] = ()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON lines of `docs/scripting.md`."""
        if self.faults:
            yield {"source": self.source, "refused": [fault.as_json() for fault in self.faults]}
        for receipt in self.receipts:
            yield receipt.as_json()


class Intake:
    """Takes files in for one actor."""

    def __init__(self, home: Home, actor: Actor, scope: Scope) -> None:
        self._home, self._actor, self._scope = home, actor, scope

    def run(self, paths: Iterable[Path]) -> Iterator[Result]:
        """Archive what the paths hold, chart by chart; yields each result once it is durable.

        Raises Unavailable, VaultError and the like when a component is away: nothing of that chart is acknowledged.
        """
        self._home.accession  # noqa: B018 - refuses here, before anything is read, where this home cannot write
        try:
            for file in read_sources(paths):
                if isinstance(file, RefusedSource):
                    yield Result(file.source, faults=file.faults)
                else:
                    yield from self.take(*file)
        finally:
            self._home.follow_up()

    def take(self, name: str, data: bytes) -> Iterator[Result]:
        """Archive one source's charts, each accepted or refused alone."""
        for parsed in parse_source(name, data, self._home.forms, self._home.code):
            if isinstance(parsed, RefusedSource):
                yield Result(parsed.source, faults=parsed.faults)
            else:
                yield self._accept(replace(parsed, source_digest=sha256(data)))
                self._home.outbox.drain("ledger")

    def _accept(self, submission: Submission) -> Result:
        try:
            return Result(submission.source, self._home.accession.accept(submission, self._actor, self._scope))
        except Refused as error:
            return Result(submission.source, faults=error.faults)
