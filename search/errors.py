"""What can go wrong with an index; nothing here loses a record, because an index is fed again from
the catalogue.
"""

from archive.base.bilingual import Text
from archive.base.errors import KhoError, Unavailable


class IndexUnusable(KhoError):
    """The index is missing, broken, or was made by another analysis: it has to be made and fed
    again.
    """

    code = "index.unusable"
    http_status = 503
    exit_code = 11
    what = Text(
        "Không dùng được chỉ mục tìm kiếm: {why_vi}.", "The search index cannot be used: {why_en}."
    )
    unchanged = Text("Hồ sơ đã lưu trữ không bị ảnh hưởng.", "No archived record is affected.")
    remedy = Text(
        "Chạy kho rebuild để lập lại chỉ mục.", "Run kho rebuild to make the index again."
    )


class IndexMissing(IndexUnusable):
    """There is no index yet, or it is being made for the first time."""

    code = "index.missing"

    def __init__(self) -> None:
        super().__init__(
            why_vi="chưa có, hoặc đang được lập", why_en="there is none yet, or it is being made"
        )


class IndexBusy(KhoError):
    """Another process holds the index's one writer."""

    code = "index.busy"
    http_status = 503
    exit_code = 11
    what = Text(
        "Một tiến trình khác đang ghi chỉ mục tìm kiếm.",
        "Another process is writing the search index.",
    )
    unchanged = Text("Chỉ mục không thay đổi.", "The index was not changed.")
    remedy = Text("Đợi rồi thử lại.", "Wait, then try again.")


class IndexAway(Unavailable):
    """The search engine is a server, and it did not answer as it must.

    Archiving goes on without it.
    """

    code = "index.away"
    what = Text(
        "Máy tìm kiếm {component} không đáp ứng: {why_vi}. Chưa {undone_vi}.",
        "The search engine {component} is not available: {why_en}. Not done: {undone_en}.",
    )
    unchanged = Text(
        "Hồ sơ đã lưu trữ không bị ảnh hưởng; việc lập chỉ mục còn chờ sẽ được làm tiếp.",
        "No archived record is affected; indexing that is due stays due.",
    )


class IndexNewer(KhoError):
    """The index was made by a newer Kho: this one must not write to it, nor make it again in the
    older form.
    """

    code = "index.newer"
    http_status = 503
    exit_code = 11
    what = Text(
        "Chỉ mục tìm kiếm do một bản Kho mới hơn lập.", "A newer Kho made the search index."
    )
    unchanged = Text("Chỉ mục không thay đổi.", "The index was not changed.")
    remedy = Text("Nâng cấp Kho trên máy này.", "Upgrade Kho on this machine.")
