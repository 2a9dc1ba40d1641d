"""`kho reindex`: rebuilds the search index alone, beside the one that serves."""

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

_STEPS = {
    "index": Text("lập chỉ mục: {done}/{of} hồ sơ", "building the index: {done}/{of} charts"),
    "text": Text("đọc nội dung giấy: {done}/{of} hồ sơ", "reading papers: {done}/{of} charts"),
}
_DONE = Text(
    "Chỉ mục có {documents} tài liệu; đã đọc nội dung của {charts} hồ sơ.",
    "The index has {documents} documents; the papers of {charts} charts were read.",
)
_UNREAD = Text(
    "{charts} hồ sơ có giấy không đọc được; kho serve thử lại, kho check nói vì sao.",
    "{charts} charts have a paper that could not be read. kho serve tries again; see kho check.",
)


@click.command("reindex")
@click.option("--again", is_flag=True, help="Đọc lại mọi giấy / read every paper again.")
@command_options
def command(caller: Caller, again: bool) -> int:
    """Lập lại riêng chỉ mục tìm kiếm. Rebuild the search index alone.

    Chỉ mục cũ phục vụ đến khi chỉ mục mới xong. The old index serves until the new one is whole.
    """
    from api.upkeep.reindexing import reindex

    def tell(step: str, done: int, of: int) -> None:
        caller.progress(_STEPS[step].fill(done=done, of=of).to(caller.language))

    with caller.open() as home:
        reindexed = reindex(home, again=again, progress=tell)
    caller.progress_done()
    caller.answer(reindexed.as_json())
    caller.say(_DONE.fill(documents=reindexed.documents, charts=reindexed.charts_read))
    if reindexed.charts_unread:
        caller.say(_UNREAD.fill(charts=reindexed.charts_unread))
    return 0
