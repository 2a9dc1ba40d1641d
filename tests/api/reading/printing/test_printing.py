"""Labels and handover lists: another program reads the codes, and a person the words."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from api.home import Home
from api.reading.printing.sheets import sheets
from archive.access.scope import Scope
from archive.base.errors import NotFound
from archive.catalog.listings import ChartFilter
from tests.fixtures.home import CLERK, chart, kho, take
from tests.ingest.render.reading import pages, squeezed
from tests.judges.missing import require_program


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two deposited charts and one that is open."""
    home = fresh_home()
    long_name = {**chart(3)["patient"], "name": " ".join(["Nguyễn"] * 20)}
    results = take(home, chart(1), chart(2), chart(3, patient=long_name))
    for result in results[:2]:
        home.open_for_writing().deposits.deposit(result.receipts[0].chart_id, CLERK, home.scope)
    home.follow_ups.run()
    return home


def ids(home: Home) -> list[str]:
    """Return the ids of the charts, the oldest first."""
    listed = home.open_for_reading().records.charts(ChartFilter(), 50, None, CLERK, home.scope)
    return [entry.id for entry in reversed(listed)]


def numbers(home: Home, chart_ids: list[str]) -> list[str]:
    records = home.open_for_reading().records
    return [records.chart(each, CLERK, home.scope).chart.archive_number or "" for each in chart_ids]


def codes(pdf: bytes, folder: Path) -> list[str]:
    """Return what zbar reads on the pages: the kind of each code, and its text."""
    require_program("zbarimg")
    read = []
    with pypdfium2.PdfDocument(pdf) as document:
        for index, page in enumerate(document):
            picture = folder / f"{index}.png"
            page.render(scale=400 / 72).to_pil().save(picture)
            done = subprocess.run(
                ["zbarimg", "-q", str(picture)], capture_output=True, text=True, timeout=60
            )
            read += done.stdout.splitlines()
    return sorted(read)


@pytest.mark.parametrize("sheet", list(sheets()))
def test_a_reader_of_codes_reads_the_archive_number_in_both_codes(
    home: Home, sheet: str, tmp_path: Path
) -> None:
    chosen = ids(home)
    data = home.open_for_reading().printing.labels(chosen, sheet, CLERK, home.scope)
    deposited = [number for number in numbers(home, chosen) if number]
    assert len(deposited) == 2
    expected = [f"{kind}:{number}" for kind in ("CODE-128", "QR-Code") for number in deposited]
    assert codes(data, tmp_path) == sorted(expected)


def test_a_sheet_has_24_labels_and_a_roll_one_a_page(home: Home) -> None:
    printing = home.open_for_reading().printing
    assert len(pages(printing.labels(ids(home), "a4-3x8", CLERK, home.scope))) == 1
    single = pages(printing.labels(ids(home), "100x50", CLERK, home.scope))
    assert len(single) == 3
    assert squeezed("Khoa Khám bệnh") in squeezed(single[0])
    assert squeezed("Mã BA LK000001") in squeezed(single[0])
    assert squeezed("Chưa nộp lưu") in squeezed(single[2])


def test_the_handover_list_says_what_is_handed_over_with_places_to_sign(home: Home) -> None:
    chosen = ids(home)
    data = home.open_for_reading().printing.handover_list(chosen, CLERK, home.scope)
    (page,) = map(squeezed, pages(data))
    for said in (
        "BIÊN BẢN BÀN GIAO HỒ SƠ BỆNH ÁN",
        *filter(None, numbers(home, chosen)),
        "LK000002",
        "Khoa Hồi sức cấp cứu",
        "Tổng số: 3 hồ sơ, 3 giấy.",
        "Người giao",
        "Người nhận",
        "Trang 1/1",
    ):
        assert squeezed(said) in page


def test_a_chart_outside_the_scope_is_not_there(home: Home) -> None:
    narrow = Scope(home.scope.facility, frozenset({"K02"}))
    printing = home.open_for_reading().printing
    with pytest.raises(NotFound):
        printing.labels(ids(home), "a4-3x8", CLERK, narrow)
    with pytest.raises(NotFound):
        printing.handover_list(ids(home), CLERK, narrow)


def test_the_command_writes_both(home: Home, tmp_path: Path) -> None:
    chosen = ids(home)
    home.close()
    for what in ("labels", "handover"):
        file = tmp_path / f"{what}.pdf"
        kho(home.folder, "print", what, *chosen, "-o", file, check=True)
        assert file.read_bytes().startswith(b"%PDF-")
