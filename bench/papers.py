"""Invented charts of known size: the papers that the bench archives."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from archive.base.clock import vietnam_date
from archive.base.facts import ChartFacts, Patient, Sex
from archive.base.identifiers import DocumentId, FacilityCode, FormCode, new_id
from ingest.forms.catalog import FormCatalog
from ingest.render.job import Attachment, FacilityFace, RenderJob
from ingest.render.view import view

FACILITY = FacilityCode("99001")
FACE = FacilityFace(
    FACILITY,
    "Bệnh viện Đa khoa Thử Nghiệm",
    "Sở Y tế Thử Nghiệm",
    "Số 1 đường Giả Định, phường Mẫu",
)
FORM = FormCode("36/BV2")
PAGES = 3
_NAMES = (
    "Nguyễn Thị Mẫu Hòa",
    "Trần Văn Giả Định",
    "Lê Thử Thúy",
    "Phạm Mẫu Đức",
    "Đặng Giả Quỳnh",
    "Vũ Mẫu Khánh",
)
_COURSE = (
    "S: còn ho, khạc đờm trắng, ăn uống được, ngủ khá. O: mạch 84 lần/phút, huyết áp 120/70 "
    "mmHg, nhiệt độ 37,2 độ C, "
    "nhịp thở 20 lần/phút, phổi ran ẩm đáy phải đã giảm. A: viêm phổi, đáp ứng điều trị. P: tiếp "
    "tục kháng sinh."
)
_ORDERS = (
    "Ceftriaxone 1 g x 2 lọ, truyền tĩnh mạch 8 giờ, 20 giờ; Paracetamol 500 mg uống khi sốt "
    "trên 38,5 độ C; theo dõi"
)


def chart(number: int, papers: int = 1, entries: int | None = None) -> bytes:
    """Return the chart record (JSON) of an invented patient with `papers` treatment sheets of three
    pages each.
    """
    entries = entries or entries_for_pages()
    record = {
        "format": "kho-chart/1",
        "facility": FACILITY,
        "patient": {
            "local_id": f"BN{number:08}",
            "name": f"{_NAMES[number % len(_NAMES)]} {number}",
            "birth_date": f"{1940 + number % 70}-0{1 + number % 9}-1{number % 10}",
            "sex": str(1 + number % 2),
            "national_id": f"0001800{number:05}"[:12],
            "insurance_cards": [f"GD4{number:012}"],
        },
        "chart": {
            "episode": f"BENCH{number:08}",
            "kind": "inpatient",
            "department": "K01",
            "admitted_at": "2026-11-10T08:00:00+07:00",
            "discharged_at": "2026-11-20T09:00:00+07:00",
            "outcome": "improved",
            "diagnoses": [{"icd10": "J18.9", "text": "Viêm phổi", "main": True}],
        },
        "papers": [
            {"form": FORM, "key": str(key + 1), "data": data(entries)} for key in range(papers)
        ],
    }
    return json.dumps(record, ensure_ascii=False).encode()


def data(entries: int) -> dict[str, Any]:
    """Return a treatment sheet with `entries` entries."""
    return {
        "khoa": "Nội tổng hợp",
        "chan_doan": "Viêm phổi",
        "dien_bien": [
            {
                "thoi_gian": f"2026-11-{10 + number // 4:02}T{8 + number % 4 * 3:02}:00:00+07:00",
                "dien_bien_benh": _COURSE,
                "chi_dinh": _ORDERS,
                "bac_si": "Bác sĩ Thử Nghiệm",
            }
            for number in range(entries)
        ],
        "bac_si_ky": "Bác sĩ Thử Nghiệm",
    }


def job(entries: int | None = None) -> RenderJob:
    """Return what is rendered of such a sheet, its record attached."""
    entries = entries or entries_for_pages()
    record = json.dumps(data(entries), ensure_ascii=False).encode()
    return RenderJob(
        form=FormCatalog.load().get(FORM, vietnam_date(datetime.now(UTC))),
        document_id=DocumentId(new_id()),
        facility=FACE,
        patient=Patient(
            local_id="BN00000001", name=_NAMES[0], birth_date="1950-01-10", sex=Sex("1")
        ),
        chart=ChartFacts.model_validate(json.loads(chart(1, entries=entries))["chart"]),
        data=data(entries),
        claimed_at=datetime.now(UTC),
        verify_uri="urn:uuid:00000000-0000-7000-8000-000000000000",
        attachments=(
            Attachment("record.json", "application/json", record, "source", "Bản ghi có cấu trúc"),
        ),
        test=True,
    )


def as_plain_table(entries: int | None = None) -> dict[str, Any]:
    """Return the same sheet as finished text, for a peer to lay out: facility, patient, table,
    record.
    """
    shown = view(job(entries))
    return {
        "facility": asdict(FACE),
        "title": shown["form"]["title"],
        "patient": shown["patient"],
        "chart": shown["chart"],
        "rows": [
            list(map(str, row.values()))
            for row in data(entries or entries_for_pages())["dien_bien"]
        ],
        "record": json.dumps(data(entries or entries_for_pages()), ensure_ascii=False),
    }


@cache
def entries_for_pages() -> int:
    """Return the most entries that fill three pages."""
    import pypdfium2

    from ingest.render.typst_renderer import Renderer

    renderer, entries = Renderer(), 4
    while True:
        document = pypdfium2.PdfDocument(renderer.render(job(entries + 1)))
        pages = len(document)
        document.close()
        if pages > PAGES:
            return entries
        entries += 1
