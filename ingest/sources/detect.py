"""Which kind of source a file is, by its content and never by its name."""

import codecs
from collections.abc import Mapping

from archive.base.errors import SubmissionRejected
from archive.base.identifiers import FacilityCode
from ingest.sources import json_record, utf8
from ingest.sources.bhyt.envelope import ROOT
from ingest.sources.bhyt.parse import parse as parse_bhyt
from ingest.sources.faults import fault
from ingest.sources.finished import Examine, refuse_files
from ingest.sources.json_record import ChartRules
from ingest.sources.kinds import kind_of
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.sources.strict_xml import root_name
from ingest.submission import Parsed, RefusedSource

_NOTHING: Mapping[str, bytes] = {}


def parse_source(
    name: str,
    data: bytes,
    catalog: ChartRules,
    facility: FacilityCode,
    limits: Limits = DEFAULT_LIMITS,
    *,
    beside: Mapping[str, bytes] = _NOTHING,
    examine: Examine = refuse_files,
) -> Parsed:
    """Return the submissions and refusals that the file `name` holds.

    It raises nothing for bad input.

    A JSON record begins with `{`, an insurance file is XML with the root GIAMDINHHS; a PDF or an
    image says of itself neither form nor chart (`source.file_alone`); anything else is refused with
    `source.unknown_kind`. `beside` are the files that came with a JSON record, by name
    (:mod:`ingest.sources.finished`), `examine` looks at them; it raises
    :class:`archive.base.errors.Unavailable` where a component that it needs is away.
    """
    if len(data) > limits.source_bytes:
        return _refused(name, "source.too_large", limit=limits.source_bytes)
    begin = data[:4096].removeprefix(codecs.BOM_UTF8).lstrip()
    if not begin and not data.removeprefix(codecs.BOM_UTF8).strip():
        return _refused(name, "source.empty")
    try:
        if begin.startswith(b"{"):
            return json_record.parse(name, data, catalog, facility, limits, beside, examine)
        if begin.startswith(b"<") and root_name(data, "/") == ROOT:
            return parse_bhyt(name, data, facility, limits)
        # a clearer fault than "unknown" for a file saved as UTF-16
        utf8.refuse_other_marks(data, "/")
    except SubmissionRejected as refused:
        return (RefusedSource(name, refused.faults),)
    return _refused(name, "source.file_alone" if kind_of(data) else "source.unknown_kind")


def _refused(name: str, code: str, **facts: object) -> Parsed:
    return (RefusedSource(name, (fault("/", code, **facts),)),)
