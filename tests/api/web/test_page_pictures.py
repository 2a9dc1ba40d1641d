"""Pictures of pages are drawn once, for those who may see them, and go with the chart."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from api.home import Home
from api.inspection.sets import chosen_papers
from api.web.app import create_app
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
