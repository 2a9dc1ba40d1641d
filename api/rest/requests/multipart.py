"""A body of several parts (RFC 7578): one part `record`, a JSON record, and the finished files that
its papers name.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request

from api.rest.errors import RequestInvalid
from api.rest.models.base import Day
from archive.base.errors import Fault
from archive.base.identifiers import Sha256, sha256

RECORD = "record"
FILE = "file"
REASON = "reason"
DATED = "dated"
_DAY: TypeAdapter[date] = TypeAdapter(Day)

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


@dataclass(frozen=True, slots=True)
class CorrectionParts:
    """The right paper, the reason, and the day that the paper bears."""

    name: str
    data: bytes
    reason: str
    dated: date | None

    def digest(self) -> Sha256:
        """Return the digest of all that the parts say."""
        return sha256(
            "\n".join([sha256(self.data), self.name, self.reason, str(self.dated)]).encode()
        )


def read_correction(request: Request) -> CorrectionParts:
    """Return the parts `file`, `reason` and, if it is there, `dated` (YYYY-MM-DD) of a multipart
    body; raises RequestInvalid.
    """
    faults = [
        _fault(name, "request.part_unknown")
        for name in {*request.form, *request.files} - {FILE, REASON, DATED}
    ]
    for name, given in ((FILE, request.files), (REASON, request.form)):
        if len(given.getlist(name)) != 1:
            repeated = name in given
            faults.append(
                _fault(name, "request.part_repeated" if repeated else "request.part_missing")
            )
    texts = [request.form.get(REASON, ""), request.form.get(DATED, "")]
    faults += [_fault(REASON, "request.part_text") for text in texts if _REPLACED in text]
    dated: date | None = None
    if texts[1]:
        try:
            dated = _DAY.validate_python(texts[1])
        except ValueError:
            faults.append(_fault(DATED, "request.part_text"))
    if faults:
        raise RequestInvalid(faults)
    part = request.files[FILE]
    return CorrectionParts(part.filename or "", part.read(), texts[0], dated)


def _add(part: FileStorage, files: dict[str, bytes], faults: list[Fault]) -> None:
    name = part.filename or ""
    if not name or name in files:
        faults.append(_fault(FILE, "request.part_repeated" if name else "request.part_name"))
        return
    files[name] = part.read()


def _fault(name: str, code: str) -> Fault:
    return Fault.of("requests", f"/{name}", code)
