"""Building a judge from its sources once, into `.judges/`, where later runs find it."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock

CACHE = Path(__file__).parents[2] / ".judges"


class BuildFailed(Exception):
    """A compiler failed; the message holds what it said."""


def once(source: Path, make: Callable[[Path], None], *, cache: Path = CACHE) -> Path:
    """Return the folder that `make` filled from the files in `source`, made now if it is not there
    yet.

    It is keyed by the digest of the sources. A file lock lets parallel test workers share one
    build; the folder gets its name only when it is whole.
    """
    digest = hashlib.sha256()
    for file in sorted(source.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    folder = cache / f"{source.name}-{digest.hexdigest()[:16]}"
    cache.mkdir(exist_ok=True)
    with FileLock(cache / f"{source.name}.lock"):
        if not folder.exists():
            half = folder.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            make(half)
            half.rename(folder)
    return folder


def run(*command: str, folder: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    """Run a compiler in `folder`, with `env` added to the environment; raises :class:`BuildFailed`
    where it fails.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
