"""Reading a file that a stranger handed over: a regular file, of bounded size, whole; never a pipe or a device."""

import os
import stat
from pathlib import Path

from archive.errors import Unreadable


def read_regular(file: Path, most: int) -> bytes:
    """Return the bytes of `file`, at most `most`; raises Unreadable, at once where it is not a regular file."""
    try:
        # Without O_NONBLOCK opening a pipe waits for somebody to write (open(2)); for regular files it means nothing.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with os.fdopen(handle, "rb", closefd=True) as opened:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreadable(why_vi="không phải tệp thường", why_en="it is not a regular file")
            data = opened.read(most + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unreadable(why_vi=why, why_en=why) from error
    if len(data) > most:
        raise Unreadable(why_vi=f"lớn hơn {most >> 20} MiB", why_en=f"it is larger than {most >> 20} MiB")
    return data
