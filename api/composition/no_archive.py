"""The error of a home without an archive."""

from archive.base.bilingual import Text
from archive.base.errors import KhoError


class NoArchive(KhoError):
    """There is no archive in this home yet."""

    code = "home.empty"
    http_status = 503
    exit_code = 2
    what = Text("Chưa có kho lưu trữ tại {home}.", "There is no archive in {home}.")
    remedy = Text(
        "Chạy kho init --demo, hoặc kiểm tra --home.", "Run kho init --demo, or check --home."
    )
