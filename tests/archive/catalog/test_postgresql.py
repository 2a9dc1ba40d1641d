"""A catalogue on PostgreSQL is durable whatever the server's defaults, never hangs, and says
plainly what is wrong.
"""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from archive.base.errors import KhoError, Misconfigured, Unavailable
from archive.catalog.database import Catalog
from archive.catalog.errors import TransactionLost
from archive.catalog.operations import OutboxRow
from archive.catalog.postgresql import Postgres
from archive.catalog.postgresql_server import Server, require_fit
from tests.fixtures.postgres import OWNER, PostgresServer, fresh_database
from tests.waiting import PATIENCE

PASSWORD = "not-to-be-shown"
PATIENT = "Nguyễn Thị Mẫu Hòa"


@pytest.fixture
def url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A database with the catalogue's empty tables."""
    with fresh_database(postgres, postgres_template) as url:
        yield url


@pytest.fixture
def opened() -> Iterator[Callable[..., Catalog]]:
    """A factory of catalogues that are closed at the end."""
    catalogs: list[Catalog] = []

    def open_(url: str, timeout: int = 60) -> Catalog:
        catalogs.append(Catalog.open(Postgres(url, timeout=timeout)))
        return catalogs[-1]

    yield open_
    for catalog in catalogs:
        catalog.close()


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def owe(catalog: Catalog, subject: str = "x") -> None:
    with catalog.write() as session:
        session.add(OutboxRow(facility="99001", topic="index", subject=subject))


def write_until(catalog: Catalog, interruption: Callable[[], object]) -> None:
    """Write a row, and let something happen before the commit."""
    with catalog.write() as session:
        session.add(OutboxRow(facility="99001", topic="index", subject=PATIENT))
        session.flush()
        interruption()


def owed(catalog: Catalog) -> int:
    with catalog.read() as session:
        return session.query(OutboxRow).count()


def test_an_empty_database_is_given_its_tables(
    postgres_url: str, opened: Callable[..., Catalog]
) -> None:
    database = Postgres(postgres_url)
    assert not database.has_tables
    opened(postgres_url)
    assert database.has_tables
    database.engine.dispose()


def test_sessions_are_durable_whatever_the_role_says(
    url: str, postgres: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    postgres.run(f"ALTER DATABASE {name_of(url)} SET synchronous_commit = off")
    with opened(url).read() as session:
        assert session.scalar(text("SELECT current_setting('synchronous_commit')")) == "on"
        assert session.scalar(text("SELECT current_setting('application_name')")) == "kho"
        assert session.scalar(text("SELECT current_setting('transaction_read_only')")) == "on"
        assert (
            session.scalar(text("SELECT current_setting('transaction_isolation')"))
            == "repeatable read"
        )


def test_a_read_cannot_write(url: str, opened: Callable[..., Catalog]) -> None:
    catalog = opened(url)
    with pytest.raises(Unavailable, match="read-only"), catalog.read() as session:
        session.execute(text("DELETE FROM outbox"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://kho@somewhere/kho", "postgresql://user@host"),
        ("postgresql://kho@somewhere/kho?nonsense=1", "postgresql://user@host"),
        (f"postgresql://kho:{PASSWORD}@somewhere/kho", "catalog.password"),
        (f"postgresql://kho@somewhere/kho?password={PASSWORD}", "catalog.password"),
    ],
)
def test_an_invalid_url_is_refused_and_not_repeated(url: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said) as refused:
        Postgres(url)
    assert PASSWORD not in str(refused.value.as_json())


def test_a_password_is_never_shown(postgres: PostgresServer) -> None:
    database = Postgres(postgres.url("nothing", "stranger"), PASSWORD)
    with pytest.raises(Unavailable, match=r"postgresql.*stranger") as refused:
        Catalog.open(database)
    cause: BaseException | None = refused.value
    while cause is not None:
        assert PASSWORD not in f"{cause} {cause!r}"
        cause = cause.__cause__
    assert PASSWORD not in repr(database.engine.url)


FIT = Server(150000, "UTF8", True, "on", "on", "on", False)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (FIT._replace(version=140012), "older than 15"),
        (FIT._replace(encoding="LATIN1"), "LATIN1"),
        (FIT._replace(sorts_bytes=False), "LC_COLLATE"),
        (FIT._replace(synchronous_commit="off"), "synchronous_commit"),
        (FIT._replace(fsync="off"), "fsync"),
        (FIT._replace(full_page_writes="off"), "full_page_writes"),
    ],
)
def test_a_server_that_is_not_fit_is_refused_with_the_reason(server: Server, said: str) -> None:
    require_fit(FIT, production=True)
    with pytest.raises(Misconfigured, match=said):
        require_fit(server, production=True)


def test_production_refuses_a_server_that_does_not_sync(url: str) -> None:
    with pytest.raises(Misconfigured, match="fsync"):
        Catalog.open(Postgres(url, production=True))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("ENCODING 'LATIN1' LOCALE 'C'", "LATIN1"),
        ("ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'vi-VN'", "LC_COLLATE"),
    ],
)
def test_a_database_that_does_not_keep_text_as_it_is_is_refused(
    postgres: PostgresServer, how: str, said: str
) -> None:
    postgres.run(f"CREATE DATABASE odd TEMPLATE template0 OWNER {OWNER} {how}")
    try:
        with pytest.raises(Misconfigured, match=said):
            Catalog.open(Postgres(postgres.url("odd")))
    finally:
        postgres.run("DROP DATABASE odd")


