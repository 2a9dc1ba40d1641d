"""What this kernel lacks of what binds a child.

`kho serve` says it at its start, and `kho check` says it, too.
"""

from dataclasses import dataclass

from archive.base.bilingual import Text
from archive.isolation.sandbox import landlock, seccomp

_SIGNALS = 6  # the version of Landlock that keeps signals among the processes that it binds


@dataclass(frozen=True, slots=True)
class Weakness:
    """Something that the kernel lacks: its name, and what a hostile program could do then."""

    name: str
    what: Text


def weaknesses(abi: int | None = None, filters: bool | None = None) -> tuple[Weakness, ...]:
    """Return the features that the kernel lacks; empty where it has all of them.

    `abi` is the version of Landlock (0: none) and `filters` says whether seccomp works; where they
    are None, this queries the kernel.
    """
    abi = landlock.version() if abi is None else abi
    filters = seccomp.available() if filters is None else filters
    missing = []
    if abi == 0:
        missing.append(Weakness("landlock", _NO_LANDLOCK))
    elif abi < _SIGNALS:
        missing.append(Weakness(f"landlock-{_SIGNALS}", _NO_SCOPE))
    if not filters:
        missing.append(Weakness("seccomp", _NO_SECCOMP))
    return tuple(missing)


_NO_LANDLOCK = Text(
    "Nhân hệ điều hành không có Landlock (Linux 5.13): "
    "chương trình đọc tệp bị chiếm quyền sẽ đọc và ghi được thư mục của Kho",
    "The kernel has no Landlock (Linux 5.13): a file reader that is taken over can read and "
    "write Kho's home",
)
_NO_SCOPE = Text(
    "Landlock cũ hơn bản 6 (Linux 6.12): chương trình nhận dạng chữ bị chiếm quyền gửi được tín "
    "hiệu làm dừng Kho",
    "Landlock is older than version 6 (Linux 6.12): a text recognition that is taken over can "
    "end Kho by a signal",
)
_NO_SECCOMP = Text(
    "Không dùng được seccomp: chương trình đọc tệp bị chiếm quyền sẽ gọi được mọi chức năng của "
    "nhân hệ điều hành",
    "seccomp cannot be used: a file reader that is taken over can make every system call",
)
