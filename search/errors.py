"""What can go wrong with an index; nothing here loses a record, because an index is fed again from the catalogue."""

from archive.bilingual import Text
from archive.errors import KhoError


class IndexUnusable(KhoError):
    """The index is missing, broken, or was made by another analysis: it has to be made and fed again."""

    code = "index.unusable"
    http_status = 503
    exit_code = 11
    what = Text("Không dùng được chỉ mục tìm kiếm: {why_vi}.", "The search index cannot be used: {why_en}.")
    unchanged = Text("Hồ sơ đã lưu trữ không bị ảnh hưởng.", "No archived record is affected.")
    remedy = Text("Chạy kho rebuild để lập lại chỉ mục.", "Run kho rebuild to make the index again.")


class IndexBusy(KhoError):
    """Another process holds the index's one writer."""

    code = "index.busy"
    http_status = 503
    exit_code = 11
    what = Text("Một tiến trình khác đang ghi chỉ mục tìm kiếm.", "Another process is writing the search index.")
    unchanged = Text("Chỉ mục không thay đổi.", "The index was not changed.")
    remedy = Text("Đợi rồi thử lại.", "Wait, then try again.")
