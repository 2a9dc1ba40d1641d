"""The examiner: scans a finished file, examines it in a child process, and judges it or refuses it
with the reason.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from archive.base.bilingual import Text
from archive.base.clock import Clock
from archive.base.errors import Fault, SubmissionRejected, Unreadable
from archive.base.printable import printable
from archive.base.settings import IntakeSettings
from archive.isolation.child import TooDemanding
from ingest.files.inspect_file import Findings, inspect_file
from ingest.files.limits import FILE_LIMITS, FileLimits
from ingest.files.scanner import Scanner, open_scanner
from ingest.sources.faults import Faults, fault, refuse
from ingest.sources.finished import checked_name
from ingest.sources.kinds import PDF, PHOTOGRAPHS, FileKind, fits, kind_of
from ingest.sources.limits import DEFAULT_LIMITS
from ingest.sources.photographs import (
    MOST,
    Content,
    Photographs,
    bundle,
    bundle_name,
    kind_of_photograph,
)
from ingest.submission import FinishedFile, Nature, SignedBy
from signing.trust import TrustRoots
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Indication


class Examiner:
    """Examines files for one facility, with its trust roots, its scanner and its limits."""

    def __init__(
        self, trust: TrustRoots, scanner: Scanner, clock: Clock, limits: FileLimits = FILE_LIMITS
    ) -> None:
        self._trust, self._scanner, self._clock, self._limits = trust, scanner, clock, limits

    def scan(self, data: bytes) -> None:
        """Have a source scanned before it is parsed.

        Raises SubmissionRejected (`source.infected`), Unavailable.
        """
        self._scanner.scan(data)

    def examine(self, name: str, data: Content, dated: date | None, path: str) -> FinishedFile:
        """Return the file with what it is; of photographs, all of them as one.

        Raises SubmissionRejected with every fault at `path`, Unavailable (the scanner).
        """
        if isinstance(data, Photographs):
            return self._photographs(name, data, dated, path)
        name = checked_name(name, path, DEFAULT_LIMITS)  # for every kind of source
        if len(data) > self._limits.file_bytes:
            raise refuse(path, "file.too_large", limit=self._limits.file_bytes)
        if not data:
            raise refuse(path, "file.empty")
        self._scanner.scan(data, path)
        kind = kind_of(data)
        if kind is None:
            raise refuse(path, "file.unknown_kind")
        if not fits(name, kind):
            raise refuse(path, "file.name_differs", media_type=kind.media_type)
        findings = self._look(data, kind, path, self._limits.for_size(len(data)))
        if findings.faults:
            faults = [fault(path, code, **facts) for code, facts in findings.faults]
            raise SubmissionRejected(faults)
        report = findings.report
        if report is not None and report.indication is Indication.TOTAL_FAILED:
            raise SubmissionRejected([_broken(path, report)])
        return FinishedFile(
            name=name,
            media_type=kind.media_type,
            data=data,
            nature=_nature(findings, kind),
            dated=dated,
            verdict=report.indication.value if report else None,
            pages=findings.pages,
            signed_by=_signed_by(report),
        )

    def _photographs(
        self, name: str, given: Photographs, dated: date | None, path: str
    ) -> FinishedFile:
        """Return the photographs as one file; the faults of each one say which it is."""
        name = bundle_name(checked_name(name, path, DEFAULT_LIMITS))
        if not 0 < len(given.photographs) <= MOST:
            raise refuse(path, "photographs.number", limit=MOST)
        if sum(len(each.data) for each in given.photographs) > self._limits.file_bytes:
            raise refuse(path, "file.too_large", limit=self._limits.file_bytes)
        faults, pages = Faults(), 0
        for number, each in enumerate(given.photographs, start=1):
            place = f"{path}/photographs/{number - 1}"
            try:
                if each.data and kind_of_photograph(each.data) is None:
                    raise refuse(place, "photographs.kind")
                # Its name stays behind, so it may be anything.
                pages += self.examine(str(number), each.data, None, place).pages
            except SubmissionRejected as refused:
                faults.extend(
                    [_of_photograph(fault, number, each.name) for fault in refused.faults]
                )
        if faults:
            raise SubmissionRejected(list(faults.all()))
        if pages > self._limits.image.pages:
            raise refuse(path, "image.pages", limit=self._limits.image.pages)
        return FinishedFile(
            name, PHOTOGRAPHS.media_type, bundle(given), "image", dated=dated, pages=pages
        )

    def _look(self, data: bytes, kind: FileKind, path: str, limits: FileLimits) -> Findings:
        try:
            return inspect_file(data, kind, self._trust, self._clock.now(), limits)
        except TooDemanding as error:
            raise refuse(
                path, "file.too_demanding", seconds=f"{limits.examine.seconds:g}"
            ) from error
        except Unreadable as error:
            raise refuse(path, "file.unreadable") from error


def _of_photograph(fault: Fault, number: int, name: str) -> Fault:
    # people read it: a name may have any length
    shown, said = printable(name[: DEFAULT_LIMITS.file_name_characters]), fault.message
    vi = f"Ảnh thứ {number} ({shown}): {said.vi}"
    return replace(fault, message=Text(vi, f"Photograph {number} ({shown}): {said.en}"))


def _broken(path: str, report: ValidationReport) -> Fault:
    return fault(path, "file.signature_broken", why=report.subindication or report.indication)


def _nature(findings: Findings, kind: FileKind) -> Nature:
    if findings.report is not None:
        return "signed_pdfa" if findings.pdfa else "signed"
    return "image" if findings.pictures or kind is not PDF else "pdf"


def _signed_by(report: ValidationReport | None) -> tuple[SignedBy, ...]:
    if report is None:
        return ()
    return tuple(
        _signer(signature) for signature in report.signatures if signature["kind"] == "seal"
    )


def _signer(signature: dict[str, Any]) -> SignedBy:
    return SignedBy(
        signature["subject"] or "",
        signature["issuer"] or "",
        signature["sealed_at"] or signature["claimed_time"],
    )


def open_examiner(settings: IntakeSettings, trust: TrustRoots, clock: Clock) -> Examiner:
    """Return the examiner that the settings ask for. Raises Misconfigured."""
    return Examiner(trust, open_scanner(settings.scanner, settings.scanner_policy), clock)
