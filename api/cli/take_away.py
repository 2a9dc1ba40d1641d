"""`kho take-away -o FILE`: the papers of the set, or those that are named, as one ZIP with their
proof.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text
from archive.base.identifiers import record_id
from archive.files.atomic_file import AtomicFile

_DONE = Text(
    "{output}: {count} giấy, {size} byte. Đọc bien-ban-xac-minh.pdf trước.",
    "{output}: {count} paper(s), {size} bytes. Read bien-ban-xac-minh.pdf first.",
)


@click.command("take-away")
@click.argument("ids", metavar="[ID...]", nargs=-1, type=record_id)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@command_options
def command(caller: Caller, ids: tuple[str, ...], output: Path) -> int:
    """Mang giấy về kèm biên bản xác minh và chứng minh. Take papers away with their proof.

    ID: mã hồ sơ hoặc mã tài liệu; không có ID: tập kiểm tra. IDs of charts or documents; without
    them: your set.
    """
    from api.inspection.sets import InspectionSets, chosen_papers

    size = 0

    def counted(pieces: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal size
        for piece in pieces:
            size += len(piece)
            yield piece

    with caller.open() as home, AtomicFile(output) as file:
        archive = home.open_for_writing()
        if ids:
            papers = chosen_papers(home.catalog, ids, home.scope)
        else:
            papers = InspectionSets.of_home(home).papers(caller.actor, home.scope)
        job = archive.take_aways.begin(
            papers,
            caller.actor,
            home.scope,
            lambda done, of: caller.progress(f"{done}/{of}"),
        )
        file.write(counted(job.pieces))
        file.publish()
    caller.progress_done()
    caller.answer({"papers": len(papers), "bytes": size})
    caller.say(_DONE.fill(output=str(output), count=len(papers), size=size))
    return 0
