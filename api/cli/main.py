"""The command `kho`: finds each command's module only when it is called, so that `kho --version`
stays quick.
"""

import importlib
import os
from importlib.metadata import version
from typing import Any

import click

from api.cli.streams import open_streams

# Command -> (module, one line for `kho --help`). The module's `command` is what runs.
COMMANDS = {
    "init": ("api.cli.init", "Lập một kho mới (--demo: kèm PKI thử). Make a new archive."),
    "demo": (
        "api.cli.demo",
        "Kho trình diễn với 20 hồ sơ. A demonstration archive with 20 charts.",
    ),
    "serve": ("api.cli.serve", "Mở trang web và API. Serve the pages and the API."),
    "ingest": ("api.cli.ingest", "Đưa hồ sơ vào lưu trữ. Archive charts from files or folders."),
    "watch": ("api.cli.watch", "Theo dõi thư mục. Archive the files that arrive in a folder."),
    "find": ("api.cli.find", "Tìm tài liệu. Find documents."),
    "correct": (
        "api.cli.correct",
        "Thay một giấy bằng bản đúng. Replace a document with the right paper.",
    ),
    "refusals": (
        "api.cli.refusals",
        "Những gì bị từ chối và việc cần làm. What the intake refused, and what to do.",
    ),
    "worklist": ("api.cli.worklist", "Việc đang chờ. Count the charts that wait for something."),
    "list": ("api.cli.list", "Liệt kê hồ sơ theo bộ lọc. List charts by state, dates, papers."),
    "show": (
        "api.cli.show",
        "Xem mọi thông tin về một hồ sơ hay tài liệu. Show a chart or document.",
    ),
    "chart": ("api.cli.chart", "Hồ sơ còn thiếu gì, kết xuất. What a chart lacks; its export."),
    "get": ("api.cli.get", "Lấy bản gốc. Fetch a signed original."),
    "set": ("api.cli.set", "Tập kiểm tra của bạn. The papers that you collect."),
    "take-away": (
        "api.cli.take_away",
        "Mang giấy về kèm chứng minh. Take papers away with their proof.",
    ),
    "verify": ("api.cli.verify", "Xác minh một tệp. Verify a file."),
    "deposit": ("api.cli.deposit", "Nộp lưu một hồ sơ. Deposit a chart."),
    "print": ("api.cli.print", "In nhãn, biên bản bàn giao. Print labels and handover lists."),
    "packet": ("api.cli.packet", "Gói chuyển tuyến. Referral packets."),
    "partner": (
        "api.cli.partner",
        "Đối tác gửi và nhận gói. Facilities that send and receive packets.",
    ),
    "user": ("api.cli.user", "Người dùng và vai trò. The people who sign in, and their roles."),
    "forms": ("api.cli.forms", "Mẫu biểu. The prescribed forms: list, preview, check."),
    "codes": ("api.cli.codes", "Danh mục mã. Code lists: show, look up, import."),
    "department": ("api.cli.department", "Tên khoa. The names of departments."),
    "key": (
        "api.cli.key",
        "Khóa API cho HIS và phần mềm khác. Keys for programs that call the API.",
    ),
    "status": (
        "api.cli.status",
        "Từng thành phần có chạy không. What works now, and what does not.",
    ),
    "check": ("api.cli.check", "Kiểm tra sức khỏe kho. Check the archive's health."),
    "ledger-key": ("api.cli.ledger_key", "Khóa sổ nhật ký. The ledger's key: show it, protect it."),
    "seal-key": (
        "api.cli.seal_key",
        "Khóa ký số trong thẻ hay HSM. The signing key in a token or an HSM.",
    ),
    "witness": ("api.cli.witness", "Hỏi các nhân chứng. Show the witnesses the newest checkpoint."),
    "dump": ("api.cli.dump", "In nội dung các nghiệp vụ đã ghi. Print the recorded acts."),
    "store": ("api.cli.store", "Thử kho đối tượng. Test the object store, and show the record."),
    "rebuild": (
        "api.cli.rebuild",
        "Lập lại danh mục từ kho đối tượng. Rebuild the catalogue and the index.",
    ),
    "reindex": (
        "api.cli.reindex",
        "Lập lại riêng chỉ mục tìm kiếm. Rebuild the search index alone.",
    ),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("kho"), prog_name="kho")
def kho() -> None:
    """Kho: lưu trữ hồ sơ bệnh án điện tử. A document archive for electronic medical records."""


def main(arguments: list[str] | None = None) -> Any:
    """Run `kho`; exits with the code that `docs/scripting.md` gives."""
    os.umask(0o077)  # whatever Kho writes may hold patient data: only its owner may read it
    open_streams()
    return kho(arguments)
