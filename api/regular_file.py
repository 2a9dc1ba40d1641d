"""Reads an untrusted file whole: it must be a regular file of bounded size, never a pipe or a
device.
"""

import errno
import os
import stat
from pathlib import Path

from archive.base.bilingual import Text
from archive.base.errors import Unreadable

_REASONS = {
    errno.ENOENT: Text("không có tệp này", "it does not exist"),
    errno.ENOTDIR: Text("không có tệp này", "it does not exist"),
    errno.EACCES: Text("không có quyền đọc tệp này", "Kho has no permission to read it"),
    errno.EISDIR: Text("đây là thư mục", "it is a folder"),
}


def read_regular(file: Path, most: int) -> bytes:
    """Return the bytes of `file`, at most `most`; raises Unreadable, at once where it is not a
    regular file.
    """
    try:
        # Without O_NONBLOCK, opening a pipe waits for a writer (open(2)). For regular files the
        # flag has no effect.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with os.fdopen(handle, "rb", closefd=True) as opened:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreadable(why_vi="không phải tệp thường", why_en="it is not a regular file")
            data = opened.read(most + 1)
    except OSError as error:
        unnamed = error.strerror or type(error).__name__
        why = _REASONS.get(error.errno or 0, Text(unnamed, unnamed))
        raise Unreadable(why_vi=why.vi, why_en=why.en) from error
    if len(data) > most:
        raise Unreadable(
            why_vi=f"lớn hơn {most >> 20} MiB", why_en=f"it is larger than {most >> 20} MiB"
        )
    return data
