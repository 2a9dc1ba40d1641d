"""A password that a person chooses for an account: typed twice on a terminal, or from a file."""

import sys
from pathlib import Path

import click

from archive.base.errors import Misconfigured

password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="Tệp chứa mật khẩu, một dòng / a file with the password, one line.",
)


def new_password(file: Path | None, option: str = "--password-file") -> str:
    """Return the password in `file` (UTF-8; its last line end is dropped); else ask for it twice.

    Raises Misconfigured, which names `option` where there is no terminal to ask on, and the file
    that cannot be read.
    """
    if file is not None:
        return _read(file)
    if not sys.stdin.isatty():
        raise Misconfigured(
            why_vi=f"thiếu {option} (không có thiết bị đầu cuối để hỏi mật khẩu)",
            why_en=f"{option} is missing (there is no terminal to ask for the password)",
        )
    return str(
        click.prompt(
            "Mật khẩu / password",
            hide_input=True,
            confirmation_prompt="Nhập lại / again",
            err=True,
        )
    )


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise Misconfigured(
            why_vi=f"tệp mật khẩu {file} không phải văn bản UTF-8",
            why_en=f"the password file {file} is not UTF-8 text",
        ) from error
    except OSError as error:
        raise Misconfigured(
            why_vi=f"không đọc được tệp mật khẩu {file}: {error.strerror}",
            why_en=f"cannot read the password file {file}: {error.strerror}",
        ) from error
