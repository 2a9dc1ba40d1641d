"""The messages between the pool and its workers.

A worker gets pickles. Only its own parent can send them: the connection is a pair of sockets that
no other process has. A worker sends JSON and plain bytes: it has handled untrusted files, so the
parent never unpickles anything from it.
"""

import importlib
import json
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from archive.base.bilingual import Text
from archive.base.errors import Fault, KhoError, SubmissionRejected
from archive.base.identifiers import DocumentId
from ingest.files.jobs import Job
from ingest.preparation import Prepared

_OURS = frozenset({"archive", "signing", "ingest"})  # packages whose errors are sent by name


def send_jobs(connection: Connection, jobs: Sequence[Job]) -> None:
    """Give a worker something to do."""
    connection.send(list(jobs))


def send_prepared(connection: Connection, done: Prepared) -> None:
    """Send one document: its facts, then its bytes."""
    told = {
        "document_id": done.document_id,
        "level": done.level,
        "sealed_at": done.sealed_at.isoformat(),
    }
    _say(connection, "prepared", told)
    connection.send_bytes(done.data)


def send_ready(connection: Connection) -> None:
    """Send that the worker is ready for jobs."""
    _say(connection, "ready", {})


def send_end(connection: Connection, memory: int) -> None:
    """Send that all jobs are done, and how much memory (bytes) the worker holds."""
    _say(connection, "end", {"memory": memory})


def send_error(connection: Connection, error: BaseException) -> None:
    """Send an error: Kho's own by name and facts, any other by its type only, because its text may
    quote a patient.
    """
    cls = type(error)
    told: dict[str, Any] = {"type": cls.__name__}
    if isinstance(error, KhoError):
        facts = {
            name: fact if isinstance(fact, int) else str(fact) for name, fact in error.facts.items()
        }
        told |= {"module": cls.__module__, "facts": facts}
    if isinstance(error, SubmissionRejected):
        told["faults"] = [
            [one.path, one.code, one.message.vi, one.message.en] for one in error.faults
        ]
    _say(connection, "error", told)


def receive(connection: Connection) -> tuple[str, Any]:
    """Return the kind of the next message and what it holds: `ready`, `prepared`
    (:class:`Prepared`), `end` (memory in bytes), `error` (the error).

    Raises :class:`EOFError`, :class:`OSError` where the worker has gone.
    """
    kind, told = json.loads(connection.recv_bytes())
    if kind == "prepared":
        data = connection.recv_bytes()
        sealed_at: datetime = datetime.fromisoformat(told["sealed_at"])
        return kind, Prepared(DocumentId(told["document_id"]), data, told["level"], sealed_at)
    if kind == "error":
        return kind, _error(told)
    return kind, told.get("memory")


def _say(connection: Connection, kind: str, told: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps([kind, told]).encode())


def _error(told: dict[str, Any]) -> KhoError | None:
    """Return the error of a message, or None for one that is not Kho's."""
    module = str(told.get("module", ""))
    if module.partition(".")[0] not in _OURS:
        return None
    cls = getattr(importlib.import_module(module), told["type"])
    assert isinstance(cls, type)
    assert issubclass(cls, KhoError)
    if issubclass(cls, SubmissionRejected):
        return cls([Fault(path, code, Text(vi, en)) for path, code, vi, en in told["faults"]])
    return cls(**told["facts"])
