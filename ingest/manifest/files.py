"""The files that a manifest names: below its own folder, reached by handles, no link followed."""

import os
import stat
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from archive.base.printable import printable
from archive.files.beneath import HERE, OpenFolder
from ingest.sources.spelling import plain_spelling

Stamp = tuple[int, int]  # size in bytes, time of the last change in nanoseconds


class WrongFile(ValueError):
    """A cell that names no file to read: the code of its fault (`faults.yaml`), and what fills its
    sentence.
    """

    def __init__(self, code: str, **facts: object) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


class ManifestFiles:
    """Finds files below `folder`.

    A folder is listed once, and only where a name is not spelled as on the disk.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listed: dict[PurePosixPath, Mapping[str, list[str]]] = {}

    def locate(self, text: str) -> tuple[str, Stamp]:
        """Return the name of the file that `text` means, as the disk spells it with `/` between,
        and its stamp.

        Raises WrongFile.
        """
        *folders, last = _parts(text)
        place = HERE
        try:
            with OpenFolder.at(self._folder) as top:
                for name in folders:
                    with top.reach(place) as above:
                        actual = self._spelled(above, place, name)
                        if stat.S_ISLNK(above.status(actual).st_mode):
                            raise WrongFile("manifest.file_outside")
                        place /= actual
                with top.reach(place) as folder:
                    name = self._spelled(folder, place, last)
                    status = folder.status(name)
        except OSError as error:  # no such file, or a name that no file can have
            raise WrongFile("manifest.file_missing") from error
        if stat.S_ISLNK(status.st_mode):
            raise WrongFile("manifest.file_outside")
        if not stat.S_ISREG(status.st_mode):
            raise WrongFile("manifest.file_not_regular")
        return (place / name).as_posix(), (status.st_size, status.st_mtime_ns)

    def _spelled(self, folder: OpenFolder, place: PurePosixPath, name: str) -> str:
        """Return the name in `folder` that `name` means: itself, else the only one that differs in
        spelling alone.
        """
        if folder.has(name):
            return name
        if place not in self._listed:
            spellings = defaultdict[str, list[str]](list)
            for each in folder.names():
                spellings[plain_spelling(each)].append(each)
            self._listed[place] = spellings
        matches = self._listed[place].get(plain_spelling(name), [])
        if len(matches) > 1:
            names = ", ".join(printable(each, marks=True) for each in matches)
            raise WrongFile("manifest.file_ambiguous", names=names)
        if not matches:
            raise WrongFile("manifest.file_missing")
        return matches[0]


def open_file(folder: Path, name: str) -> int:
    """Open a file that :meth:`ManifestFiles.locate` found; return its handle.

    Raises :class:`OSError`.
    """
    place = PurePosixPath(name)
    with OpenFolder.at(folder) as top, top.reach(place.parent) as above:
        return above.opened(place.name)


def _parts(text: str) -> tuple[str, ...]:
    """Return the names on the way to a file; raises WrongFile for a way that begins or leads
    outside.
    """
    if not text:
        raise WrongFile("manifest.required")
    windows, plain = PureWindowsPath(text), PurePosixPath(text.replace("\\", "/"))
    if (
        windows.drive
        or windows.root
        or plain.is_absolute()
        or ".." in plain.parts
        or not plain.parts
    ):
        raise WrongFile("manifest.file_path")
    if any(len(os.fsencode(name)) > _LONGEST for name in plain.parts) or "\0" in text:
        raise WrongFile("manifest.file_missing")
    return plain.parts


_LONGEST = 1024  # bytes of a name in any of its spellings (NAME_MAX is 255)
