"""Removing a folder that a hostile program has filled.

It works without recursion, by handles, and never through a link.
"""

import errno
import os
import secrets
import stat
from pathlib import Path

_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST = 1_000_000  # folders; a program that still runs could make new ones for ever


def remove_tree(folder: Path) -> None:
    """Remove `folder` and all beneath it. Raises OSError.

    Before a folder is removed, its subfolders are moved to the top, so that neither depth nor path
    length is a limit. `shutil.rmtree` recurses: at some thousand levels it raises RecursionError.
    """
    top = os.open(folder, os.O_RDONLY | _FOLDER)
    names = _Names(secrets.token_hex(8))  # that nothing below has
    try:
        while inner := _emptied_of_files(top):
            for name in inner:
                _lift(top, name, names)
                os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    folder.rmdir()


class _Names:
    def __init__(self, mark: str) -> None:
        self._mark, self._number = mark, 0

    def next(self) -> str:
        self._number += 1
        if self._number > _MOST:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        return f"{self._mark}-{self._number}"


def _emptied_of_files(handle: int) -> list[str]:
    """Remove what is no folder in the open folder `handle`; return the names of its folders."""
    folders = []
    for name in os.listdir(handle):
        if stat.S_ISDIR(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
            folders.append(name)
        else:
            os.unlink(name, dir_fd=handle)
    return folders


def _lift(top: int, name: str, names: _Names) -> None:
    """Empty the folder `name` of `top`.

    Files are removed; folders move to `top` under new names.
    """
    handle = _opened(top, name)
    try:
        for inner in _emptied_of_files(handle):
            os.close(_opened(handle, inner))  # only a folder that may be written can be moved
            os.rename(inner, names.next(), src_dir_fd=handle, dst_dir_fd=top)
    finally:
        os.close(handle)


def _opened(parent: int, name: str) -> int:
    """Open the folder `name` after its owner has all rights again.

    It may have been made without any.
    """
    path = os.open(name, os.O_PATH | _FOLDER, dir_fd=parent)
    try:
        Path(f"/proc/self/fd/{path}").chmod(stat.S_IRWXU)
        return os.open(".", os.O_RDONLY | _FOLDER, dir_fd=path)
    finally:
        os.close(path)
