"""What a form looks like: the job of a paper that is neither sealed nor archived."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.base.clock import day_start, vietnam_date
from archive.base.errors import SubmissionRejected
from archive.base.facts import ChartFacts, ChartKind, Outcome, Patient, Sex
from archive.base.identifiers import DocumentId
from ingest.forms.model import Form
from ingest.forms.plain_yaml import load_yaml
from ingest.forms.shared_lists import day_of
from ingest.forms.validation import faults
from ingest.render.job import FacilityFace, RenderJob

_NO_DOCUMENT = DocumentId("00000000-0000-7000-8000-000000000000")
UNKNOWN_PERSON = Patient(name="–")
NO_CHART = ChartFacts(episode="–", kind=ChartKind.OUTPATIENT)
_PEOPLE = Path(__file__).with_name("sample_people.yaml")
# whom most filled examples are about: an invented person
SAMPLE_PERSON = Patient(
    local_id="BN-000000",
    name="Nguyễn Văn Mẫu",
    birth_date="1979-05-20",
    sex=Sex.MALE,
    insurance_cards=("DN4990000000000",),
    address="Số 1 đường Mẫu, phường Thí Dụ",
)
_ADMITTED = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
SAMPLE_CHART = ChartFacts(
    episode="MAU-0001",
    kind=ChartKind.INPATIENT,
    department="K01",
    admitted_at=_ADMITTED,
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


def about_sample(job: RenderJob) -> RenderJob:
    """Return the job of a filled example: its person and its chart agree with its data."""
    return replace(job, patient=_person(job.form), chart=_chart(job.data))


def _person(form: Form) -> Patient:
    for person in load_yaml(_PEOPLE.read_text("utf-8")):
        if form.code in person["forms"]:
            own = {"name": person["name"], "sex": Sex(person["sex"]), "birth_date": person["born"]}
            return SAMPLE_PERSON.model_copy(update=own)
    return SAMPLE_PERSON


def _chart(data: Mapping[str, Any]) -> ChartFacts:
    """Return the chart of an example: admitted before the first ward, until its conclusion."""
    own: dict[str, datetime] = {}
    if entered := data.get("vao_khoa_luc"):
        admitted = datetime.fromisoformat(entered) - timedelta(minutes=30)
        own["admitted_at"] = admitted.astimezone(UTC)
    if concluded := data.get("ngay_tong_ket"):
        discharged = day_start(date.fromisoformat(concluded)) + timedelta(hours=10)
        own = {"admitted_at": min(_ADMITTED, discharged - timedelta(hours=2))} | own
        own["discharged_at"] = discharged
    return SAMPLE_CHART.model_copy(update=own)
