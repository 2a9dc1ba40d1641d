"""Validation of files from strangers, in a child process with limits on time and memory.

A PDF is a program for its reader. What a hostile one can reach here is a process that has no work but this file; its
answer comes back as JSON, never as a pickle.
"""

import json
import resource
from contextlib import closing, suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from asn1crypto import x509

from archive.errors import Unreadable
from signing.trust import TrustRoots
from signing.validation.report import ValidationReport
from signing.validation.validate import validate

MAX_ANSWER = 16 << 20  # bytes of JSON
# A server process that has imported everything is forked for each file: spawning would cost a second every time, and
# forking a process that runs threads is not safe.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


def validate_isolated(
    pdf: bytes, trust: TrustRoots, *, at: datetime | None = None, seconds: float = 60, memory: int = 2 << 30
) -> ValidationReport:
    """Do what :func:`signing.validation.validate.validate` does, within `seconds` and `memory` (bytes).

    Raises :class:`archive.errors.Unreadable` where the bytes are no PDF, a limit is reached, or the child dies.
    """
    roots = [anchor.dump() for anchor in trust.anchors]
    answer: dict[str, Any] = {}
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    child = _PROCESSES.Process(target=_work, args=(theirs, pdf, roots, at, int(seconds) + 1, memory), daemon=True)
    with closing(ours):
        with closing(theirs):
            child.start()
        try:
            if ours.poll(seconds):
                answer = json.loads(ours.recv_bytes(MAX_ANSWER))
        except (EOFError, OSError, ValueError):
            pass  # it died, or what it said is too long or no JSON: as if it had said nothing
        finally:
            child.kill()
            child.join()
            child.close()
    if "report" in answer:
        return ValidationReport.from_json(answer["report"])
    raise Unreadable(**(answer.get("unreadable") or _too_much(seconds)))


def _too_much(seconds: float) -> dict[str, str]:
    return {
        "why_vi": f"việc kiểm tra cần quá {seconds:g} giây hoặc quá nhiều bộ nhớ",
        "why_en": f"checking it takes more than {seconds:g} s or too much memory",
    }


def _work(answer: Connection, pdf: bytes, roots: list[bytes], at: datetime | None, seconds: int, memory: int) -> None:
    """Validate in the child and say what came out; a child that cannot says nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no patient data in core files
    try:
        trust = TrustRoots(x509.Certificate.load(one) for one in roots)
        said: dict[str, object] = {"report": validate(pdf, trust, at=at).as_json()}
    except Unreadable as error:
        said = {"unreadable": error.facts}
    except MemoryError:
        return
    except Exception as error:  # noqa: BLE001 - strangers' files break parsers in ways unforeseen; no text of theirs leaves
        why = type(error).__name__
        said = {"unreadable": {"why_vi": f"không kiểm tra được ({why})", "why_en": f"it cannot be checked ({why})"}}
    with suppress(BrokenPipeError):  # whoever asked has gone meanwhile
        answer.send_bytes(json.dumps(said).encode())
