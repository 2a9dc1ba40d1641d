"""Labels and the handover list of charts as PDF, made on request and not archived."""

import io
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import segno
import typst

from api.access.reading_turns import printing_turns
from api.reading.printing.code128 import bars
from api.reading.printing.sheets import sheets
from api.reading.records import RecordService
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.clock import VIETNAM, Clock, for_people, vietnam_date
from archive.base.departments import Departments
from archive.catalog.entries import ChartWithDocuments, FacilityEntry
from ingest.render.errors import RenderFailed
from ingest.render.fonts import load_fonts
from ingest.render.printable import printable
from ingest.render.typst_renderer import ROOT

_HERE = Path(__file__).parent


class PrintService:
    """Prints what belongs to charts that a person chose. Safe for threads."""

    def __init__(
        self,
        records: RecordService,
        departments: Callable[[], Departments],
        facility: FacilityEntry,
        clock: Clock,
        *,
        test: bool,
    ) -> None:
        self._records, self._departments, self._facility = records, departments, facility
        self._clock, self._test = clock, test
        self._turns = printing_turns()

    @property
    def most_threads(self) -> int:
        """How many callers may be at work or waiting, each on a thread of its own."""
        return self._turns.most

    def labels(self, chart_ids: Sequence[str], sheet: str, actor: Actor, scope: Scope) -> bytes:
        """Return the labels of charts, in their order, as a PDF.

        A label has the archive number as Code 128 and as QR; a chart that is not deposited has none
        yet. `sheet`: a name of `sheets.yaml`. Raises Denied, NotFound, PrintingBusy, RenderFailed;
        KeyError for another sheet.
        """
        with self._turns.held(actor.name):
            names = self._departments()
            chosen = self._records.chosen(chart_ids, actor, scope)
            return self._printed(
                "labels",
                "Nhãn hồ sơ bệnh án",
                sheet=sheets()[sheet],
                labels=[_label(each, names) for each in chosen],
            )

    def handover_list(self, chart_ids: Sequence[str], actor: Actor, scope: Scope) -> bytes:
        """Return the handover list of charts, in their order, as a PDF.

        Raises Denied, NotFound, PrintingBusy, RenderFailed.
        """
        with self._turns.held(actor.name):
            names = self._departments()
            chosen = self._records.chosen(chart_ids, actor, scope)
            now = self._clock.now()
            day = now.astimezone(VIETNAM)
            return self._printed(
                "handover_list",
                "Biên bản bàn giao hồ sơ bệnh án",
                authority=printable(self._facility.authority),
                printed_at=for_people(now),
                day=f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}",
                rows=[_row(each, names) for each in chosen],
                papers=sum(map(_papers, chosen)),
            )

    def _printed(self, layout: str, title: str, **content: Any) -> bytes:
        given = {
            "title": title,
            "facility": printable(self._facility.name),
            "test": self._test,
            **content,
        }
        try:
            pdf = self._compiler.compile(
                input=(_HERE / f"{layout}.typ").read_bytes(),
                format="pdf",
                sys_inputs={"content": json.dumps(given, ensure_ascii=False)},
                timestamp=int(self._clock.now().timestamp()),
            )
        except typst.TypstError:
            # its message may quote the patients' data
            raise RenderFailed(form=title) from None
        assert isinstance(pdf, bytes)
        return pdf

    @cached_property
    def _compiler(self) -> typst.Compiler:
        return typst.Compiler(root=str(ROOT), font_paths=load_fonts())


def _label(held: ChartWithDocuments, names: Departments) -> dict[str, Any]:
    chart, facts, patient = held.chart, held.chart.facts, held.chart.patient
    number = chart.archive_number or ""
    qr = io.BytesIO()
    if number:
        segno.make(number, error="m", micro=False).save(qr, kind="svg", xmldecl=False, border=1)
    return {
        "number": number,
        "bars": bars(number) if number else [],
        "qr": qr.getvalue().decode(),
        "name": printable(patient.name),
        "born": f"Sinh {_born(patient.birth_date)}",
        "episode": f"Mã BA {printable(facts.episode)}",
        "stay": f"Vào {_day(facts.admitted_at)} – ra {_day(facts.discharged_at)}",
        "department": printable(names.title(facts.department) or "–"),
    }


def _row(held: ChartWithDocuments, names: Departments) -> dict[str, str]:
    chart, facts = held.chart, held.chart.facts
    return {
        "number": chart.archive_number or "–",
        "episode": printable(facts.episode),
        "name": printable(chart.patient.name),
        "born": _born(chart.patient.birth_date),
        "admitted": _day(facts.admitted_at),
        "discharged": _day(facts.discharged_at),
        "department": printable(names.title(facts.department) or "–"),
        "papers": str(_papers(held)),
    }


def _papers(held: ChartWithDocuments) -> int:
    return sum(document.superseded_by is None for document in held.documents)


def _born(date: str | None) -> str:
    return date[:4] if date else "–"


def _day(at: Any) -> str:
    return f"{vietnam_date(at):%d/%m/%Y}" if at else "–"
