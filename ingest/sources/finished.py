"""Finished files of a JSON record: what a paper's `file` says, and where its bytes are: in the
record or beside it.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from archive.base.errors import SubmissionRejected
from archive.base.text import TooManyMarks, normal
from ingest.sources.faults import Faults, refuse
from ingest.sources.limits import Limits
from ingest.sources.photographs import Content, Photograph, Photographs
from ingest.sources.spelling import Spellings
from ingest.submission import FinishedFile

# What looks at a file and says what it is: its name, its bytes, its date, and the path of its
# faults. Raises :class:`archive.base.errors.SubmissionRejected`, and
# :class:`archive.base.errors.Unavailable` where a component that it needs is away.
Examine = Callable[[str, Content, date | None, str], FinishedFile]

# The places of a record (JSON Pointer) that name files beside it. Their spelling is kept: it
# distinguishes files.
FILE_NAMES = re.compile(r"/papers/\d+/file/(name|photographs/\d+)\Z")
_BAD_IN_NAMES = frozenset('/\\:<>"|?*')
# controls, marks of direction, lone surrogates, line and paragraph ends
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def refuse_files(name: str, data: Content, dated: date | None, path: str) -> FinishedFile:
    """Refuse every file: the default for sources without an examiner."""
    raise refuse(path, "file.not_taken")


def detach_contents(record: object, faults: Faults) -> dict[int, bytes]:
    """Take the base64 contents out of a record that is not validated yet; return them by place of
    their paper.

    They are not text: the schema checks only that they are there.
    """
    contents: dict[int, bytes] = {}
    for place, entry in _entries(record):
        content = entry.get("content")
        if isinstance(content, str):
            entry["content"] = ""
            try:
                contents[place] = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                faults.add(f"/papers/{place}/file/content", "file.not_base64")
    return contents


def names_beside(record: object) -> frozenset[str]:
    """Return the names of the files that `record` looks for beside it, as it spells them."""
    names: list[object] = []
    for _, entry in _entries(record):
        several = entry.get("photographs")
        if isinstance(several, list):
            names += several
        elif "content" not in entry:
            names.append(entry.get("name"))
    return frozenset(name for name in names if isinstance(name, str))


class Files:
    """Finds and examines the files of one record; `beside` are the ones that came with it,
    by name.
    """

    def __init__(
        self,
        contents: Mapping[int, bytes],
        beside: Mapping[str, bytes],
        examine: Examine,
        limits: Limits,
    ) -> None:
        self._contents, self._beside, self._examine, self._limits = (
            contents,
            beside,
            examine,
            limits,
        )
        self._left, self._spellings = limits.files_bytes, Spellings(beside)
        self._taken: set[str] = set()

    def take(self, place: int, entry: Mapping[str, Any], faults: Faults) -> FinishedFile | None:
        """Return the file of the paper at `place`,
        or None with what is wrong with it in `faults`.
        """
        path = f"/papers/{place}/file"
        try:
            name = checked_name(entry["name"], f"{path}/name", self._limits)
            data = self._content(place, entry, path)
            dated = date.fromisoformat(entry["dated"]) if entry.get("dated") else None
            return self._examine(name, data, dated, path)
        except SubmissionRejected as refused:
            faults.extend(refused.faults)
            return None

    def _content(self, place: int, entry: Mapping[str, Any], path: str) -> Content:
        if "photographs" in entry:
            return Photographs(
                tuple(
                    Photograph(name, self._counted(self._read(name, at), at))
                    for number, name in enumerate(entry["photographs"])
                    for at in [f"{path}/photographs/{number}"]
                )
            )
        if place in self._contents:
            return self._counted(self._contents[place], path)
        return self._counted(self._read(entry["name"], f"{path}/name"), path)

    def _counted(self, data: bytes, path: str) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise refuse(path, "file.together_too_large", limit=self._limits.files_bytes)
        return data

    def _read(self, spelled: str, path: str) -> bytes:
        name = self._spellings.only(spelled, path)
        if name in self._taken:
            raise refuse(path, "file.repeated")
        self._taken.add(name)
        try:
            return self._beside[name]
        except KeyError as error:  # it was there a moment ago
            raise refuse(path, "file.missing") from error
        except SubmissionRejected as refused:  # a link, a pipe, or too large
            raise SubmissionRejected(
                [replace(fault, path=path) for fault in refused.faults]
            ) from refused


def checked_name(name: str, path: str, limits: Limits) -> str:
    """Return `name` in NFC; raises SubmissionRejected (`file.name`) for a path, invisible marks,
    and names too long.
    """
    try:
        name = normal(name) if len(name) <= 4 * limits.file_name_characters else ""
    except TooManyMarks as error:
        raise refuse(path, "file.name") from error
    odd = any(letter in _BAD_IN_NAMES or unicodedata.category(letter) in _UNSEEN for letter in name)
    if (
        odd
        or name.startswith(".")
        or name.strip() != name
        or not 0 < len(name) <= limits.file_name_characters
    ):
        raise refuse(path, "file.name")
    return name


def _entries(record: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the place and the `file` member of each paper that has one, whatever else is wrong with
    the record.
    """
    papers = record.get("papers") if isinstance(record, dict) else None
    for place, paper in enumerate(papers if isinstance(papers, list) else ()):
        entry = paper.get("file") if isinstance(paper, dict) else None
        if isinstance(entry, dict):
            yield place, entry
