"""`kho verify FILE`: says whether a file is what was sealed, offline, with or without a home."""

from pathlib import Path

import click

from api.cli.context import Caller, command_options, trusted

MOST_BYTES = 256 << 20  # of a PDF; originals stay far below
EXIT_CODES = {"valid": 0, "indeterminate": 5, "invalid": 6, "unsigned": 6, "not_of_this_archive": 6}


@click.command("verify")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--trust", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM: gốc tin cậy / roots.")
@command_options
def command(caller: Caller, file: Path, trust: Path | None) -> int:
    """Xác minh một tệp PDF, không cần mạng. Verify a PDF, offline."""
    from api.regular_file import read_regular
    from api.verification import verify

    data = read_regular(file, MOST_BYTES)
    with caller.open() as home:
        roots = trusted(home, trust)
        verification = verify(data, roots, home, home.scope) if home.has_archive else verify(data, roots)
    report = verification.report
    caller.answer(verification.as_json())
    caller.say(f"{report.verdict.value.upper()}: {report.reasons.to(caller.language)}")
    for signature in report.signatures:
        caller.say("  " + ", ".join(f"{name}: {value}" for name, value in signature.items() if value is not None))
    if verification.covered:
        inside = verification.covered.report
        caller.say(f"Tệp đính kèm / attached: {inside.verdict.value.upper()}: {inside.reasons.to(caller.language)}")
    if verification.attached_to:
        caller.say(f"Tệp này được đính kèm vào / this file is attached to: {verification.attached_to}")
    if verification.document_id:
        caller.say(f"Kho này giữ bản gốc / the original is in this archive: {verification.document_id}")
    elif home.has_archive and not verification.attached_to:
        caller.say("Kho này không giữ tệp này / this archive does not hold this file")
    return EXIT_CODES[report.verdict.value]
