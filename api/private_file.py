"""Writing a file that only its owner reads, whole or not at all."""

import os
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Write `text` to `file` with mode 0600, on disk when this returns; its folder is made with
    mode 0700.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)  # left by a killed process with the same process id
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    put_in_place(temporary, file)


def put_in_place(temporary: Path, file: Path) -> None:
    """Give `temporary` the name of `file`, in the same folder, on disk when this returns."""
    temporary.replace(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
