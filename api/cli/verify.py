"""`kho verify FILE`: says whether a file is what was sealed, offline, with or without a home."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options, trusted
from api.cli.verdict_line import verdict_line
from archive.base.bilingual import Text
from archive.base.clock import for_people, parse_iso

if TYPE_CHECKING:
    from signing.validation.result.report import ValidationReport

MOST_BYTES = 256 << 20  # of a PDF; originals stay far below
EXIT_CODES = {"valid": 0, "indeterminate": 5, "invalid": 6, "unsigned": 6, "not_of_this_archive": 6}
_KINDS = {
    "seal": Text("Chữ ký số", "Seal"),
    "document_timestamp": Text("Dấu thời gian lưu trữ", "Archive timestamp"),
    "other": Text("Loại khác", "Other"),
}
_ATTACHED = Text("Chữ ký trong tệp đính kèm:", "The signatures in the attached file:")
_HELD = Text(
    "Kho này đang giữ đúng bản gốc này: tài liệu {document}.",
    "This archive holds this original: document {document}.",
)
_COUNTERSIGNED = Text(
    "Tệp này là một bản gốc của kho này, và đã được ký thêm sau đó: tài liệu {document}.",
    "The file is an original of this archive, and others have signed it since: document "
    "{document}.",
)
_HELD_WITHIN = Text(
    "Kho này giữ tệp này trong một tài liệu: {document}.",
    "This archive holds this file within a document: {document}.",
)
_REPLACED = Text(
    "Giấy này đã được thay bằng bản mới hơn; hãy hỏi cơ sở.",
    "A newer paper has replaced this paper; ask the facility.",
)
_NOT_HELD = Text(
    "Kho này không giữ tệp này.",
    "This archive does not hold this file.",
)


@click.command("verify")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM: gốc tin cậy / roots.",
)
@command_options
def command(caller: Caller, file: Path, trust: Path | None) -> int:
    """Xác minh một tệp PDF, không cần mạng. Verify a PDF, offline."""
    from api.reading.verification import judged
    from api.regular_file import read_regular

    data = read_regular(file, MOST_BYTES)
    with caller.open() as home:
        roots = trusted(home, trust)
        if home.has_archive:
            verification = home.open_for_reading().verification.verify(data, home.scope, roots)
        else:
            verification = judged(data, roots)
    report = verification.report
    caller.answer(verification.as_json())
    caller.say(verdict_line(report.verdict.value, report.reasons))
    show_signatures(caller, report)
    if verification.covered:
        inside = verification.covered.report
        caller.say(_ATTACHED)
        caller.say(verdict_line(inside.verdict.value, inside.reasons))
        show_signatures(caller, inside)
    if verification.attached_to:
        caller.say(_HELD_WITHIN.fill(document=verification.attached_to))
    if verification.document_id:
        held = _COUNTERSIGNED if verification.countersigned else _HELD
        caller.say(held.fill(document=verification.document_id))
        if verification.superseded:
            caller.say(_REPLACED)
    elif home.has_archive and not verification.attached_to:
        caller.say(_NOT_HELD)
    return EXIT_CODES[report.verdict.value]


def show_signatures(caller: Caller, report: "ValidationReport") -> None:
    """Print each signature for people: when, by which certificate, and what is wrong with it."""
    for signature in report.signatures:
        intact = signature["integrity"] and signature["cryptography"]
        mark = "✗" if not intact else "✓" if signature["trusted"] else "?"
        at = signature["sealed_at"] or signature["claimed_time"]
        parts = (
            _KINDS[signature["kind"]].to(caller.language),
            at and for_people(parse_iso(at)),
            signature["level"],
        )
        caller.say(f"  {mark} " + "  ".join(part for part in parts if part))
        caller.say(f"      Người ký / signer: {signature['subject'] or '–'}")
        caller.say(f"      Do / issued by: {signature['issuer'] or '–'}")
        if signature["problems"]:
            caller.say(f"      Vấn đề / problems: {', '.join(signature['problems'])}")
