"""What lies in a vault's folder and is not an object.

These are hidden names, links, special files, and locks without their object.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from archive.vault.key import LOCK_SUFFIX, is_key


def strays(root: Path) -> Iterator[str]:
    """Yield the names, relative to `root`, of files and folders that no put of Kho leaves.

    Folders end in a slash.

    A folder that no key can name is yielded and not entered. A file that a running writer has begun
    is left out: the writer holds its folder. Names are as the file system has them, so they may
    hold any character. Raises OSError.
    """
    waiting = [""]
    while waiting:  # no recursion: the depth is a stranger's
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as entries:
                modes = {entry.name: entry.stat(follow_symlinks=False).st_mode for entry in entries}
        except FileNotFoundError:
            continue  # nothing was ever put there, or it was removed meanwhile
        begun = []
        for name, mode in sorted(modes.items()):
            path = folder + name
            if stat.S_ISDIR(mode):
                if is_key(path):
                    waiting.append(path + "/")
                else:
                    yield path + "/"
            elif not stat.S_ISREG(mode):
                yield path
            elif _is_begun(name):
                begun.append(path)
            elif not is_key(path) and not _locks_an_object(name, modes):
                yield path
        if begun:
            yield from _left_behind(root, folder, begun)


def _is_begun(name: str) -> bool:
    """Tell whether a writer of ours names its unfinished files so: `.NAME.new`."""
    return (
        name.startswith(".")
        and name.endswith(".new")
        and is_key(name[1:-4].removesuffix(LOCK_SUFFIX))
    )


def _locks_an_object(name: str, beside: dict[str, int]) -> bool:
    return name.endswith(LOCK_SUFFIX) and stat.S_ISREG(
        beside.get(name.removesuffix(LOCK_SUFFIX), 0)
    )


def _left_behind(root: Path, folder: str, begun: list[str]) -> Iterator[str]:
    """Yield those of the unfinished files in `folder` that belong to no running writer."""
    handle = os.open(root / folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield from (path for path in begun if os.path.lexists(root / path))
    except BlockingIOError:
        return
    finally:
        os.close(handle)
