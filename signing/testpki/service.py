"""The test PKI's services as one WSGI application: RFC 3161, OCSP, CRLs and certificates, with a
request log.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asn1crypto.crl import CRLReason
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import CertLabel, PKIArchitecture
from certomancer.registry.issued.general import RevocationStatus

from archive.base.clock import iso, parse_iso
from signing.testpki.folder import TestPki
from signing.testpki.make import load_architecture

REVOKED = "revoked.json"
_KINDS = {"tsa": "tsa", "ocsp": "ocsp", "crls": "crl", "certs": "cert"}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class RequestLog:
    """An append-only file of JSON lines: `{"time", "kind", "path", "status", "ms"}`; `kind` is tsa,
    ocsp, crl, cert.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, kind: str, path: str, status: int, milliseconds: float) -> None:
        """Write one line."""
        line = {"time": iso(datetime.now(UTC)), "kind": kind, "path": path, "status": status}
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "ms": round(milliseconds, 1)}) + "\n")


class Revocations:
    """Certificates declared revoked in `revoked.json`, read again when it changes: `{label:
    {"since", "reason"}}`.
    """

    def __init__(self, path: Path, arch: PKIArchitecture) -> None:
        self._path = path
        self._arch = arch
        self._seen: float | None = None

    def refresh(self) -> None:
        """Take over what the file says now, if there is one."""
        if not self._path.exists() or self._path.stat().st_mtime == self._seen:
            return
        self._seen = self._path.stat().st_mtime
        for label, fact in json.loads(self._path.read_text(encoding="utf-8")).items():
            spec = self._arch.get_cert_spec(CertLabel(label))
            status = RevocationStatus(
                revoked_since=parse_iso(fact["since"]), reason=CRLReason(fact["reason"])
            )
            # Certomancer has no call for this: its specifications are frozen, the table of them is
            # not.
            self._arch._cert_specs[spec.label] = replace(spec, revocation=status)


class _Services(Animator):
    """Certomancer's application, but OCSP answers are dated in whole seconds (RFC 6960, 4.2.2; RFC
    5280, 4.1.2.5.2).
    """

    def at_time(self, request: Any) -> datetime:
        """Return the time that an answer states."""
        now: datetime = super().at_time(request)  # type: ignore[no-untyped-call]
        return now.replace(microsecond=0) if "/ocsp/" in request.path else now


class Service:
    """The application. `/health` tells which test PKI answers; everything else is Certomancer's."""

    def __init__(self, pki: TestPki) -> None:
        arch = load_architecture(pki)
        self._pki = pki
        self._revocations = Revocations(pki.folder / REVOKED, arch)
        self._log = RequestLog(pki.request_log_path)
        self._answer = _Services(
            AnimatorArchStore({arch.arch_label: arch}), with_web_ui=False, allow_time_override=False
        )
        self.last_used = time.monotonic()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path: str = environ.get("PATH_INFO", "")
        if path == "/health":
            body = json.dumps({"tag": self._pki.tag, "pid": os.getpid()}).encode()
            start_response(
                "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
            )
            return [body]
        self.last_used = started = time.monotonic()
        status = ["500"]

        def keep_status(line: str, *rest: Any) -> Any:
            status[0] = line
            return start_response(line, *rest)

        self._revocations.refresh()
        # Certomancer answers an unknown request with an exception object that is itself an
        # application.
        answer: Iterable[bytes] = self._answer(environ, keep_status)
        kind = _KINDS.get(path.split("/")[2] if path.count("/") > 1 else "", "other")
        self._log.add(kind, path, int(status[0][:3]), (time.monotonic() - started) * 1000)
        return answer
