"""The messages between the pool and its workers.

A worker gets pickles. Only its own parent can send them: the connection is a pair of sockets that
no other process has. A worker sends JSON and plain bytes: it has handled untrusted files, so the
parent never unpickles anything from it.
"""

import importlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from archive.base.bilingual import Text
from archive.base.errors import Fault, KhoError, SubmissionRejected
from archive.base.identifiers import DocumentId
from ingest.preparation.contract import Prepared, Rendered, Result, Task
from signing.revisions import SealWords

_OURS = frozenset({"archive", "signing", "ingest"})  # packages whose errors are sent by name


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker is ready for work."""


@dataclass(frozen=True, slots=True)
class Done:
    """All tasks are done; the worker holds `memory` bytes."""

    memory: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A task failed, or the worker's start; `error` is None where it is no error of Kho's."""

    error: KhoError | None


Message = Ready | Done | Failed | Rendered | Prepared


def send_tasks(connection: Connection, tasks: Sequence[Task]) -> None:
    """Give a worker something to do."""
    connection.send(list(tasks))


def send_result(connection: Connection, result: Result) -> None:
    """Send one document: its facts, then its bytes."""
    facts: dict[str, Any] = {"document_id": result.document_id}
    if isinstance(result, Rendered):
        words = asdict(result.words)
        facts |= {"claimed_at": result.claimed_at.isoformat(), "words": words}
        _send(connection, "rendered", facts)
    else:
        sealed_at = result.sealed_at.isoformat()
        _send(connection, "prepared", {**facts, "level": result.level, "sealed_at": sealed_at})
    connection.send_bytes(result.data)


def send_ready(connection: Connection) -> None:
    """Send that the worker is ready for work."""
    _send(connection, "ready", {})


def send_done(connection: Connection, memory: int) -> None:
    """Send that all tasks are done, and how much memory (bytes) the worker holds."""
    _send(connection, "done", {"memory": memory})


def send_error(connection: Connection, error: BaseException) -> None:
    """Send an error: Kho's own by name and facts, any other by its type only, because its text may
    quote a patient.
    """
    cls = type(error)
    members: dict[str, Any] = {"type": cls.__name__}
    if isinstance(error, KhoError):
        facts = {n: fact if isinstance(fact, int) else str(fact) for n, fact in error.facts.items()}
        members |= {"module": cls.__module__, "facts": facts}
    if isinstance(error, SubmissionRejected):
        members["faults"] = [
            [fault.path, fault.code, fault.message.vi, fault.message.en] for fault in error.faults
        ]
    _send(connection, "failed", members)


def receive(connection: Connection) -> Message:
    """Return the next message of a worker.

    Raises :class:`EOFError`, :class:`OSError` where the worker has gone.
    """
    kind, members = json.loads(connection.recv_bytes())
    if kind == "ready":
        return Ready()
    if kind == "done":
        return Done(int(members["memory"]))
    if kind == "failed":
        return Failed(_error(members))
    document_id, data = DocumentId(members["document_id"]), connection.recv_bytes()
    if kind == "rendered":
        claimed_at, words = members["claimed_at"], SealWords(**members["words"])
        return Rendered(document_id, data, datetime.fromisoformat(claimed_at), words)
    sealed_at = datetime.fromisoformat(members["sealed_at"])
    return Prepared(document_id, data, members["level"], sealed_at)


def _send(connection: Connection, kind: str, members: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps([kind, members]).encode())


def _error(members: dict[str, Any]) -> KhoError | None:
    """Return the error of a message, or None for one that is not Kho's."""
    module = str(members.get("module", ""))
    if module.partition(".")[0] not in _OURS:
        return None
    cls = getattr(importlib.import_module(module), members["type"])
    assert isinstance(cls, type)
    assert issubclass(cls, KhoError)
    if issubclass(cls, SubmissionRejected):
        return cls([Fault(path, code, Text(vi, en)) for path, code, vi, en in members["faults"]])
    return cls(**members["facts"])
