"""Preparers that workers of the pool open in its tests: they do what a paper's form says, well or
badly.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from archive.base.bilingual import Text
from archive.base.errors import Fault, Misconfigured, SubmissionRejected, Unavailable
from archive.base.identifiers import DocumentId
from ingest.files.jobs import FileJob
from ingest.preparation.contract import Prepared, Rendered, RenderOnly, Result


@dataclass(frozen=True)
class Order:
    """A job: what is to happen to it."""

    document_id: DocumentId
    does: str = "well"
    folder: Path = Path()


class Obedient:
    """Prepares orders, also those that are in a file's job; seals what is rendered."""

    def prepare(self, tasks: Sequence[Order | FileJob | RenderOnly | Rendered]) -> Iterator[Result]:
        """Do what each order says."""
        for task in tasks:
            data, now = f"{os.getpid()}".encode(), datetime.now(UTC)
            if isinstance(task, RenderOnly):
                _do(cast(Order, task.job))
                yield Rendered(task.document_id, data, now)
            elif isinstance(task, Rendered):
                yield Prepared(task.document_id, task.data + b" sealed", "PAdES-B-LTA", now)
            else:
                _do(cast(Order, task.paper) if isinstance(task, FileJob) else task)
                yield Prepared(task.document_id, data, "PAdES-B-LTA", now)


def _do(job: Order) -> None:
    if job.does == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif job.does == "die once" and not (job.folder / job.document_id).exists():
        (job.folder / job.document_id).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    elif job.does == "hang":
        time.sleep(600)
    elif job.does == "wait":
        (job.folder / f"begun-{job.document_id}").touch()
        while not (job.folder / "go on").exists():
            time.sleep(0.02)
    elif job.does == "refuse":
        raise SubmissionRejected([Fault("/papers/0", "paper.bad", Text("Hỏng.", "Bad."))])
    elif job.does == "no tsa":
        raise Unavailable(component="TSA", why="timeout")
    elif job.does == "quote a patient":
        raise RuntimeError("Nguyễn Thị Mẫu Hòa")


@contextmanager
def obedient() -> Iterator[Obedient]:
    """Open one."""
    yield Obedient()


@contextmanager
def without_key() -> Iterator[Obedient]:
    """Fail to open one."""
    raise Misconfigured(why_vi="không có khóa", why_en="no key")
    yield Obedient()
