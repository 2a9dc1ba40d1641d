"""Verifying a packet: bytes, trust roots and a moment in, a report out; no home, no network,
nothing else.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Protocol

from asn1crypto import x509

from api.sharing import names
from api.sharing.envelope import open_envelope
from api.sharing.findings import Code, Finding
from api.sharing.manifest import Manifest, PacketDocument, parse_manifest
from api.sharing.provenance import Provenance, trace
from api.sharing.report import PacketReport, PartReport
from archive.base.errors import Unreadable
from archive.base.identifiers import sha256
from signing.asic.container import read_container
from signing.trust import TrustRoots
from signing.validation.cms_value.tokens import certificate_facts
from signing.validation.isolated import validate_isolated
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import SubIndication

Progress = Callable[[int, int], None]  # (PDFs checked, PDFs in all)


class Validate(Protocol):
    """Validates one PDF; raises :class:`archive.base.errors.Unreadable`."""

    def __call__(self, pdf: bytes, trust: TrustRoots, *, at: datetime | None) -> ValidationReport:
        """Return the validation report of `pdf` as of `at`."""
        ...


def verify_packet(
    data: bytes,
    trust: TrustRoots,
    *,
    at: datetime | None = None,
    progress: Progress | None = None,
    validate: Validate = validate_isolated,
) -> PacketReport:
    """Verify that a packet is what its sender made, as of `at` (aware; None: now).

    `validate` validates each PDF; the default does so in a process of its own with limits. Raises
    :class:`archive.base.errors.Unreadable` if `data` is no packet.
    """
    at = at or datetime.now(UTC)
    files = read_container(data)
    if names.MANIFEST not in files and names.ASIC_MANIFEST not in files:
        raise Unreadable(why_vi="không phải gói của Kho", why_en="it is not a packet of Kho")
    envelope = open_envelope(data, files, trust, at)
    findings = list(envelope.findings)
    manifest = _manifest(files, findings)
    documents = _documents(files, manifest)
    expected = names.signed_names(documents, {0, *filter(None, map(names.act_index, files))})
    findings += envelope.holds(files, expected)
    provenance = trace(files, manifest) if manifest else Provenance()
    findings += provenance.findings
    findings += envelope.signed_by(provenance.brought)
    pdfs = [*documents, names.READING_COPY]
    checked = _validated(
        [(name, files[name]) for name in pdfs if name in files], trust, at, progress, validate
    )
    parts = [
        _part(name, documents[name], checked.get(name), files, provenance) for name in documents
    ]
    copy = _part(names.READING_COPY, None, checked.get(names.READING_COPY), files, provenance)
    return PacketReport(
        manifest=manifest,
        signature=envelope.signature.report if envelope.signature else None,
        documents=tuple(parts),
        reading_copy=copy if names.READING_COPY in files else None,
        ledger_size=provenance.brought.size,
        findings=tuple(dict.fromkeys(findings)),
        certificate=envelope.signature.certificate if envelope.signature else None,
    )


def _manifest(files: Mapping[str, bytes], findings: list[Finding]) -> Manifest | None:
    try:
        return parse_manifest(files.get(names.MANIFEST, b""))
    except ValueError:
        findings.append(Finding(Code.MANIFEST, names.MANIFEST))
        return None


def _documents(
    files: Mapping[str, bytes], manifest: Manifest | None
) -> dict[str, PacketDocument | None]:
    """Return the originals by name, in order: those of the manifest, or without one whatever lies
    in their place.
    """
    if manifest is None:
        return {
            name: None for name in files if name.startswith("documents/") and name.endswith(".pdf")
        }
    return {document.name: document for document in manifest.documents}


def _validated(
    pdfs: Sequence[tuple[str, bytes]],
    trust: TrustRoots,
    at: datetime,
    progress: Progress | None,
    validate: Validate,
) -> dict[str, ValidationReport]:
    """Validate each PDF, as many at a time as there are processors;
    one that cannot be is left out.
    """
    done: dict[str, ValidationReport] = {}

    def check(pdf: tuple[str, bytes]) -> ValidationReport | None:
        try:
            return validate(pdf[1], trust, at=at)
        except Unreadable:
            return None

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for number, ((name, _), report) in enumerate(
            zip(pdfs, pool.map(check, pdfs), strict=True), start=1
        ):
            if report is not None:
                done[name] = report
            if progress is not None:
                progress(number, len(pdfs))
    return done


def _part(
    name: str,
    listed: PacketDocument | None,
    report: ValidationReport | None,
    files: Mapping[str, bytes],
    provenance: Provenance,
) -> PartReport:
    same = listed is not None and name in files and sha256(files[name]) == listed.sha256
    ours = report is not None and _sealed_by(report, provenance.brought.seals)
    external = same and listed is not None and listed.is_external and provenance.bears_out(listed)
    codes = {
        Code.MISSING: name not in files,
        Code.DOCUMENT_UNREADABLE: name in files and report is None,
        Code.CHANGED: listed is not None and name in files and not same,
        Code.DOCUMENT: name in provenance.untrue,
        Code.SEALED_BY_OTHER: report is not None and not ours and not external,
        Code.SIGNER_UNKNOWN: external and report is not None and _leads_nowhere(report),
    }
    return PartReport(
        name=name,
        listed=listed,
        validation=report,
        in_ledger=same and listed is not None and provenance.bears_out(listed),
        sealed_by_sender=ours,
        findings=tuple(Finding(code, name) for code, holds in codes.items() if holds),
    )


def _sealed_by(report: ValidationReport, seals: Sequence[x509.Certificate]) -> bool:
    """Return whether one of `seals` made a seal of the PDF; issuer and serial identify a
    certificate (RFC 5280).
    """
    stated = {(facts.issuer, facts.serial) for facts in map(certificate_facts, seals)}
    return any(
        (signature["issuer"], signature["serial"]) in stated
        for signature in report.signatures
        if signature["kind"] == "seal"
    )


def _leads_nowhere(report: ValidationReport) -> bool:
    """Return whether a verdict is missing only because the signer's authority is
    not trusted here.
    """
    return report.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
