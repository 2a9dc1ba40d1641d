"""EU DSS, the European Commission's validator of signatures, held to more than it asks itself: no
warning passes.

DSS's own TOTAL_PASSED is not enough: with its default policy it says so of a file whose pages were
replaced after the seal, whose archive timestamp is broken, or that goes on after the last one. So
:meth:`Verdict.faults` asks for all that DSS found, not for its verdict alone.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.judges.java_judge import JavaJudge
from tests.judges.warm import WarmProcess

ORIGINAL = "PAdES-BASELINE-LTA"  # what every original of ours must be (ETSI EN 319 142-1, 6)
# and every packet's signature (ETSI EN 319 122-1, 6), in an ASiC-E container
PACKET = "CAdES-BASELINE-LT"

_EOF = b"%%EOF"
_HEX_STRING = re.compile(rb"<[0-9A-Fa-f]+>\Z")
# What may come after a seal: validation data, and document timestamps (a field of the form and a
# widget on a page).
_VALIDATION_DATA = re.compile(r"CREATION \S+ /Catalog /(DSS|Extensions)\b")
_WIDGET = re.compile(
    r"CREATION DocTimeStamp /Catalog .*/Annots .*?(\d+ \d+ R)\Z"
)  # by whatever way DSS reached the page
_FIELD = re.compile(r"CREATION DocTimeStamp /Catalog /AcroForm .*/Fields .*?(\d+ \d+ R)\Z")
_ASIC_E = b"application/vnd.etsi.asic-e+zip"
# in a container; DSS judges the signatures
_UNSIGNED = re.compile(r"mimetype\Z|META-INF/signature\w*\.p7s\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """What DSS says of one signature or timestamp.

    `kind` is a signature's level (`PAdES-BASELINE-LTA`) or a timestamp's type
    (`DOCUMENT_TIMESTAMP`); `range` a PDF's /ByteRange; `changes` what came after it in a PDF
    (`CREATION DSS /Catalog /DSS 56 0 R`); `covers` names of files.
    """

    kind: str
    indication: str
    sub_indication: str
    errors: list[str]
    warnings: list[str]
    covers: list[str]
    range: list[int]
    changes: list[str]

    @property
    def end(self) -> int:
        """One past the last byte that it covers in a PDF."""
        return self.range[2] + self.range[3]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What DSS says of one file.

    `error`: what stopped it; `container`: `ASiC-E`, where the file is one.
    """

    path: Path
    error: str | None
    container: str | None
    signatures: list[Token]
    timestamps: list[Token]

    @classmethod
    def parse(cls, path: Path, said: dict[str, Any]) -> "Verdict":
        """Return the verdict that the Java side wrote."""
        signatures, timestamps = (
            [Token(**token) for token in said[key]] for key in ("signatures", "timestamps")
        )
        return cls(path, said["error"], said["container"], signatures, timestamps)

    def faults(self, level: str) -> list[str]:
        """Return why the file, a PDF or an ASiC-E container, is not a perfect one of `level`;
        nothing where it is.
        """
        if self.error is not None or not self.signatures:
            return [self.error or "DSS finds no signature"]
        return [
            *self._token_faults(level),
            *(self._container_faults() if self.container else self._pdf_faults()),
        ]

    def _token_faults(self, level: str) -> Iterator[str]:
        wanted = [(signature, "TOTAL_PASSED") for signature in self.signatures] + [
            (timestamp, "PASSED") for timestamp in self.timestamps
        ]
        for token, passed in wanted:
            if token.indication != passed or token.errors:
                yield (
                    f"{token.kind} is {token.indication} {token.sub_indication}: "
                    f"{' '.join(token.errors)}"
                )
            yield from (f"{token.kind} has a warning: {warning}" for warning in token.warnings)
        for signature in self.signatures:
            if signature.kind != level:
                yield f"a signature is {signature.kind}, not {level}"
        if not self.timestamps:
            yield "there is no timestamp"

    def _pdf_faults(self) -> Iterator[str]:
        data = self.path.read_bytes()
        in_pdf = [
            signature for signature in (*self.signatures, *self.timestamps) if signature.range
        ]
        for token in in_pdf:
            later = sum(
                timestamp.end > token.end for timestamp in self.timestamps if timestamp.range
            )
            yield from (
                f"after {token.kind}: {change}" for change in _not_archival(token.changes, later)
            )
            start, gap, resume, _ = token.range
            if start != 0 or not _HEX_STRING.match(data[gap:resume]):
                yield f"{token.kind} leaves out more than itself: {token.range}"
            if not data[: token.end].rstrip(b"\r\n").endswith(_EOF):
                yield f"{token.kind} does not cover a whole revision"
        if max((token.end for token in in_pdf), default=0) != len(data):
            yield "there is something after the last signature or timestamp"

    def _container_faults(self) -> Iterator[str]:
        if self.container != "ASiC-E":
            yield f"the container is {self.container}"
        with zipfile.ZipFile(self.path) as container:
            first, names = container.infolist()[0], container.namelist()
            kind = container.read(first)
        if (first.filename, first.header_offset, first.compress_type, kind) != (
            "mimetype",
            0,
            0,
            _ASIC_E,
        ):
            yield "the container does not begin with its media type"
        listed = {name for signature in self.signatures for name in signature.covers}
        for name in sorted({name for name in names if not _UNSIGNED.match(name)} ^ listed):
            yield f"{name} is in the container or under its signature, not both"
        if len(names) != len(set(names)):
            yield "the container has a name twice"


class Dss:
    """One warm DSS process, offline: it knows the roots that it is given and the file.

    Close it, or use `with`.
    """

    def __init__(self, judge: JavaJudge) -> None:
        self._process = WarmProcess(judge.command("-Xmx512m"))

    def judge(self, path: Path, trust: Path) -> Verdict:
        """Return what DSS says of the PDF or ASiC container at `path`; `trust` is a PEM file of
        roots.
        """
        return Verdict.parse(path, self._process.ask(f"{trust.absolute()}\t{path.absolute()}"))

    def accept(self, path: Path, trust: Path, level: str = ORIGINAL) -> None:
        """Fail the test unless the file is a perfect one of `level`, without any warning."""
        faults = self.judge(path, trust).faults(level)
        assert not faults, "\n  ".join([f"EU DSS on {path}", *faults])

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def __enter__(self) -> Self:
        """Return the judge itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()


def _not_archival(changes: list[str], later_timestamps: int) -> Iterator[str]:
    """Yield what is no archival addition; `later_timestamps` is how many document timestamps were
    added.
    """
    widgets, fields = set(), set()
    for change in changes:
        if widget := _WIDGET.match(change):
            widgets.add(widget[1])
        elif field := _FIELD.match(change):
            fields.add(field[1])
        elif not _VALIDATION_DATA.match(change):
            yield change
    # DSS believes what an object says of itself: an annotation may call itself a document
    # timestamp.
    if not widgets <= fields or len(fields) != later_timestamps:
        yield (
            f"{len(fields)} fields and {len(widgets)} widgets for {later_timestamps} document "
            "timestamps"
        )
