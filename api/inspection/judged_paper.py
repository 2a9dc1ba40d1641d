"""One paper of a take-away: its original as the vault gave it now, and what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.inspection.sets import CollectedPaper
from api.reading.verification import Verification
from api.sharing.names import plain_form
from archive.base.clock import iso
from archive.base.errors import KhoError


@dataclass(frozen=True, slots=True)
class JudgedPaper:
    """A paper, its place in the set (from 1), and what became of it.

    `stated`: the signed act states it as the catalogue does. `original` is None where the vault
    gave no bytes that the act names; `problem` says why. `verification` is None where there is no
    original, or where its bytes cannot be judged.
    """

    number: int
    paper: CollectedPaper
    stated: bool
    original: bytes | None
    verification: Verification | None
    problem: KhoError | None

    @property
    def file(self) -> str:
        """The name of the original in the ZIP."""
        document = self.paper.document
        return f"originals/{self.number:04}-{plain_form(document.form)}-{document.id}.pdf"

    @property
    def report_file(self) -> str:
        """The name of the verification report in the ZIP."""
        return f"reports/{self.number:04}-{self.paper.document.id}.json"

    @property
    def state(self) -> str:
        """`present`, `not_judged` (there, but its signatures cannot be read), or `absent`."""
        if self.original is None:
            return "absent"
        return "present" if self.verification is not None else "not_judged"

    @property
    def verdict(self) -> str:
        """The verdict of the original as `kho verify` says it, else the state."""
        return self.verification.report.verdict.value if self.verification else self.state

    def as_json(self) -> dict[str, Any]:
        """Return the paper as `record.json` lists it (`docs/formats.md`)."""
        document, chart, verification = self.paper.document, self.paper.chart, self.verification
        report = verification.report if verification else None
        return {
            "number": self.number,
            "file": self.file if self.original is not None else None,
            "report": self.report_file if verification else None,
            "document_id": document.id,
            "form": document.form,
            "title": document.title.as_json(),
            "key": document.key,
            "origin": document.origin,
            "sha256": document.sha256,
            "bytes": document.size,
            "episode": chart.facts.episode,
            "archive_number": chart.archive_number,
            "superseded_by": document.superseded_by,
            "sealed_at": iso(document.sealed_at) if document.sealed_at else None,
            "ledger_index": document.act_index,
            "state": self.state,
            "problem": self.problem.code if self.problem else None,
            "verdict": self.verdict,
            "indication": report.indication.value if report else None,
            "subindication": report.subindication.value
            if report and report.subindication
            else None,
            "level": report.level.value if report and report.level else None,
            "signatures": [_signature(each) for each in report.signatures] if report else [],
        }


def _signature(signature: Mapping[str, Any]) -> dict[str, Any]:
    names = ("kind", "subject", "issuer", "serial", "claimed_time", "sealed_at")
    return {
        **{name: signature[name] for name in names},
        "indication": signature["indication"],
        "subindication": signature["subindication"],
    }
