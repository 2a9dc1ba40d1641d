"""The report beside a file that was archived or refused: JSON for programs, a text for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api.writing.intake import Result
from archive.base.clock import for_people, iso
from archive.base.printable import printable

FORMAT = "kho-watch-report/1"


def report_json(results: Sequence[Result], digest: str | None, moment: datetime) -> dict[str, Any]:
    """Return the results of one batch: `receipts` and `refused` have the members of `kho ingest
    --json`.

    `files` is filled where the files have moved (:mod:`api.watching.moving`).
    """
    return {
        "format": FORMAT,
        "outcome": outcome(results),
        "at": iso(moment),
        "sha256": digest,  # of the source
        "files": [],
        "receipts": [receipt.as_json() for result in results for receipt in result.receipts],
        "refused": [line for result in results if result.faults for line in result.lines()],
        "notices": [notice.as_json() for result in results for notice in result.notices],
    }


def report_text(results: Sequence[Result], name: str, moment: datetime) -> str:
    """Return the report of the source `name` (in printable form) for people, in Vietnamese and
    English.
    """
    kept = [receipt for result in results for receipt in result.receipts]
    faults = [(result, fault) for result in results for fault in result.faults]
    lines = [
        f"{name}  –  {for_people(moment)}",
        "",
        f"Đã lưu trữ / archived: {len(kept)}. Lỗi / faults: {len(faults)}.",
        *(_REFUSED if faults else ()),
        "",
        *(
            f"✓ {receipt.form:<12} {receipt.title}  {receipt.document_id}  #{receipt.ledger_index}"
            for receipt in kept
        ),
        *(
            f"! {notice.fault.path}  {notice.fault.message.vi}"
            for result in results
            for notice in result.notices
        ),
        *(
            line
            for result, fault in faults
            for line in (
                f"✗ {result.source} {fault.path}",
                f"    {fault.message.vi}",
                f"    {fault.message.en}",
            )
        ),
    ]
    return "\n".join(map(printable, lines)) + "\n"


def outcome(results: Sequence[Result]) -> str:
    """Return `done` where everything is archived, else `refused`."""
    return "refused" if any(result.faults for result in results) else "done"


_REFUSED = (
    "Sửa rồi đưa lại vào thư mục theo dõi; phần đã lưu trữ không bị lưu lần nữa.",
    "Correct it and put it into the watched folder again. What is archived already is not "
    "archived twice.",
)
