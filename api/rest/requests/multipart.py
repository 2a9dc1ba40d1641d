"""A body of several parts (RFC 7578): one part `record`, a JSON record, and the finished files that
its papers name.
"""

from dataclasses import dataclass

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request

from api.rest.errors import RequestInvalid
from archive.base.errors import Fault
from archive.base.identifiers import Sha256, sha256

RECORD = "record"
FILE = "file"

# what Werkzeug puts where a field is not UTF-8: the bytes are lost there
_REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Parts:
    """A record and the files beside it, by name."""

    record: bytes
    files: dict[str, bytes]

    def digest(self) -> Sha256:
        """Return the digest of all that the parts say, whatever the boundary between them is."""
        listed = [f"{sha256(self.record)} {RECORD}"]
        listed += [f"{sha256(data)} {FILE} {name}" for name, data in sorted(self.files.items())]
        return sha256("\n".join(listed).encode())


def read_parts(request: Request) -> Parts:
    """Return the parts of a multipart body; raises RequestInvalid.

    The record may be a field or a file; a file's name is what its paper's `file.name` says.
    """
    faults = [
        _fault(name, "request.part_unknown")
        for name in {*request.form, *request.files} - {RECORD, FILE}
    ]
    if FILE in request.form:
        faults.append(_fault(FILE, "request.part_name"))
    given = [text.encode() for text in request.form.getlist(RECORD)]
    given += [part.read() for part in request.files.getlist(RECORD)]
    if len(given) != 1:
        faults.append(_fault(RECORD, "request.part_repeated" if given else "request.part_missing"))
    if any(_REPLACED in text for text in request.form.getlist(RECORD)):
        faults.append(_fault(RECORD, "request.part_text"))
    files: dict[str, bytes] = {}
    for part in request.files.getlist(FILE):
        _add(part, files, faults)
    if faults:
        raise RequestInvalid(faults)
    return Parts(given[0], files)


def _add(part: FileStorage, files: dict[str, bytes], faults: list[Fault]) -> None:
    name = part.filename or ""
    if not name or name in files:
        faults.append(_fault(FILE, "request.part_repeated" if name else "request.part_name"))
        return
    files[name] = part.read()


def _fault(name: str, code: str) -> Fault:
    return Fault.of("requests", f"/{name}", code)
