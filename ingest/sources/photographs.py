"""Several photographs that are one paper: a page each, in the order in which they were chosen.

Their bytes are kept in one ZIP without compression (ISO/IEC 21320-1). The same photographs in the
same order give the same bytes.
"""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from ingest.forms.chart_schema import MOST_PHOTOGRAPHS as MOST
from ingest.sources.kinds import KINDS, PDF, PHOTOGRAPHS, FileKind, kind_of

__all__ = ["MOST", "Content", "Photograph", "Photographs", "bundle", "images"]

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can say
_UNIX, _READABLE = 3, 0o644 << 16


@dataclass(frozen=True, slots=True)
class Photograph:
    """One photograph as received."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Photographs:
    """The photographs of one paper, in their order."""

    photographs: tuple[Photograph, ...]


# What a finished file may come as: one file, or the photographs of one paper.
Content = bytes | Photographs


def kind_of_photograph(data: bytes) -> FileKind | None:
    """Return the kind of an image; None for a PDF and anything else."""
    kind = kind_of(data)
    return None if kind is PDF else kind


def bundle(photographs: Photographs) -> bytes:
    """Return the photographs in one file. Their names stay behind: they may tell of the patient."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, each in enumerate(photographs.photographs, start=1):
            kind = kind_of_photograph(each.data)
            assert kind is not None  # the examiner has looked at it
            member = zipfile.ZipInfo(f"{number:03d}{kind.suffixes[0]}", _MOMENT)
            member.create_system, member.external_attr = _UNIX, _READABLE
            archive.writestr(member, each.data)
    return out.getvalue()


def images(bundled: bytes) -> list[tuple[bytes, FileKind]]:
    """Return each photograph of a bundle that Kho made, with its kind, in order."""
    read = []
    with zipfile.ZipFile(BytesIO(bundled)) as archive:
        for member in archive.infolist():
            data = archive.read(member)
            kind = kind_of_photograph(data)
            if kind is None:
                raise ValueError("no image in a bundle of photographs")
            read.append((data, kind))
    return read


def bundle_name(name: str) -> str:
    """Return the name of a bundle that people called `name`, without the ending of one image."""
    path = PurePosixPath(name)
    endings = {suffix for kind in KINDS for suffix in kind.suffixes} | set(PHOTOGRAPHS.suffixes)
    return f"{path.stem if path.suffix.lower() in endings else name}{PHOTOGRAPHS.suffixes[0]}"
