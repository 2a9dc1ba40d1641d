"""A home whose search is Elasticsearch: the same answers, and archiving never waits for it."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from api.home import Home
from api.upkeep.maintenance import checker, rebuild
from api.web.app import create_app
from ingest.receipt import Receipt
from search.contract import Results
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.elasticsearch import ElasticsearchNode
from tests.fixtures.home import CLERK, chart, kho, paper, take
from tests.search.elastic.cluster import ask, forget, indices, new_prefix

SIGKILLED = -9
NOWHERE = "http://127.0.0.1:9"  # nothing listens on the discard port
INSECURE = "http://search.example:9200"
Make = Callable[[str], Path]


@pytest.fixture
def prefix() -> str:
    return new_prefix()


@pytest.fixture
def home_at(home_template: Path, tmp_path: Path, prefix: str) -> Iterator[Make]:
    """A factory of homes: all with the same prefix, at the given address."""
    urls: list[str] = []

    def make(url: str) -> Path:
        urls.append(url)
        folder = Path(shutil.copytree(home_template, tmp_path / f"home-{len(urls)}"))
        point(folder, url, prefix)
        return folder

    yield make
    for url in set(urls) - {NOWHERE, INSECURE}:
        forget(url, prefix)


def point(folder: Path, url: str, prefix: str) -> None:
    """Set the home's search to an address."""
    file = folder / "kho.toml"
    before = file.read_text().partition("\n[search]")[0]
    file.write_text(
        f'{before}\n[search]\nkind = "elasticsearch"\nurl = "{url}"\nprefix = "{prefix}"\n'
    )


def put(folder: Path, *charts: dict[str, Any]) -> list[Path]:
    files = []
    for place, record in enumerate(charts):
        files.append(folder.parent / f"{folder.name}-{place}.json")
        files[-1].write_text(json.dumps(record))
    return files


def first_line(done: Any) -> Any:
    return json.loads(done.stdout)


def codes(folder: Path) -> Sequence[str]:
    """Return what `kho check` says of the index."""
    with Home.open(folder) as home:
        faults = checker(home).check().faults
    return [fault.kind.code for fault in faults if fault.kind.code.startswith("index.")]


def archive(folder: Path, *charts: dict[str, Any]) -> list[Receipt]:
    with Home.open(folder) as home:
        return [receipt for result in take(home, *charts) for receipt in result.receipts]


def search(folder: Path, typed: str) -> Results:
    with Home.open(folder) as home:
        return home.open_for_reading().search.find(typed, CLERK, home.scope)


def test_what_is_archived_is_found_marked_and_never_touches_a_folder(
    home_at: Make, elasticsearch_url: str, prefix: str
) -> None:
    folder = home_at(elasticsearch_url)
    files = put(folder, chart(1), chart(4, papers=[paper("1"), paper("2")]))
    assert kho(folder, "ingest", "--json", *files).returncode == 0
    results = first_line(kho(folder, "find", "--json", "nguyen hoa phieu", check=True))
    assert (results["total"], results["ignored_words"], results["behind"]) == (2, 0, False)
    assert results["hits"][0]["highlights"][0] == {
        "field": "patient_name",
        "text": "Nguyễn Thị Mẫu Hòa",
        "ranges": [[0, 6], [15, 18]],
    }
    assert not (folder / "index").exists()
    (name,) = indices(elasticsearch_url, prefix)
    with Home.open(folder) as home:
        assert rebuild(home).indexed == 3
    assert indices(elasticsearch_url, prefix) != [name]
    assert codes(folder) == []


def test_an_index_that_lost_documents_or_all_is_reported_and_repaired(
    home_at: Make, elasticsearch_url: str, prefix: str
) -> None:
    folder = home_at(elasticsearch_url)
    receipts = archive(folder, chart(1), chart(4))
    (name,) = indices(elasticsearch_url, prefix)
    ask(elasticsearch_url, "DELETE", f"{name}/_doc/{receipts[0].document_id}?refresh=true")
    assert codes(folder) == ["index.differs"]
    ask(elasticsearch_url, "DELETE", name)
    assert codes(folder) == ["index.differs"]
    assert search(folder, "").total == 2
    assert codes(folder) == []


def test_an_index_that_vanished_under_an_open_home_comes_back_with_the_next_chart(
    home_at: Make, elasticsearch_url: str, prefix: str
) -> None:
    with Home.open(home_at(elasticsearch_url)) as home:
        take(home, chart(1))
        (name,) = indices(elasticsearch_url, prefix)
        ask(elasticsearch_url, "DELETE", name)
        take(home, chart(4))
        assert home.open_for_reading().search.find("", CLERK, home.scope).total == 2


