"""The error of a home without private keys."""

from archive.base.bilingual import Text
from archive.base.errors import KhoError


class ReadOnlyHome(KhoError):
    """The home has no private keys: it reads and verifies, and does not write."""

    code = "home.read_only"
    http_status = 503
    exit_code = 2
    what = Text(
        "Kho này không có khóa ký nên chỉ đọc và xác minh.",
        "This home has no keys: it reads and verifies only.",
    )
    remedy = Text("Khôi phục khóa từ bản sao lưu.", "Restore the keys from the backup.")
