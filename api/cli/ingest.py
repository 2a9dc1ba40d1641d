"""`kho ingest PATH...`, `kho ingest --manifest CSV`: archives charts; a receipt for each document
that is durable.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text
from archive.base.printable import printable

if TYPE_CHECKING:
    from api.bulk.load import BulkLoad, Step
    from api.writing.intake import Result
    from archive.base.errors import Fault
    from ingest.manifest.charts import Manifest

PAUSED = 13  # exit code: the same command, given again, continues
AWAY = 11  # exit code: a component is away; the same command, given again, continues
_EVERY = 5.0  # seconds between two lines of progress
_NOTHING_LOADED = Text(
    "Kho chưa nạp gì. Sửa bảng kê, hoặc thêm --skip-bad.",
    "Kho loaded nothing. Correct the manifest, or add --skip-bad.",
)


@click.command("ingest")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--manifest",
    metavar="CSV",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Bảng kê các tệp: người bệnh, mẫu, ngày / a table of files with patient, form and date.",
)
@click.option(
    "--skip-bad",
    is_flag=True,
    help="Bỏ qua hồ sơ có dòng lỗi, nạp phần còn lại / skip charts with a faulty row.",
)
@click.option(
    "--again", is_flag=True, help="Đọc lại cả những hồ sơ đã nạp / also read loaded charts again."
)
@command_options
def command(
    caller: Caller, paths: tuple[Path, ...], manifest: Path | None, skip_bad: bool, again: bool
) -> int:
    """Đưa hồ sơ từ tệp, thư mục hoặc bảng kê vào lưu trữ.

    Archive charts from files, folders or a manifest.
    """
    if bool(paths) == (manifest is not None):
        raise click.UsageError("PATH... hoặc / or --manifest CSV")
    if manifest is not None:
        return _bulk(caller, manifest, skip_bad=skip_bad, again=again)
    from api.writing.intake import Intake

    with caller.open() as home:
        archive, archived, refused, waiting = home.open_for_writing(), 0, 0, 0
        for result in Intake(archive, caller.actor, home.scope).run(paths):
            caller.progress_done()
            _tell(caller, result)
            archived, refused = archived + len(result.receipts), refused + bool(result.faults)
            waiting += result.waits is not None
            caller.progress(f"{archived} tài liệu, {refused} nguồn bị từ chối")
        caller.progress_done()
        caller.say(
            f"{archived} tài liệu đã lưu trữ / archived; {refused} nguồn bị từ chối / refused"
        )
        if waiting:
            caller.say(f"{waiting} hồ sơ phải chờ / charts must wait")
            return AWAY
        return 3 if refused else 0


def _tell(caller: Caller, result: "Result") -> None:
    for line in result.lines():
        caller.answer(line)
    if result.faults:
        caller.say(
            f"✗ {result.source}: "
            + "; ".join(
                f"{fault.path} {fault.message.to(caller.language)}" for fault in result.faults
            )
        )
    for notice in result.notices:
        meant = f" → {notice.suggestion}" if notice.suggestion else ""
        caller.say(
            f"! {result.source}: {notice.fault.path} "
            f"{notice.fault.message.to(caller.language)}{meant}"
        )
    if result.waits is not None:
        caller.say(f"… {result.source}: {result.waits.explain(caller.language)}")
    for receipt in result.receipts:
        caller.say(
            f"✓ {receipt.document_id}  {receipt.form:<12} {receipt.title}  #{receipt.ledger_index}"
        )


def _bulk(caller: Caller, path: Path, *, skip_bad: bool, again: bool) -> int:
    from api.bulk.load import BulkLoad
    from archive.base.errors import SubmissionRejected

    stop = caller.stopping()
    with caller.open() as home:
        archive = home.open_for_writing()
        load = BulkLoad(archive, caller.actor, home.scope, path, stop=stop, again=again)
        try:
            manifest = load.validate()
        except SubmissionRejected as refused:
            _bad(caller, path, refused.faults)
            return 3
        _bad(caller, path, manifest.faults)
        if manifest.faults and not skip_bad:
            caller.say(_NOTHING_LOADED)
            return 3
        last = _load(caller, load, manifest)
    if stop.asked and (last is None or last.progress.done < last.progress.charts):
        caller.say(
            "Tạm dừng; chạy lại lệnh này để nạp tiếp. / Paused; run the same command to continue."
        )
        return PAUSED
    if last is not None and last.progress.waiting:
        return AWAY
    return 3 if manifest.faults or (last is not None and last.progress.refused) else 0


def _bad(caller: Caller, path: Path, faults: "tuple[Fault, ...]") -> None:
    if faults:
        caller.answer(
            {"source": printable(path.name), "refused": [fault.as_json() for fault in faults]}
        )
        for fault in faults:
            caller.say(f"✗ {path.name} {fault.path}: {fault.message.to(caller.language)}")


def _load(caller: Caller, load: "BulkLoad", manifest: "Manifest") -> "Step | None":
    """Report each chart, the progress from time to time, and the total at the end; return the last
    step.
    """
    step, reported_at = None, time.monotonic()
    for step in load.run(manifest):
        caller.progress_done()
        _tell(caller, step.result)
        now = time.monotonic()
        caller.progress(step.progress.as_text(now))
        if now - reported_at > _EVERY:
            caller.answer({"progress": step.progress.as_json(now)})
            reported_at = now
    caller.progress_done()
    if step is not None:
        now = time.monotonic()
        caller.answer({"progress": step.progress.as_json(now)})
        caller.say(step.progress.as_text(now))
    else:
        caller.say("Không còn gì để nạp. / There is nothing left to load.")
    return step