def test_while_it_is_away_charts_are_archived_and_searching_says_so(
    home_at: Make, elasticsearch_url: str, prefix: str
) -> None:
    folder = home_at(NOWHERE)
    (file,) = put(folder, chart(4))
    done = kho(folder, "ingest", "--json", file)
    assert done.returncode == 0
    assert first_line(done)["document_id"]
    done = kho(folder, "find", "--json", "Hòa")
    assert done.returncode == 11
    assert first_line(done)["error"]["code"] == "index.away"
    assert "elasticsearch" in first_line(done)["error"]["what"]["vi"]
    assert "Hòa" not in done.stderr
    assert codes(folder) == ["index.behind"]
    point(folder, elasticsearch_url, prefix)
    assert search(folder, "hòa").total == 1
    assert codes(folder) == []
    point(folder, NOWHERE, prefix)
    assert codes(folder) == ["index.away"]


def test_the_page_says_that_search_is_away(home_at: Make) -> None:
    with Home.open(home_at(NOWHERE)) as home:
        visitor = Visitor(create_app(home, with_accounts(home)))
        visitor.sign_in()
        page = visitor.search("hòa")
        assert page.status_code == 503
        assert "elasticsearch" in page.text


def test_while_it_is_full_charts_are_archived_and_what_was_there_is_found(
    home_at: Make, elasticsearch_url: str, prefix: str
) -> None:
    folder = home_at(elasticsearch_url)
    archive(folder, chart(1))
    (name,) = indices(elasticsearch_url, prefix)
    block = {"index.blocks.read_only_allow_delete": True}
    ask(elasticsearch_url, "PUT", f"{name}/_settings", block)
    archive(folder, chart(4))
    results = search(folder, "")
    assert (results.total, results.behind) == (1, True)
    ask(elasticsearch_url, "PUT", f"{name}/_settings", dict.fromkeys(block))
    results = search(folder, "")
    assert (results.total, results.behind) == (2, True)  # the second is found; its text is not read
    with Home.open(folder) as home:
        home.follow_ups.run()
    assert not search(folder, "").behind


@pytest.mark.parametrize(
    "crash", ["index.elastic.made", "index.elastic.fed", "index.elastic.switched"]
)
def test_killed_while_it_is_rebuilt_it_serves_and_the_next_run_cleans_up(
    home_at: Make, elasticsearch_url: str, prefix: str, crash: str
) -> None:
    folder = home_at(elasticsearch_url)
    with Home.open(folder) as home:
        take(home, chart(1), chart(4))
        assert kho(folder, "rebuild", env={"KHO_CRASH_AT": crash}).returncode == SIGKILLED
        assert len(indices(elasticsearch_url, prefix)) == 2
        assert home.open_for_reading().search.find("", CLERK, home.scope).total == 2
        take(home, chart(3))
        assert home.open_for_reading().search.find("", CLERK, home.scope).total == 3
        rebuild(home)
        assert len(indices(elasticsearch_url, prefix)) == 1
        assert home.open_for_reading().search.find("", CLERK, home.scope).total == 3


def test_a_server_killed_and_stopped_while_charts_come_in_loses_none(
    home_at: Make, elasticsearch_to_hurt: ElasticsearchNode
) -> None:
    folder = home_at(elasticsearch_to_hurt.url)
    with Home.open(folder) as home:
        take(home, chart(1))
        elasticsearch_to_hurt.kill()
        take(home, chart(2))
        elasticsearch_to_hurt.start()
        take(home, chart(3))
        elasticsearch_to_hurt.hang()
        take(home, chart(4))
        elasticsearch_to_hurt.go_on()
        results = home.open_for_reading().search.find("", CLERK, home.scope)
        assert (results.total, results.behind) == (4, False)
        assert not home.follow_ups.outbox.pending("index")


def test_a_password_over_an_open_line_is_refused_and_never_shown(home_at: Make) -> None:
    folder = home_at(INSECURE)
    secret = {"KHO_SEARCH__USERNAME": "kho", "KHO_SEARCH__PASSWORD": "bi-mat-thu"}
    done = kho(folder, "find", "--json", "a", env=secret)
    assert done.returncode == 2
    assert first_line(done)["error"]["code"] == "settings.invalid"
    assert "bi-mat-thu" not in done.stdout + done.stderr
