"""The GIAMDINHHS envelope (CV 1245/BHXH-CNTT, 3.4) read tolerantly: which charts it holds, and each
table's own bytes.

Tolerated, because it is met in the wild: NOIDUNGFILE as base64, as nested XML, as CDATA or as
escaped text, with a byte order mark inside or outside; empty NOIDUNGFILE; a SOLUONGHOSO that is
wrong; no NGAYLAP or CHUKYDONVI; FILEHOSO straight under DANHSACHHOSO. CHUKYDONVI is not judged: it
signs the envelope, and a paper carries only its own table.
"""

import base64
import binascii
from dataclasses import dataclass

from archive.base.errors import SubmissionRejected
from ingest.sources.bhyt.policy import policy
from ingest.sources.bhyt.table import structures
from ingest.sources.faults import Faults, refuse
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.strict_xml import Element, parse_xml

ROOT = "GIAMDINHHS"
_CONTENT = "NOIDUNGFILE"
_COMPRESSED = (
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)


@dataclass(frozen=True, slots=True)
class TableFile:
    """One FILEHOSO with content: the table's code, its place among files of that code, and its
    bytes as received.
    """

    code: str
    index: int  # from 1
    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ChartFiles:
    """One HOSO: its path, its tables that are not empty, and what was wrong with the others."""

    path: str
    files: tuple[TableFile, ...]
    faults: Faults


@dataclass(frozen=True, slots=True)
class Envelope:
    """The facility that the envelope names (None: not said), and its charts in order."""

    facility: str | None
    charts: tuple[ChartFiles, ...]


def read_envelope(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Envelope:
    """Read a GIAMDINHHS file; raises :class:`archive.base.errors.SubmissionRejected` for a fault of
    the envelope itself.
    """
    if len(data) > limits.source_bytes:
        raise refuse("/", "source.too_large", limit=limits.source_bytes)
    root = parse_xml(data, "/", limits=limits, opaque=frozenset({_CONTENT}))
    if root.name != ROOT:
        raise refuse("/", "envelope.root")
    groups = _groups(root)
    if not groups:
        raise refuse("/THONGTINHOSO/DANHSACHHOSO", "envelope.no_chart")
    if len(groups) > limits.charts:
        raise refuse("/THONGTINHOSO/DANHSACHHOSO", "envelope.too_many_charts", limit=limits.charts)
    charts = tuple(
        _chart(f"/HOSO[{number}]", group, data, limits)
        for number, group in enumerate(groups, start=1)
    )
    return Envelope(_facility(root), charts)


def _facility(root: Element) -> str | None:
    unit = root.find("THONGTINDONVI")
    code = unit.find("MACSKCB") if unit else None
    return (code.text.strip() or None) if code else None


def _groups(root: Element) -> list[list[Element]]:
    """The FILEHOSO of each chart.

    Those outside any HOSO are one chart, in the place of the first of them.
    """
    groups: list[list[Element]] = []
    loose: list[Element] | None = None
    for part in root.all("THONGTINHOSO"):
        for listed in [child for list_ in part.all("DANHSACHHOSO") for child in list_.children]:
            if listed.name == "HOSO":
                groups.append(listed.all("FILEHOSO"))
            elif listed.name == "FILEHOSO":
                if loose is None:
                    loose = []
                    groups.append(loose)
                loose.append(listed)
    return groups


def _chart(path: str, elements: list[Element], data: bytes, limits: Limits) -> ChartFiles:
    faults = Faults()
    files: list[TableFile] = []
    seen: dict[str, int] = {}
    if len(elements) > limits.files_of_a_chart:
        faults.add(path, "chart.too_many_files", limit=limits.files_of_a_chart)
        return ChartFiles(path, (), faults)
    for number, element in enumerate(elements, start=1):
        try:
            code, content = _file(f"{path}/FILEHOSO[{number}]", path, element, data, limits)
        except SubmissionRejected as refused:
            faults.extend(refused.faults)
            continue
        if code is None or content is None:
            continue
        seen[code] = seen.get(code, 0) + 1
        file_path = f"{path}/{code}" if seen[code] == 1 else f"{path}/{code}[{seen[code]}]"
        if seen[code] > 1 and code not in policy().repeatable:
            faults.add(file_path, "table.repeated")
            continue
        files.append(TableFile(code, seen[code], file_path, content))
    return ChartFiles(path, tuple(files), faults)


def _file(
    path: str, chart_path: str, element: Element, data: bytes, limits: Limits
) -> tuple[str | None, bytes | None]:
    """The table's code and bytes; None where it is not a paper of a chart or is empty."""
    kind, content = element.find("LOAIHOSO"), element.find(_CONTENT)
    body = _bytes(content, data) if content is not None else None
    code = kind.text.strip().upper() if kind else ""
    if code in policy().ignored or (not code and body is None):
        return None, None
    if not code:
        raise refuse(f"{path}/LOAIHOSO", "table.kind_missing")
    if code not in structures():
        raise refuse(f"{path}/LOAIHOSO", "table.unknown")
    table_path = f"{chart_path}/{code}"
    if body is None:
        return code, None
    if content is not None and len(content.nested) > 1:
        raise refuse(table_path, "table.several_roots")
    if isinstance(body, str):
        body = _decoded(body, table_path)
    if len(body) > limits.table_bytes:
        raise refuse(table_path, "table.too_large", limit=limits.table_bytes)
    if body.startswith(_COMPRESSED):
        raise refuse(table_path, "table.compressed")
    return code, (body if body.strip() else None)


def _bytes(content: Element, data: bytes) -> bytes | str | None:
    """Return the table's bytes if it is written as XML, its base64 text if not, None if there is
    nothing.
    """
    if content.nested:
        start, end = content.nested[0]
        return data[start:end]
    text = content.text.strip().removeprefix("\ufeff").strip()
    if not text:
        return None
    if not text.startswith("<"):
        return text
    if len(content.cdata) == 1:  # the very bytes; an XML parser would have changed the line ends
        start, end = content.cdata[0]
        if data[start:end].decode("utf-8").strip().removeprefix("\ufeff").startswith("<"):
            return data[start:end]
    return content.text.strip().encode("utf-8")


def _decoded(text: str, path: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refuse(path, "table.not_base64") from error
