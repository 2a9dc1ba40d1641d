"""What a trial found, before the verdict."""

from dataclasses import dataclass

from archive.conformance.case import Finding
from archive.conformance.catalogue import Case


@dataclass(frozen=True, slots=True)
class Findings:
    """The store's make, version and `Server` header, and every case's outcome, in order."""

    make: str
    version: str
    server: str
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
