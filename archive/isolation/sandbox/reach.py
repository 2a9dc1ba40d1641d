"""What a child may reach, and the step that takes everything else away."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import archive
from archive.isolation.sandbox import landlock, seccomp
from archive.isolation.sandbox.landlock import READ, RUN, WORK, Right

_CODE = Path(archive.__file__).parents[1]
# of an installation; never the whole prefix
_PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libexec", "share")
# Settings and caches of installed software; nothing of the archive, of accounts or of other
# processes.
_SETTINGS = (
    "/etc/ld.so.cache", "/etc/fonts", "/etc/ghostscript", "/etc/papersize", "/etc/paperspecs",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf", "/etc/mime.types", "/var/lib/ghostscript", "/var/cache/fontconfig",
    "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/dev/zero", "/dev/random",
    "/dev/urandom",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """What a child may reach beside its memory, its open files and installed software.

    Every child may read the installed software.

    `folder`: where it may write. `becomes`: it may become an installed program. `starts`: it may
      start installed
    programs, and end them. `search`: where its programs are looked for, as in PATH.
    """

    folder: str | None = None
    becomes: bool = False
    starts: bool = False
    search: str = os.defpath


NOTHING = Reach()


def enclose(reach: Reach) -> None:
    """Deny this process, and all that it starts, everything that `reach` does not name.

    It needs no_new_privs.

    A feature that the kernel lacks is skipped: :mod:`archive.isolation.sandbox.weaknesses` reports
    it. Raises OSError where the kernel has it and fails.
    """
    landlock.restrict(places(reach))
    seccomp.install(becomes=reach.becomes, starts=reach.starts)


def places(reach: Reach) -> Mapping[str, int]:
    """Return the rights on each path that `reach` names."""
    software = RUN if reach.becomes else READ
    rights: dict[str, int] = dict.fromkeys(_software(reach.search), software)
    rights |= dict.fromkeys(_SETTINGS, READ)
    rights["/dev/null"] = Right.READ_FILE | Right.WRITE_FILE
    if reach.folder is not None:
        rights[reach.folder] = WORK
    return rights


@cache
def _software(search: str) -> tuple[str, ...]:
    """Return where installed software lies.

    It is the system's, Python's and Kho's own, and programs on the path `search`.
    """
    return tuple(dict.fromkeys(str(path.resolve()) for path in _installed(search) if path.exists()))


def _installed(search: str) -> Iterator[Path]:
    for prefix in dict.fromkeys(("/", "/usr", "/usr/local", sys.prefix, sys.base_prefix)):
        yield from (Path(prefix, part) for part in _PARTS)
    yield Path(sys.prefix, "pyvenv.cfg")
    yield from (file.parent for file in _CODE.glob("*/__init__.py"))
    for folder in filter(os.path.isabs, search.split(os.pathsep)):
        yield from (Path(folder), Path(folder).parent / "lib")
