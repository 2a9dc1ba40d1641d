"""Papers of sensitive forms do not exist for a role without the permission: not in a chart, a list,
a search, a set, a packet or a count. What is written about a chart is about all its papers.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from api.access.api_keys import ApiKeys
from api.access.scopes import scope_of
from api.home import Home
from api.rest.app import create_app as create_api
from api.sharing.order import parse_order
from api.web.app import create_app as create_pages
from api.web.texts import text
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.base.errors import NotFound
from archive.catalog.listings import DocumentFilter
from tests.api.rest.conftest import Api, basic, bearer
from tests.fixtures.browsing import Visitor, links, with_accounts
from tests.fixtures.home import CLERK
from tests.ingest.sources.charts import b64, envelope, file, hoso, table, xml1

READER = Actor("doc", "reader")
BOTH = ["XML1", "XML6"]


@pytest.fixture(scope="module")
def home(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with a chart of an ordinary and a sensitive paper, and a packet of both."""
    folder = shutil.copytree(home_template, tmp_path_factory.mktemp("sensitive") / "home")
    with Home.open(Path(folder)) as home:
        hiv = table("XML6", {"MA_LK": "LK1", "NGAYKD_HIV": "20220101", "NOI_XN_KD": "79SAO"})
        cover = table("XML1", xml1(MA_CSKCB=home.code))
        files = (file(code, b64(data)) for code, data in (("XML1", cover), ("XML6", hiv)))
        data = envelope(hoso(*files), facility=home.code)
        intake = Intake(home.open_for_writing(), CLERK, home.scope)
        (result,) = intake.take("hiv.xml", data)
        order = parse_order(result.receipts[0].chart_id, "79002", "Chuyển tuyến")
        home.open_for_writing().packets.create(order, CLERK, home.scope, lambda _: None)
        home.follow_ups.run()
        with_accounts(home)
        yield home


def documents(home: Home) -> dict[str, str]:
    """Return the ids of the papers by their forms."""
    wanted, archive = DocumentFilter(), home.open_for_reading()
    listed = archive.records.documents(wanted, 10, None, CLERK, home.scope)
    return {held.document.form: held.document.id for held in listed}


def chart_id(home: Home) -> str:
    archive = home.open_for_reading()
    return archive.records.document(documents(home)["XML6"], CLERK, home.scope).document.chart_id


@pytest.mark.parametrize(("person", "forms"), [("luutru", BOTH), ("doc", ["XML1"])])
def test_pages_show_sensitive_papers_with_the_permission_alone(
    home: Home, person: str, forms: list[str]
) -> None:
    visitor, chart = Visitor(create_pages(home, with_accounts(home))), chart_id(home)
    visitor.sign_in(person)
    (sent,) = home.open_for_reading().records.packets(chart, CLERK, home.scope).sent
    chart_page = visitor.get(f"/charts/{chart}")
    assert text("chart.documents", "vi", count=len(forms)) in chart_page.text
    for page in (chart_page, visitor.get(f"/packets/sent/{sent.packet_id}"), visitor.search("LK1")):
        assert {link[:47] for link in links(page, "/documents/")} == {
            f"/documents/{documents(home)[form]}" for form in forms
        }
    for form, document in documents(home).items():
        status = 200 if form in forms else 404
        for path in ("", "/pages/1.png", "/thumbnail.png", "/original"):
            assert visitor.get(f"/documents/{document}{path}").status_code == status, path


@pytest.mark.parametrize(("role", "forms"), [("clerk", BOTH), ("his", BOTH), ("reader", ["XML1"])])
def test_the_api_lists_sensitive_papers_with_the_permission_alone(
    home: Home, role: str, forms: list[str]
) -> None:
    keys = ApiKeys(home.catalog, home.code, home.clock)
    _, secret = keys.create("Thử", role, home.clock.now() + timedelta(days=1))
    api = Api(create_api(home, with_accounts(home), lambda: None), bearer(secret))
    chart = api.body(f"/charts/{chart_id(home)}")
    assert [each["form"] for each in chart["documents"]] == forms
    listed = api.body("/documents")["items"]
    assert sorted(each["form"] for each in listed) == forms
    submission = api.body(f"/submissions/{listed[0]['submission_id']}")
    assert sorted(each["form"] for each in submission["documents"]) == forms
    results = api.post("/search", {"q": ""}).json
    assert results is not None
    assert (results["total"], sorted(hit["form"] for hit in results["items"])) == (
        len(forms),
        forms,
    )
    for form, document in documents(home).items():
        for path in ("", "/original", "/verification", "/proof"):
            status = api.get(f"/documents/{document}{path}").status_code
            assert (status == 404) is (form not in forms), path


def test_a_set_of_a_whole_chart_holds_what_exists_for_the_caller(home: Home) -> None:
    api = Api(create_api(home, with_accounts(home), lambda: None), basic("doc"))
    added = api.post("/set", {"ids": [chart_id(home)]})
    assert added.json is not None
    assert added.json["total"] == 1
    refused = api.post("/set", {"ids": [documents(home)["XML6"]]})
    assert refused.status_code == 404


def test_what_is_written_of_a_chart_is_about_all_its_papers(home: Home) -> None:
    hidden, archive = scope_of(READER, home.code, None), home.open_for_writing()
    with pytest.raises(NotFound):
        archive.reading.records.document(documents(home)["XML6"], READER, hidden)
    order = parse_order(chart_id(home), "79002", "Chuyển tuyến")
    packet = archive.packets.create(order, CLERK, hidden, lambda _: None)
    sent = archive.reading.packet_register.sent_packet(packet.manifest.packet_id, CLERK, home.scope)
    assert {document.form for document in sent.documents} == set(BOTH)
    archive.deposits.deposit(chart_id(home), CLERK, hidden)
    archive.follow_up()
    history = archive.reading.records.chart(chart_id(home), CLERK, home.scope)
    assert history.chart.state == "deposited"


@pytest.mark.parametrize(("person", "forms"), [("luutru", BOTH), ("doc", ["XML1"])])
def test_an_export_holds_what_its_caller_may_see(home: Home, person: str, forms: list[str]) -> None:
    api = Api(create_api(home, with_accounts(home), lambda: None), basic(person))
    exported = api.get(f"/charts/{chart_id(home)}/export?format=hosobenhan-json")
    assert exported.status_code == 200
    again = api.get(f"/charts/{chart_id(home)}/export?format=hosobenhan-json")
    assert again.data == exported.data
    with zipfile.ZipFile(BytesIO(exported.data)) as file:
        report = json.loads(file.read("bao-cao.json"))
        assert [paper["form"] for paper in report["papers"]] == forms
        names = [paper["file"] for paper in report["papers"]]
        assert file.namelist() == ["hosobenhan.json", "bao-cao.json", *names]
    visitor = Visitor(create_pages(home, with_accounts(home)))
    visitor.sign_in(person)
    page = visitor.get(f"/charts/{chart_id(home)}")
    assert (f"/charts/{chart_id(home)}/export.xml" in page.text) == (forms == BOTH)
