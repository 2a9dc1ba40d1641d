"""Pages: the number of queries that each needs must not grow with what is archived."""

from collections.abc import Iterator

from sqlalchemy import event

from api.access.accounts import Accounts
from api.home import Home
from api.upkeep.demo_accounts import demo_password
from api.writing.intake import Intake
from bench.context import CLERK, Context
from bench.papers import chart
from bench.report import Figure


def measure(context: Context) -> Iterator[Figure]:
    """Yield by how many queries the search page and a chart's page grow from few charts to many."""
    few, many = 2, context.pick(30, 300)
    with context.open_home("pages") as home:
        intake = Intake(home.open_for_writing(), CLERK, home.scope)
        counted = []
        done = 0
        for wanted in (few, many):
            while done < wanted:
                list(intake.take("bench.json", chart(done, 1, 2)))
                done += 1
            home.follow_ups.run()
            counted.append(_queries(home))
    grown = {page: counted[1][page] - counted[0][page] for page in counted[0]}
    counts = ", ".join(f"{page} {counted[1][page]}" for page in sorted(counted[1]))
    yield Figure(
        "pages", max(grown.values()), note=f"{few} charts, then {many}; queries now: {counts}"
    )


def _queries(home: Home) -> dict[str, int]:
    from api.web.app import create_app

    client = create_app(home, Accounts(home.catalog, home.code, home.clock)).test_client()
    name, password = demo_password(home)
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    client.post("/sign-in", data={"csrf_token": token, "name": name, "password": password})
    statements_of: dict[str, int] = {}
    for which, address in (("search", "/search?q=Viêm+phổi"), ("charts", "/search")):
        statements: list[str] = []

        def count(
            _connection: object,
            _cursor: object,
            statement: str,
            *_: object,
            seen: list[str] = statements,
        ) -> None:
            seen.append(statement)

        engine = home.catalog.engine
        client.get(address)  # what is made once is made
        event.listen(engine, "before_cursor_execute", count)
        try:
            answer = client.get(address)
        finally:
            event.remove(engine, "before_cursor_execute", count)
        assert answer.status_code == 200, answer.status
        statements_of[which] = len(statements)
    return statements_of
