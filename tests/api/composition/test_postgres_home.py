"""A home whose catalogue is on PostgreSQL is made, shared, rebuilt and asked as the embedded one;
outages are named.
"""

import json
import shutil
import urllib.error
from collections.abc import Callable
from pathlib import Path

import pytest

from api.composition.engines import ON_POSTGRESQL
from api.home import Home
from api.upkeep.maintenance import checker
from archive.base.leases import LeaseHeld
from archive.base.settings import CONFIG_FILE
from signing.testpki.running import stop
from tests.api.test_server import get, serving
from tests.fixtures.home import chart, json_lines, kho, paper, take
from tests.fixtures.postgres import PostgresServer, on_postgres


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A chart with two papers."""
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(chart(papers=[paper("1"), paper("2")])))
    return file


def test_a_home_is_made_where_the_environment_says_and_remembers_it(
    tmp_path: Path, postgres_url: str
) -> None:
    folder = tmp_path / "home"
    kho(folder, "init", "--demo", env={"KHO_CATALOG__URL": postgres_url}, check=True)
    try:
        assert not list(folder.glob("catalog.db*"))
        assert postgres_url in (folder / CONFIG_FILE).read_text()
        before = kho(folder, "dump", check=True).stdout
        kho(folder, "init", "--demo", check=True)
        assert kho(folder, "dump", check=True).stdout == before
    finally:
        stop(folder / "testpki")


def test_an_empty_database_is_no_archive_and_stays_empty(tmp_path: Path, postgres_url: str) -> None:
    done = kho(tmp_path / "home", "check", "--json", env={"KHO_CATALOG__URL": postgres_url})
    assert done.returncode == 2
    assert json_lines(done.stdout)[0]["error"]["code"] == "home.empty"
    with Home.open(tmp_path / "home") as home:
        assert not home.has_archive


def test_a_chart_goes_all_the_way(postgres_home_folder: Path, source: Path) -> None:
    receipts = json_lines(kho(postgres_home_folder, "ingest", "--json", source, check=True).stdout)
    assert (
        json_lines(kho(postgres_home_folder, "ingest", "--json", source, check=True).stdout)
        == receipts
    )
    (answer,) = json_lines(
        kho(postgres_home_folder, "find", "--json", "tran van gia dinh", check=True).stdout
    )
    assert answer["total"] == 2
    kho(postgres_home_folder, "deposit", "--json", receipts[0]["chart_id"], check=True)
    kho(postgres_home_folder, "check", "--read-data", check=True)


def test_rebuilt_on_either_engine_it_says_the_same(
    postgres_home_folder: Path, source: Path, tmp_path: Path
) -> None:
    kho(postgres_home_folder, "ingest", "--json", source, check=True)
    before = kho(postgres_home_folder, "dump", check=True).stdout
    kho(postgres_home_folder, "rebuild", check=True)
    assert kho(postgres_home_folder, "dump", check=True).stdout == before
    embedded = Path(shutil.copytree(postgres_home_folder, tmp_path / "embedded"))
    settings = (embedded / CONFIG_FILE).read_text()
    (embedded / CONFIG_FILE).write_text(settings[: settings.index("[catalog]")])
    (embedded / ON_POSTGRESQL).unlink()  # the way back, as docs/postgresql.md tells it
    kho(embedded, "rebuild", check=True)
    assert kho(embedded, "dump", check=True).stdout == before


@pytest.mark.parametrize(
    "command", ["ingest", "find", "show", "check", "dump", "rebuild", "serve", "init"]
)
def test_a_command_that_is_not_reported_where_opens_no_second_catalogue(
    home_template: Path, source: Path, tmp_path: Path, postgres_url: str, command: str
) -> None:
    folder = Path(
        shutil.copytree(
            home_template, tmp_path / "home", ignore=shutil.ignore_patterns("catalog.db*")
        )
    )
    kho(folder, "ingest", source, env={"KHO_CATALOG__URL": postgres_url}, check=True)
    before = kho(folder, "dump", env={"KHO_CATALOG__URL": postgres_url}, check=True).stdout
    arguments: dict[str, list[str | Path]] = {
        "ingest": [source],
        "find": ["x"],
        "show": ["x"],
        "init": ["--demo"],
    }
    done = kho(folder, command, *arguments.get(command, []))
    assert done.returncode == 2
    assert "KHO_CATALOG__URL" in done.stderr
    assert not list(folder.glob("catalog.db*"))
    assert kho(folder, "dump", env={"KHO_CATALOG__URL": postgres_url}, check=True).stdout == before


def test_an_embedded_home_moves_to_postgresql_and_not_back_by_mistake(
    home_folder: Path, source: Path, postgres_url: str
) -> None:
    kho(home_folder, "ingest", source, check=True)
    before = kho(home_folder, "dump", check=True).stdout
    with (home_folder / CONFIG_FILE).open("a", encoding="utf-8") as config:
        config.write(f'\n[catalog]\nurl = "{postgres_url}"\n')
    kho(home_folder, "rebuild", check=True)
    assert kho(home_folder, "dump", check=True).stdout == before
    settings = (home_folder / CONFIG_FILE).read_text()
    (home_folder / CONFIG_FILE).write_text(settings[: settings.index("[catalog]")])
    assert kho(home_folder, "dump").returncode == 2


def test_homes_over_one_vault_share_catalogue_and_sequencer(
    postgres_homes: Callable[[], Home],
) -> None:
    ours, theirs = postgres_homes(), postgres_homes()
    (first,) = take(ours, chart(1))
    (again,) = take(theirs, chart(1))
    assert again.receipts == first.receipts
    (other,) = take(theirs, chart(2))
    assert (first.receipts[0].ledger_index, other.receipts[0].ledger_index) == (1, 2)
    with ours.leases.hold("a"), pytest.raises(LeaseHeld), theirs.leases.hold("a", timeout=0):
        pass
    assert checker(ours).check(read_data=True).ok


def test_a_role_that_may_only_read_shows_and_checks(
    postgres_home_folder: Path, source: Path, postgres: PostgresServer
) -> None:
    receipts = json_lines(kho(postgres_home_folder, "ingest", "--json", source, check=True).stdout)
    with Home.open(postgres_home_folder) as home:
        url = home.settings.catalog.url
    database = url.partition("@/")[2].partition("?")[0]
    postgres.run("CREATE ROLE onlooker LOGIN")
    postgres.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker", database)
    try:
        env = {"KHO_CATALOG__URL": postgres.url(database, "onlooker")}
        kho(postgres_home_folder, "check", "--read-data", env=env, check=True)
        kho(postgres_home_folder, "show", "--json", receipts[0]["document_id"], env=env, check=True)
        other = source.with_name("other.json")
        other.write_text(json.dumps(chart(2)))
        refused = kho(postgres_home_folder, "ingest", "--json", other, env=env)
        assert refused.returncode == 11
        assert "permission denied" in json_lines(refused.stdout)[-1]["error"]["what"]["en"]
    finally:
        postgres.run("DROP OWNED BY onlooker", database)
        postgres.run("DROP ROLE onlooker")


@pytest.mark.parametrize(
    "command", ["ingest", "find", "show", "check", "dump", "rebuild", "deposit"]
)
def test_without_its_server_every_command_names_it(
    postgres_home_folder: Path, source: Path, command: str
) -> None:
    arguments: dict[str, list[str | Path]] = {
        "ingest": [source],
        "find": ["x"],
        "show": ["x"],
        "deposit": ["x"],
    }
    settings = (postgres_home_folder / CONFIG_FILE).read_text()
    (postgres_home_folder / CONFIG_FILE).write_text(settings.replace("port=5432", "port=5433"))
    done = kho(postgres_home_folder, command, "--json", *arguments.get(command, []))
    assert done.returncode == 11, done.stderr
    assert "postgresql" in json_lines(done.stdout)[-1]["error"]["what"]["en"]
    assert "Traceback" not in done.stderr


def test_a_running_server_answers_again_when_its_database_is_back(
    home_template: Path, tmp_path: Path, postgres_to_kill: PostgresServer
) -> None:
    folder = on_postgres(
        home_template, tmp_path / "home", postgres_to_kill.url(postgres_to_kill.fresh())
    )
    with serving(folder, "--port", "0") as (_, address, _):
        health = f"{address}/api/v1/health"  # reads the catalogue
        assert status(health) == 200
        postgres_to_kill.stop()
        assert [status(health) for _ in range(3)] == [503] * 3
        postgres_to_kill.start()
        assert [status(health) for _ in range(3)] == [200] * 3


def status(address: str) -> int:
    try:
        return get(address)[0]
    except urllib.error.HTTPError as error:
        with error:
            return error.code
