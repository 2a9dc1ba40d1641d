"""The papers of a chart: one for each table that has data.

A paper holds the bytes of its own table only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from archive.base.identifiers import FormCode, sha256
from ingest.sources.bhyt.content import Content, Row, split
from ingest.sources.bhyt.dates import parse_when
from ingest.sources.bhyt.policy import policy
from ingest.sources.bhyt.table import Field, FieldKind, Version
from ingest.submission import Paper, SourcePart

COVER = "XML1"


def papers(contents: Sequence[Content], version: Version) -> tuple[Paper, ...]:
    """Return the papers of tables that were checked against `version`, in the file's order.

    `data` of every paper: `version` (the decision's name) and `MA_LK`; of a table with rows `rows`,
    of one that is a single record its fields; and `others`, what no field table knows. Dates are
    ISO 8601 (several in one field: dd/MM/yyyy with ';'), everything else is the text that was
    received, in NFC. The cover (XML1) has `digests`: the SHA-256 of the other tables' bytes,
    sensitive tables left out, because a cover is shown where they must not even be known to exist.
    """
    return tuple(_paper(content, contents, version) for content in contents)


def _paper(content: Content, contents: Sequence[Content], version: Version) -> Paper:
    code = content.file.code
    fields = version.tables[code].fields if code in version.tables else content.table.fields
    first = content.rows[0]
    data: dict[str, Any] = {"version": version.decision}
    if "MA_LK" in first.values:
        data["MA_LK"] = first.values["MA_LK"]
    if content.table.row is None:
        data |= _values(first, fields)
    else:
        data["rows"] = [_values(row, fields) for row in content.rows]
    if others := _others(content, fields):
        data["others"] = others
    if code == COVER:
        data["digests"] = _digests(content, contents)
    suffix = "" if content.file.index == 1 else f"-{content.file.index}"
    part = SourcePart(
        name=f"{code}{suffix}.xml",
        media_type="application/xml",
        data=content.file.data,
        description=f"Bảng {code} của {version.decision}, nguyên văn như đã nhận",
    )
    return Paper(FormCode(code), str(content.file.index), data, part)


def _values(row: Row, fields: Mapping[str, Field]) -> dict[str, str]:
    return {
        name: _value(row.values[name], field)
        for name, field in fields.items()
        if name in row.values and name != "MA_LK"
    }


def _value(text: str, field: Field) -> str:
    if field.kind is FieldKind.DATE:
        return parse_when(text).iso_date()
    if field.kind is FieldKind.DATETIME:
        return parse_when(text).iso()
    if field.kind is FieldKind.DATES:
        moments = [parse_when(part) for part in split(text)]
        return (
            moments[0].iso()
            if len(moments) == 1
            else "; ".join(moment.for_people() for moment in moments)
        )
    return text


def _others(content: Content, fields: Mapping[str, Field]) -> list[dict[str, str]]:
    return [
        {"row": str(number), "name": name, "value": value}
        for number, row in enumerate(content.rows, start=1)
        for name, value in row.values.items()
        if name not in fields and name != "MA_LK"
    ]


def _digests(cover: Content, contents: Sequence[Content]) -> list[dict[str, str]]:
    return [
        {"table": each.file.code, "sha256": sha256(each.file.data)}
        for each in contents
        if each is not cover and each.file.code not in policy().sensitive
    ]
