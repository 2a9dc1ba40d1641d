"""Plausibility checks: the dates of a chart are in order, and a known episode belongs to the same
patient.
"""

from datetime import date

from archive.base.chronology import disorders
from archive.base.errors import Fault, SubmissionRejected
from archive.base.text import same_name
from archive.catalog import records
from archive.catalog.tables import ChartRow
from ingest.sources.faults import fault
from ingest.submission import Submission


def require_order_of_days(submission: Submission, today: date) -> None:
    """Raise SubmissionRejected where the dates of patient and chart contradict each other or lie
    after `today`.
    """
    if disordered := tuple(disorders(submission.patient, submission.chart, today)):
        raise SubmissionRejected([fault(f"/{field}", code) for field, code in disordered])


def require_same_patient(submission: Submission, chart: ChartRow | None) -> None:
    """Raise SubmissionRejected where a known episode is sent for a different patient.

    The first identifier known on both sides decides; without any, the name or the birth date must
    be the same.
    """
    if chart is None:
        return
    _, known = records.stated(chart)
    sent = submission.patient
    for mine, theirs in ((known.local_id, sent.local_id), (known.national_id, sent.national_id)):
        if mine and theirs:
            if mine != theirs:
                raise _other_patient()
            return
    if not same_name(known.name, sent.name) and known.birth_date != sent.birth_date:
        raise _other_patient()


def _other_patient() -> SubmissionRejected:
    return SubmissionRejected([Fault.of("accession", "/patient", "chart.patient_differs")])
