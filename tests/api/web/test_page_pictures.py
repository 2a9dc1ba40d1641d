"""Pictures of pages are drawn once, for those who may see them, and go with the chart."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from api.access.concurrency_limit import ConcurrencyLimit
from api.access.reading_turns import PrintingBusy, ViewingBusy
from api.home import Home
from api.inspection.sets import chosen_papers
from api.web import failed_pictures
from api.web.app import create_app
from api.web.page_pictures import PagePictures
from archive.base.errors import Unreadable
from archive.catalog import records
from tests.api.inspection.conftest import stored_file
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import chart, take


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with a chart of department K02."""
    home = fresh_home()
    take(home, chart(2))
    return home


def test_a_page_is_drawn_once_and_only_for_those_who_may_see_it(home: Home) -> None:
    app = create_app(home, with_accounts(home))
    reader, department = Visitor(app), Visitor(app)
    reader.sign_in("doc")
    department.sign_in("khoa")
    with home.catalog.read() as session:
        charts = records.chart_ids(session, home.scope)
    (paper,) = chosen_papers(home.catalog, charts, home.scope)
    page, small = (
        f"/documents/{paper.document.id}/{name}.png" for name in ("pages/1", "thumbnail")
    )
    pictures = [reader.get(path) for path in (page, small)]
    widths = [Image.open(io.BytesIO(picture.data)).width for picture in pictures]
    assert widths == [1191, 265]
    kept = [path for path in home.pictures.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(b"PNG" in path.read_bytes() for path in kept)
    stored_file(home, paper).unlink()  # what is kept needs no original
    for path, picture in zip((page, small), pictures, strict=True):
        assert reader.get(path).data == picture.data
        assert department.get(path).status_code == 404
        assert Visitor(app).get(path).status_code == 303
    home.close()
    assert not any(path.is_file() for path in home.pictures.rglob("*"))


def test_a_page_that_is_not_there_is_not_kept(home: Home) -> None:
    reader = Visitor(create_app(home, with_accounts(home)))
    reader.sign_in("doc")
    with home.catalog.read() as session:
        (chart,) = records.charts(session, home.scope)
        document_id = chart.documents[0].id
    for number in (0, 2, 99999):
        assert reader.get(f"/documents/{document_id}/pages/{number}.png").status_code == 404
    assert not any(path.is_file() for path in home.pictures.rglob("*"))


def test_a_picture_that_failed_is_not_made_again_for_a_minute(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, read = ConcurrencyLimit(2, 0, 0.0, ViewingBusy), []
    archive = home.open_for_reading()
    pictures = PagePictures(lambda: archive.originals, turns, home.pictures, home.closing)

    def no_pdf() -> bytes:
        read.append(1)
        return b"no PDF"

    def ask() -> None:
        pictures.waiting("upload/1", 1, no_pdf, "doc")

    with turns.held("doc"), pytest.raises(ViewingBusy):
        ask()  # the next request may succeed: this is not remembered
    for _ in range(3):
        with pytest.raises(Unreadable):
            ask()
    assert len(read) == 1
    monkeypatch.setattr(failed_pictures, "REMEMBERED_SECONDS", 0.0)
    with pytest.raises(Unreadable):
        ask()
    assert len(read) == 2


def test_a_person_never_holds_every_place_of_costly_reading(home: Home) -> None:
    archive = home.open_for_reading()
    archive.viewing = ConcurrencyLimit(2, 0, 0.0, ViewingBusy)
    archive.printing._turns = ConcurrencyLimit(2, 0, 0.0, PrintingBusy)
    app = create_app(home, with_accounts(home))
    with home.catalog.read() as session:
        (chart,) = records.charts(session, home.scope)
        document = f"/documents/{chart.documents[0].id}"
    paths = [document, f"{document}/pages/1.png", f"{document}/thumbnail.png"]

    def answers(name: str) -> set[int]:
        visitor = Visitor(app)
        visitor.sign_in(name)
        printed = visitor.send("/charts/print/labels", form="/charts", chart=[chart.id])
        return {printed.status_code, *(visitor.get(path).status_code for path in paths)}

    with archive.viewing.held("luutru"), archive.printing._turns.held("luutru"):
        assert answers("luutru") == {503}
        assert answers("doc") == {200}
