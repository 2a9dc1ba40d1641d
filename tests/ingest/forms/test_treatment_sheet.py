"""36/BV2: one paper is what one physician signs at one time, an entry or a sheet of several."""

from collections.abc import Callable
from typing import Any

import pytest

from api.home import Home
from archive.catalog import records
from ingest.forms.validation import faults
from ingest.render.typst_renderer import Renderer
from tests.fixtures.home import chart, take
from tests.ingest.render.papers import CATALOG, job
from tests.ingest.render.reading import squeezed, text

FORM = CATALOG.get("36/BV2")
Json = dict[str, Any]


def entry(hour: int, **more: str) -> Json:
    return {
        "thoi_gian": f"2026-11-02T{hour:02}:00:00+07:00",
        "dien_bien_benh": f"S: lúc {hour} giờ.",
        **more,
    }


def data(*entries: Json, **more: str) -> Json:
    return {"chan_doan": "Viêm phổi", "to_so": 1, "dien_bien": list(entries), **more}


def paper(key: str, *entries: Json, **more: str) -> Json:
    return {"form": "36/BV2", "key": key, "data": data(*entries, **more)}


def faults_of(document: Json) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults(document, FORM.data_schema())]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def face(renderer: Renderer, document: Json) -> str:
    return squeezed(text(renderer.render(job("36/BV2", document))))


def test_a_sheet_of_several_entries_says_who_signs_it_and_a_single_entry_need_not() -> None:
    assert faults_of(data(entry(8))) == []
    assert faults_of(data(entry(8), entry(14), bac_si_ky="BS. Mẫu")) == []
    assert faults_of(data(entry(8), entry(14))) == [("/bac_si_ky", "field.missing")]
    assert faults_of(data()) == [("/dien_bien", "list.empty")]


def test_in_a_whole_chart_the_fault_names_its_place() -> None:
    document = chart(papers=[paper("to-1.1", entry(8)), paper("to-1", entry(8), entry(14))])
    named = [(fault.path, fault.code) for fault in faults(document, CATALOG.chart_schema())]
    assert named == [("/papers/1/data/bac_si_ky", "field.missing")]


def test_a_single_entry_has_its_writers_name_in_the_block_where_it_is_signed(
    renderer: Renderer,
) -> None:
    single = face(renderer, data(entry(8, bac_si="BS. Trần Mẫu")))
    assert squeezed("(lần ghi trên đây) Bác sỹ ký Họ và tên BS. Trần Mẫu") in single
    assert single.count(squeezed("BS. Trần Mẫu")) == 1


def test_a_sheet_names_its_signer_in_the_block_and_other_writers_in_their_entries(
    renderer: Renderer,
) -> None:
    entries = entry(8, bac_si="BS. Trần Mẫu"), entry(14, bac_si="BS. Lê Thử"), entry(20)
    sheet = face(renderer, data(*entries, bac_si_ky="BS. Trần Mẫu"))
    assert squeezed("(các lần ghi trên đây) Bác sỹ ký Họ và tên BS. Trần Mẫu") in sheet
    assert squeezed("Bác sỹ: BS. Lê Thử") in sheet
    assert squeezed("Bác sỹ: BS. Trần Mẫu") not in sheet


def test_each_entry_is_a_document_of_its_own_and_a_correction_replaces_that_entry_alone(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[paper("to-1.1", entry(8)), paper("to-1.2", entry(14))]))
    take(home, chart(1, papers=[paper("to-1.3", entry(20))]))
    take(home, chart(1, papers=[paper("to-1.2", entry(14, chi_dinh="Theo dõi"))]))
    with home.catalog.read() as session:
        (row,) = records.charts(session, home.scope)
        assert [(document.key, document.superseded_by is None) for document in row.documents] == [
            ("to-1.1", True),
            ("to-1.2", False),
            ("to-1.3", True),
            ("to-1.2", True),
        ]
