"""Photographs that were chosen together wait, are put into order, and become one paper."""

import re
from collections.abc import Callable
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from api.error_answers import http_status
from api.home import Home
from api.web.site import site
from api.web.tasks import TasksBusy
from tests.api.refusals.test_refusals import refused
from tests.api.web.test_bringing import bring, documents, visitor
from tests.api.web.test_depositing import acts
from tests.fixtures.browsing import Visitor
from tests.fixtures.home import chart, take
from tests.ingest.files.papers import image_file, plain_pdf
from tests.judges.missing import require_program
from tests.waiting import until

FIELDS = {"episode": "LK000001", "together": "y", "title": "Giấy cam đoan"}


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home with two charts, of the departments K01 and K02."""
    require_program("gs", "tesseract")
    home = fresh_home()
    take(home, chart(1), chart(2))
    return home


@pytest.fixture
def clerk(home: Home) -> Visitor:
    return visitor(home)


def photograph(shade: int) -> bytes:
    out = BytesIO()
    Image.new("L", (120 + shade, 160), shade).save(out, "PNG")
    return out.getvalue()


FILES = [("image.png", photograph(shade)) for shade in (40, 120, 200)]


def choose(clerk: Visitor, *files: tuple[str, bytes], **fields: str) -> str:
    """Send photographs as one paper; return the address at which they wait."""
    answer = bring(clerk, *files, **{**FIELDS, **fields})
    assert answer.status_code == 303, answer.text
    address: str = answer.location
    until(lambda: "<progress" not in clerk.get(address).text, "the work has ended")
    return address


def archive(clerk: Visitor, address: str, *places: str) -> TestResponse:
    said = {f"place-{which}": place for which, place in enumerate(places)}
    clerk.send(address, "/bring-in", do="archive", **said)
    until(lambda: "<progress" not in clerk.get(address).text, "the work has ended")
    return clerk.get(address)


def names(page: str) -> list[str]:
    return re.findall(r'class="file-name">([^<]+)<', page)


def test_they_are_shown_and_archived_in_the_order_that_was_typed(
    home: Home, clerk: Visitor
) -> None:
    address = choose(clerk, *FILES)
    page = clerk.get(address).text
    assert names(page) == ["image.png", "image (2).png", "image (3).png"]
    assert clerk.get(f"{address}/2.jpg").mimetype == "image/jpeg"
    assert clerk.get(f"{address}/3.jpg").status_code == 404
    shown = {f"shown-{which}": str(which + 1) for which in range(3)}
    moved = clerk.send(
        address, "/bring-in", do="arrange", **shown, **{"place-0": "1", "place-2": "1"}
    )
    assert names(moved.text) == ["image (3).png", "image.png", "image (2).png"]
    before = acts(home)
    answer = archive(clerk, address, "2", "", "1")
    assert answer.status_code == 303
    paper = documents(home, "LK000001")[-1]
    assert answer.location == f"/documents/{paper.id}"
    assert paper.original["name"] == "Giấy cam đoan.zip"
    received = clerk.get(f"/documents/{paper.id}/received").data
    places = [received.find(data) for _, data in FILES]
    assert places[2] < places[0]
    assert (places[1], acts(home)) == (-1, before + 1)
    assert archive(clerk, address, "2", "", "1").location == answer.location
    again = choose(clerk, *FILES)
    assert clerk.get(again).location == answer.location
    assert acts(home) == before + 1


def test_one_that_cannot_be_read_is_named_and_nothing_is_archived(
    home: Home, clerk: Visitor
) -> None:
    broken = ("<b>hỏng.jpg", image_file("JPEG")[:3000])
    before = acts(home)
    address = choose(clerk, FILES[0], broken)
    assert "Không đọc được ảnh này" in clerk.get(address).text
    answer = archive(clerk, address, "1", "2")
    assert answer.status_code == 422
    assert "Ảnh thứ 2 (&lt;b&gt;hỏng.jpg): Ảnh bị hỏng" in answer.text
    assert acts(home) == before
    assert len(refused(home)) == 1
    assert archive(clerk, address, "1", "").status_code == 303
    assert acts(home) == before + 1


def test_what_cannot_be_one_paper_is_said_before_anything_is_kept(
    home: Home, clerk: Visitor
) -> None:
    many = [(f"{number}.png", FILES[0][1]) for number in range(101)]
    for files, problem in (
        ([FILES[0], ("a.pdf", plain_pdf("x"))], "Chỉ ghép được ảnh"),
        (many, "tối đa 100 ảnh"),
    ):
        answer = bring(clerk, *files, **FIELDS)
        assert answer.status_code == 422
        assert problem in answer.text
    assert bring(clerk, *FILES, **{**FIELDS, "episode": "LK9"}).status_code == 422


@pytest.mark.parametrize("place", ["x", "-1", "99999", "١", "1.5"])
def test_a_place_that_is_no_number_archives_nothing(home: Home, clerk: Visitor, place: str) -> None:
    address, before = choose(clerk, *FILES), acts(home)
    answer = clerk.send(address, "/bring-in", do="archive", **{"place-0": place, "place-1": "2"})
    assert "Số trang phải là số" in answer.text
    assert answer.status_code == 422
    assert clerk.send(address, "/bring-in", do="archive").status_code == 422
    assert acts(home) == before


def test_only_the_person_who_chose_them_sees_them_and_may_put_them_away(
    home: Home, clerk: Visitor
) -> None:
    address = choose(clerk, *FILES)
    other, reader = (Visitor(clerk.client.application) for _ in range(2))
    other.sign_in("k01")
    reader.sign_in("doc")
    for path in (address, f"{address}/0.jpg"):
        assert other.get(path).status_code == 404
    assert reader.get(address).status_code == 403
    clerk.send(f"{address}/forget", address)
    assert clerk.get(address).status_code == 404


def test_photographs_may_begin_a_chart(home: Home, clerk: Visitor) -> None:
    address = choose(
        clerk, *FILES, episode="LK-MOI", name="Lê Thị Giả Sử", kind="inpatient", department="K01"
    )
    assert archive(clerk, address, "1", "2", "3").status_code == 303
    (paper,) = documents(home, "LK-MOI")
    assert paper.origin == "scanned"


def test_photographs_whose_reading_failed_say_why(clerk: Visitor) -> None:
    address = choose(clerk, *FILES)
    with clerk.client.application.app_context():
        task = site().tasks.find("luutru", UUID(address.rsplit("/", 1)[-1]))
    assert task is not None
    task.result, task.error = None, TasksBusy()
    assert clerk.get(address).status_code == http_status(task.error)
    assert clerk.send(address, "/bring-in", do="archive").status_code == 303
