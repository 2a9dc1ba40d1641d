"""Checks that tables are one chart of this facility: one episode, one patient, its code, the
required fields.
"""

from collections.abc import Sequence

from archive.base.identifiers import FacilityCode
from archive.base.text import same_name
from ingest.sources.bhyt.content import Content
from ingest.sources.bhyt.policy import policy
from ingest.sources.faults import Faults


def check_chart(
    path: str,
    contents: Sequence[Content],
    facility: FacilityCode,
    envelope_facility: str | None,
    faults: Faults,
) -> None:
    """Name everything in the tables of the chart at `path` that the policy (`archive.yaml`) does
    not allow.
    """
    _check_required(contents, faults)
    _check_episode(path, contents, faults)
    _check_facility(contents, facility, envelope_facility, faults)
    _check_same_patient(contents, faults)


def _check_required(contents: Sequence[Content], faults: Faults) -> None:
    for content in contents:
        for row in content.rows:
            for name in policy().required.get(content.file.code, ()):
                if name not in row.values:
                    faults.add(f"{row.path}/{name}", "field.required")


def _check_episode(path: str, contents: Sequence[Content], faults: Faults) -> None:
    episode = next((field[1] for content in contents if (field := content.first("MA_LK"))), None)
    if episode is None:
        faults.add(path, "chart.key_missing")
        return
    for content in contents:
        for row in content.rows if "MA_LK" in content.table.fields else ():
            if "MA_LK" not in row.values:
                faults.add(f"{row.path}/MA_LK", "chart.key_missing")
            elif row.values["MA_LK"] != episode:
                faults.add(f"{row.path}/MA_LK", "chart.key_differs")


def _check_facility(
    contents: Sequence[Content],
    facility: FacilityCode,
    envelope_facility: str | None,
    faults: Faults,
) -> None:
    named = envelope_facility is not None
    for content in contents:
        for row in content.rows if content.file.code in policy().facility else ():
            code = row.values.get("MA_CSKCB")
            named = named or code is not None
            if code not in (None, facility):
                faults.add(f"{row.path}/MA_CSKCB", "facility.other")
    if not named:
        faults.add("/THONGTINDONVI/MACSKCB", "facility.missing")


def _check_same_patient(contents: Sequence[Content], faults: Faults) -> None:
    same = policy().same_patient
    for name in same.fields:
        rows = [
            row
            for c in contents
            if c.file.code in same.tables
            for row in c.rows
            if name in row.values
        ]
        for row in rows[1:]:
            if not same_name(row.values[name], rows[0].values[name]):
                faults.add(f"{row.path}/{name}", "chart.patient_differs")
