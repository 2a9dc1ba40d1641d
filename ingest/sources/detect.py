"""Which source a file is, told by its content and never by its name."""

import codecs

from archive.errors import Refused
from archive.identifiers import FacilityCode
from ingest.sources import json_record, utf8
from ingest.sources.bhyt.envelope import ROOT
from ingest.sources.bhyt.parse import parse as parse_bhyt
from ingest.sources.faults import fault
from ingest.sources.json_record import ChartSchemas
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.strict_xml import root_name
from ingest.submission import Parsed, RefusedSource


def parse_source(
    name: str, data: bytes, catalog: ChartSchemas, facility: FacilityCode, limits: Limits = DEFAULT_LIMITS
) -> Parsed:
    """Return the submissions and refusals that the file `name` holds. It raises nothing for bad input.

    A JSON record begins with `{`, an insurance file is XML with the root GIAMDINHHS; anything else is refused with
    `source.unknown_kind`.
    """
    if len(data) > limits.source_bytes:
        return _refused(name, "source.too_large", limit=limits.source_bytes)
    begin = data[:4096].removeprefix(codecs.BOM_UTF8).lstrip()
    if not begin and not data.removeprefix(codecs.BOM_UTF8).strip():
        return _refused(name, "source.empty")
    try:
        if begin.startswith(b"{"):
            return json_record.parse(name, data, catalog, facility, limits)
        if begin.startswith(b"<") and root_name(data, "/") == ROOT:
            return parse_bhyt(name, data, facility, limits)
        utf8.refuse_other_marks(data, "/")  # says more than "unknown" of a file saved as UTF-16
    except Refused as refused:
        return (RefusedSource(name, refused.faults),)
    return _refused(name, "source.unknown_kind")


def _refused(name: str, code: str, **facts: object) -> Parsed:
    return (RefusedSource(name, (fault("/", code, **facts),)),)