def test_a_role_that_may_only_read_reads(
    url: str, postgres: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    owe(opened(url))
    postgres.run("CREATE ROLE reader LOGIN")
    postgres.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", name_of(url))
    try:
        reading = opened(postgres.url(name_of(url), "reader"))
        assert reading.read_only
        assert owed(reading) == 1
        with pytest.raises(Unavailable, match="permission denied for table outbox"):
            owe(reading)
    finally:
        postgres.run("DROP OWNED BY reader", name_of(url))
        postgres.run("DROP ROLE reader")


def test_sessions_that_were_ended_are_replaced(
    url: str, postgres: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    catalog = opened(url)
    owe(catalog)
    assert postgres.end_sessions(name_of(url)) == 1
    owe(catalog)
    assert owed(catalog) == 2


def test_a_session_that_breaks_in_the_middle_leaves_nothing(
    url: str, postgres: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    catalog = opened(url)
    with pytest.raises(TransactionLost, match="postgresql") as lost:
        write_until(catalog, lambda: postgres.end_sessions(name_of(url)))
    assert_tells_nothing(lost.value)
    assert owed(catalog) == 0


def test_of_two_that_wait_for_each_other_one_goes_on_and_one_is_reported(
    url: str, opened: Callable[..., Catalog]
) -> None:
    catalog = opened(url)
    owe(catalog, "a")
    owe(catalog, "b")
    change = text("UPDATE outbox SET topic = :topic WHERE subject = :subject")
    failed: list[KhoError] = []

    def write(first: str, second: str, meet: Callable[[], object]) -> None:
        try:
            with catalog.write() as session:
                session.execute(change, {"topic": first, "subject": first})
                meet()
                session.execute(change, {"topic": first, "subject": second})
        except KhoError as error:
            failed.append(error)

    barrier = threading.Barrier(2, timeout=PATIENCE)
    threads = [
        threading.Thread(target=write, args=(*pair, barrier.wait))
        for pair in (("a", "b"), ("b", "a"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (failure,) = failed
    assert isinstance(failure, TransactionLost)
    assert "deadlock detected" in str(failure)
    with catalog.read() as session:
        assert len(set(session.scalars(text("SELECT topic FROM outbox")))) == 1


def test_what_was_to_be_written_is_never_shown(url: str, opened: Callable[..., Catalog]) -> None:
    catalog = opened(url)
    for statement in (
        "SELECT CAST(:name AS integer)",
        "DO $$ BEGIN RAISE EXCEPTION 'Nguyễn Thị Mẫu Hòa'; END $$",
    ):
        with pytest.raises(Unavailable, match="postgresql") as refused, catalog.write() as session:
            session.execute(text(statement), {"name": PATIENT} if ":name" in statement else {})
        assert_tells_nothing(refused.value)


def test_a_statement_that_takes_too_long_is_ended(url: str, opened: Callable[..., Catalog]) -> None:
    catalog = opened(url, timeout=1)
    with pytest.raises(Unavailable, match="statement timeout"), catalog.read() as session:
        session.execute(text("SELECT pg_sleep(20)"))


def test_a_full_disk_is_named_and_nothing_is_written(
    url: str, postgres: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    """By a trigger that raises what the server raises (SQLSTATE 53100); `test_full_postgresql`
    fills a real disk.
    """
    catalog = opened(url)
    postgres.run(
        "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = "
        "'disk_full'; END $$",
        name_of(url),
    )
    postgres.run("CREATE TRIGGER f BEFORE INSERT ON outbox EXECUTE FUNCTION full()", name_of(url))
    with pytest.raises(
        Unavailable,
        match=r"postgresql.*No space left on device.*acknowledged before stays archived",
    ):
        owe(catalog)
    postgres.run("DROP TRIGGER f ON outbox", name_of(url))
    owe(catalog)
    assert owed(catalog) == 1


def test_a_stopped_server_is_named_and_one_that_is_back_is_found(
    postgres_to_kill: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    catalog = opened(postgres_to_kill.url(postgres_to_kill.fresh()), timeout=2)
    owe(catalog)
    postgres_to_kill.stop()
    for _ in range(2):
        with pytest.raises(Unavailable, match="postgresql"):
            owe(catalog)
    postgres_to_kill.start()
    owe(catalog)
    assert owed(catalog) == 2


def test_a_silent_server_ends_the_wait(
    postgres_to_kill: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    catalog = opened(postgres_to_kill.url(postgres_to_kill.fresh()), timeout=2)
    owe(catalog)
    postgres_to_kill.pause()
    with pytest.raises(Unavailable, match=r"postgresql.*(no answer|timeout)"):
        owe(catalog)
    postgres_to_kill.resume()
    owe(catalog)
    assert owed(catalog) == 2


def test_an_outage_in_the_middle_of_a_transaction_is_not_acknowledged(
    postgres_to_kill: PostgresServer, opened: Callable[..., Catalog]
) -> None:
    catalog = opened(postgres_to_kill.url(postgres_to_kill.fresh()), timeout=2)
    with pytest.raises(TransactionLost, match="no answer within 4 s"):
        write_until(catalog, postgres_to_kill.pause)
    postgres_to_kill.resume()
    assert owed(catalog) in (0, 1)


def assert_tells_nothing(error: KhoError) -> None:
    assert PATIENT not in str(error.as_json())
