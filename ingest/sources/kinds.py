"""The kind of a finished file, by its first bytes; its name may not contradict them."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that Kho takes: its media type, what it begins with, and how its names may
    end.
    """

    media_type: str
    begins: tuple[bytes, ...]
    suffixes: tuple[str, ...]

    @property
    def attachment(self) -> str:
        """The name under which a file of this kind is attached to its document."""
        return f"original{self.suffixes[0]}"


PDF = FileKind("application/pdf", (b"%PDF-",), (".pdf",))
JPEG = FileKind("image/jpeg", (b"\xff\xd8\xff",), (".jpg", ".jpeg"))
PNG = FileKind("image/png", (b"\x89PNG\r\n\x1a\n",), (".png",))
TIFF = FileKind("image/tiff", (b"II*\0", b"MM\0*"), (".tif", ".tiff"))
KINDS = (PDF, JPEG, PNG, TIFF)
# The photographs of one paper in one file, which Kho itself makes: it comes from nowhere else.
PHOTOGRAPHS = FileKind("application/zip", (), (".zip",))
KEPT_KINDS = (*KINDS, PHOTOGRAPHS)
_HEADER_WITHIN = 1024  # readers take a PDF that begins this late: Kho sees it, and refuses it


def kind_of(data: bytes) -> FileKind | None:
    """Return the kind of `data`, or None for one that Kho does not take."""
    kind = next((kind for kind in KINDS if data.startswith(kind.begins)), None)
    if kind is not PDF and PDF.begins[0] in data[:_HEADER_WITHIN]:
        return PDF
    return kind


def kind_of_type(media_type: str) -> FileKind:
    """Return the kind with this media type; raises :class:`KeyError`."""
    return {kind.media_type: kind for kind in KEPT_KINDS}[media_type]


def fits(name: str, kind: FileKind) -> bool:
    """Return whether `name` may be a file of `kind`: an ending that means another kind is a mistake
    or a trick.
    """
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in kind.suffixes or all(suffix not in other.suffixes for other in KINDS)
