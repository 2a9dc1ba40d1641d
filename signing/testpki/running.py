"""Keeping a test PKI's services running: start in the background, find where they answer, stop."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock

from archive.base.errors import Unavailable
from signing.testpki.folder import RUNNING, TestPki, read_test_pki

_START_SECONDS = 30.0
_POLL_SECONDS = 0.05
_HEALTH_SECONDS = 2.0


def free_base_url() -> str:
    """Return a loopback address whose port is free now: what to write into the certificates of a
    new test PKI.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def ensure_running(folder: Path) -> str:
    """Start the services of the test PKI in `folder` unless they run, and return the address where
    they answer.

    That is the address in the certificates, or another when another program has taken its port:
    give `{pki.base_url: answer}` to :class:`signing.fetching.Fetcher` as `reroute`. Safe to call
    from several processes at once. Raises :class:`archive.base.errors.Unavailable`.
    """
    pki = read_test_pki(folder)
    with FileLock(folder / "running.lock"):
        answering = _answering(pki)
        if answering is not None:
            return answering
        _stop(pki)  # an older generation may still answer
        (folder / RUNNING).unlink(missing_ok=True)
        _start(pki)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            answering = _answering(pki)
            if answering is not None:
                return answering
            time.sleep(_POLL_SECONDS)
    raise Unavailable(component="TEST PKI", why=f"no answer in {_START_SECONDS:.0f} s")


def stop(folder: Path) -> None:
    """Stop the services of the test PKI in `folder`, if they run, and wait until they have gone."""
    pki = read_test_pki(folder)
    with FileLock(folder / "running.lock"):
        _stop(pki)


def _answering(pki: TestPki) -> str | None:
    """Return the address where the present generation answers, if it does."""
    state = _state(pki)
    health = _health(state["base_url"]) if state else None
    return state["base_url"] if state and health and health["tag"] == pki.tag else None


def _stop(pki: TestPki) -> None:
    """End the process that serves this PKI: the recorded one, or the one that a copy of this folder
    has started since.

    A process that does not identify itself as either is left alone: process ids are reused.
    """
    state = _state(pki)
    health = _health(state["base_url"]) if state else None
    if state and health and (health["pid"] == state["pid"] or health["tag"] == pki.tag):
        with contextlib.suppress(ProcessLookupError):
            os.kill(health["pid"], signal.SIGTERM)
        while _alive(health["pid"]):
            time.sleep(_POLL_SECONDS)
    (pki.folder / RUNNING).unlink(missing_ok=True)


def _state(pki: TestPki) -> dict[str, Any] | None:
    """Return `{"pid", "base_url"}` as the service wrote it."""
    with contextlib.suppress(FileNotFoundError):
        state: dict[str, Any] = json.loads((pki.folder / RUNNING).read_text(encoding="utf-8"))
        return state
    return None


def _health(base_url: str) -> dict[str, Any] | None:
    """Return what `/health` says, or None where no test PKI answers."""
    address = urlsplit(base_url)
    assert address.hostname is not None
    connection = HTTPConnection(address.hostname, address.port, timeout=_HEALTH_SECONDS)
    try:
        connection.request("GET", "/health")
        answer = json.loads(connection.getresponse().read(4096))
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) and {"tag", "pid"} <= answer.keys() else None


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):  # not our child: nothing to collect
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):  # a zombie is no longer alive: proc(5), `stat`
        return (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[0]
            != "Z"
        )
    return True


def _start(pki: TestPki) -> None:
    """Start the service process in a session of its own, so that it outlives this one."""
    port = urlsplit(pki.base_url).port
    command = [
        sys.executable,
        "-m",
        "signing.testpki.serve",
        "--folder",
        str(pki.folder),
        "--port",
        str(port),
    ]
    log = os.open(pki.folder / "serve.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        redirect = [
            (os.POSIX_SPAWN_DUP2, nothing, 0),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
        ]
        os.posix_spawn(sys.executable, command, os.environ, file_actions=redirect, setsid=True)
    finally:
        os.close(log)
        os.close(nothing)
