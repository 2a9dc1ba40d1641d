"""What a form looks like: the job of a paper that is neither sealed nor archived."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from archive.base.clock import vietnam_date
from archive.base.errors import SubmissionRejected
from archive.base.facts import ChartFacts, ChartKind, Outcome, Patient, Sex
from archive.base.identifiers import DocumentId
from ingest.forms.model import Form
from ingest.forms.shared_lists import day_of
from ingest.forms.validation import faults
from ingest.render.job import FacilityFace, RenderJob

_NO_DOCUMENT = DocumentId("00000000-0000-7000-8000-000000000000")
UNKNOWN_PERSON = Patient(name="–")
NO_CHART = ChartFacts(episode="–", kind=ChartKind.OUTPATIENT)
# whom the filled examples are about: an invented person
SAMPLE_PERSON = Patient(
    local_id="BN-000000",
    name="Nguyễn Văn Mẫu",
    birth_date="1979-05-20",
    sex=Sex.MALE,
    insurance_cards=("DN4990000000000",),
    address="Số 1 đường Mẫu, phường Thí Dụ",
)
SAMPLE_CHART = ChartFacts(
    episode="MAU-0001",
    kind=ChartKind.INPATIENT,
    department="K01",
    admitted_at=datetime(2026, 11, 2, 1, 30, tzinfo=UTC),
    discharged_at=datetime(2026, 11, 10, 3, 0, tzinfo=UTC),
    outcome=Outcome.IMPROVED,
)


def preview_job(
    form: Form,
    data: Mapping[str, Any] | None,
    facility: FacilityFace,
    now: datetime,
    *,
    patient: Patient = UNKNOWN_PERSON,
    chart: ChartFacts = NO_CHART,
) -> RenderJob:
    """Return the job of a paper of `form`: with `data`, or blank without.

    Raises :class:`SubmissionRejected` with every fault of the data.
    """
    form = form.on(day_of(chart) or vietnam_date(now))
    if data is not None and (wrong := faults(dict(data), form.data_schema())):
        raise SubmissionRejected(wrong)
    return RenderJob(
        form=form,
        document_id=_NO_DOCUMENT,
        facility=facility,
        patient=patient,
        chart=chart,
        data=data or {},
        claimed_at=now,
        verify_uri="",
        preview=True,
        blank=data is None,
    )
