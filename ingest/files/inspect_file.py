"""Examines a finished file in a child process: what it is, its faults, and its signatures."""

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from asn1crypto import x509

from archive.isolation.child import isolated, preload
from ingest.files.images import read_image
from ingest.files.limits import FileLimits
from ingest.files.pdf_structure import read_structure
from ingest.files.pdfa.check import check_pdfa
from ingest.files.qpdf_warnings import place_facts
from ingest.files.scanned_pages import has_text
from ingest.sources.faults import fault
from ingest.sources.kinds import PDF, FileKind, kind_of_type
from signing.trust import TrustRoots
from signing.validation.pdf.claims import is_pdfa
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import Verdict
from signing.validation.validate import validate

preload(__name__)
_IMAGE = 3  # FPDF_PAGEOBJ_IMAGE


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in a file: `faults` are codes with their facts; `report` is there if the file
    is signed.
    """

    faults: tuple[tuple[str, dict[str, Any]], ...]
    pages: int = 0
    pictures: bool = False  # an image, or a PDF of which a page is a picture without text
    report: ValidationReport | None = None
    pdfa: bool = False  # it claims to be PDF/A, and nothing in it contradicts that


def inspect_file(
    data: bytes, kind: FileKind, trust: TrustRoots, at: datetime, limits: FileLimits
) -> Findings:
    """Return what is found in `data`, which begins as `kind` does; its signatures are judged for
    the moment `at`.

    Raises :class:`archive.base.errors.Unreadable` if that exceeds its limits, or if the child
    process fails.
    """
    roots = [anchor.dump() for anchor in trust.anchors]
    return read_findings(
        isolated(limits.examine, _look, data, kind.media_type, roots, at, limits), limits
    )


def read_findings(answer: bytes, limits: FileLimits) -> Findings:
    """Return what a child found.

    Raises TooDemanding for any other answer: a file may have taken the child over.
    """
    try:
        stated = json.loads(answer)
        faults = {code: _facts(code, facts) for code, facts in stated["faults"].items()}
        for code, facts in faults.items():
            # that there is such a fault, and that its sentence can be filled
            fault("/", code, **facts)
        pages = int(stated["pages"])
        if not 0 <= pages <= max(limits.pdf.pages, limits.image.pages) and not stated["faults"]:
            raise ValueError("more pages than a file may have")
        return Findings(
            faults=tuple((code, dict(facts)) for code, facts in faults.items()),
            pages=pages,
            pictures=bool(stated["pictures"]),
            report=ValidationReport.from_json(stated["report"])
            if stated["report"] is not None
            else None,
            pdfa=bool(stated["pdfa"]),
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise limits.examine.exceeded from error


def _facts(code: str, stated: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a fault: a child names a place, and the words are Kho's."""
    return place_facts(stated) if code == "pdf.ambiguous" else stated


def _look(
    data: bytes, media_type: str, roots: list[bytes], at: datetime, limits: FileLimits
) -> bytes:
    kind = kind_of_type(media_type)
    answer: dict[str, Any] = {"pictures": kind is not PDF, "report": None, "pdfa": False}
    if kind is not PDF:
        picture = read_image(data, kind, limits.image)
        return json.dumps({**answer, "faults": picture.faults, "pages": picture.pages}).encode()
    structure = read_structure(data, limits.pdf, limits.image.pixels)
    if not structure.faults:
        if structure.signed:
            trust = TrustRoots(x509.Certificate.load(root) for root in roots)
            report = validate(data, trust, at=at)
            # Usage rights, or a signed file as an attachment, are no signature of this document.
            if report.signatures or report.verdict is not Verdict.UNSIGNED:
                answer["report"], answer["pdfa"] = report.as_json(), _is_pdfa(data, report)
        answer["pictures"] = _has_pictures(data, structure.pages)
        if answer["pictures"] is None:
            structure.fault("pdf.ambiguous")
    return json.dumps({**answer, "faults": structure.faults, "pages": structure.pages}).encode()


def _is_pdfa(data: bytes, report: ValidationReport) -> bool:
    """Return whether a signed file claims to be PDF/A and breaks no rule that Kho can check.

    What cannot be checked is believed: the file is kept byte for byte either way.
    """
    if not any(map(is_pdfa, report.pdfa)):
        return False
    with pikepdf.open(BytesIO(data)) as pdf:
        return not check_pdfa(pdf).broken


def _has_pictures(data: bytes, pages: int) -> bool | None:
    """Return whether a page has a picture and no text; None where PDFium sees other pages than
    qpdf.

    Each page is looked at by itself: a scan with a blank back side is a scan, and so is one behind
    a letter.
    """
    try:
        with closing(pypdfium2.PdfDocument(data)) as document:
            if len(document) != pages:
                return None
            # every page is opened: a broken one is ambiguous
            return sum(map(_is_picture, document)) > 0
    except pypdfium2.PdfiumError:
        return None


def _is_picture(page: pypdfium2.PdfPage) -> bool:
    with closing(page):
        return not has_text(page) and any(True for _ in page.get_objects(filter=[_IMAGE]))
