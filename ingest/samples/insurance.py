"""Insurance files of invented episodes, in every form that real programs write."""

import base64
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from xml.sax.saxutils import escape

from archive.base.identifiers import FacilityCode
from ingest.samples.values import Row
from ingest.sources.bhyt.table import Version

BOM = b"\xef\xbb\xbf"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_ROOT_OF_XML12 = "CHI_TIEU_DU_LIEU_GIAM_DINH_Y_KHOA"  # no template names it


class Wrapping(StrEnum):
    """How NOIDUNGFILE holds a table."""

    BASE64 = "base64"
    BASE64_BOM = "base64_bom"
    NESTED = "nested"
    CDATA = "cdata"


def table_xml(code: str, rows: list[Row], version: Version) -> bytes:
    """Return the table `code` as `version` writes it: every field in its order, empty ones too, as
    UTF-8.
    """
    table = version.tables[code]
    records = [
        "".join(f"<{name}>{escape(row.get(name, ''))}</{name}>\n" for name in table.fields)
        for row in rows
    ]
    if table.row is None:
        root = table.root or _ROOT_OF_XML12
        return f"<{root}>\n{records[0]}</{root}>".encode()
    listed = "".join(f"<{table.row}>\n{record}</{table.row}>\n" for record in records)
    return f"<{table.root}>\n<{table.list}>\n{listed}</{table.list}>\n</{table.root}>".encode()


def wrapped(xml: bytes, wrapping: Wrapping) -> bytes:
    """Return a table as the content of NOIDUNGFILE."""
    document = _DECLARATION.encode() + xml
    if wrapping is Wrapping.NESTED:
        return xml
    if wrapping is Wrapping.CDATA:
        return b"<![CDATA[" + document + b"]]>"
    return base64.b64encode(BOM + document if wrapping is Wrapping.BASE64_BOM else document)


def chart_xml(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the FILEHOSO elements of one chart, from table codes and contents of NOIDUNGFILE."""
    return b"".join(
        b"<FILEHOSO><LOAIHOSO>%b</LOAIHOSO><NOIDUNGFILE>%b</NOIDUNGFILE></FILEHOSO>\n"
        % (code.encode(), content)
        for code, content in files
    )


def envelope_xml(
    facility: FacilityCode,
    charts: list[bytes],
    *,
    created_on: date | None,
    bom: bool = False,
    loose: bool = False,
) -> bytes:
    """Return a GIAMDINHHS file (CV 1245/BHXH-CNTT, 3.4).

    Without `created_on` it has no NGAYLAP and no CHUKYDONVI; `loose` leaves out HOSO, so that there
    is one chart only.
    """
    listed = (
        b"".join(charts)
        if loose
        else b"".join(b"<HOSO>\n" + chart + b"</HOSO>\n" for chart in charts)
    )
    day = f"<NGAYLAP>{created_on:%Y%m%d}</NGAYLAP>" if created_on else ""
    head = (
        f"{_DECLARATION}<GIAMDINHHS><THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI>\n"
        # 1 even when there are more, as is met
        f"<THONGTINHOSO>{day}<SOLUONGHOSO>1</SOLUONGHOSO><DANHSACHHOSO>\n"
    )
    tail = f"</DANHSACHHOSO></THONGTINHOSO>{'<CHUKYDONVI/>' if created_on else ''}</GIAMDINHHS>\n"
    return (BOM if bom else b"") + head.encode() + listed + tail.encode()
