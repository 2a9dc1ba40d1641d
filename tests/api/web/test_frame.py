"""The frame of every page: the entries of a role, and a count where work waits."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from api.home import Home
from api.web import frame
from api.web.app import create_app
from archive.access.actor import Actor, role_names
from archive.base.errors import Unavailable
from tests.api.web.test_depositing import boxes
from tests.fixtures.browsing import Visitor, counted_queries, with_accounts
from tests.fixtures.home import chart, take

_ENTRY = re.compile(
    r'<li><a href="(/[^"]*)" (aria-current="page")?>([^<]+?) ?(?:<b[^>]*>(\d+)|</a>)'
)


def entries(visitor: Visitor, path: str) -> list[tuple[str, str, bool, int]]:
    """Return address, name, whether it is here, and count of each entry."""
    page = visitor.get(path).text
    navigation = page[page.index('<nav class="entries"') : page.index("</header>")]
    return [
        (address, name, bool(here), int(count or 0))
        for address, here, name, count in _ENTRY.findall(navigation)
    ]


def test_each_role_has_the_entries_that_it_may_open_and_no_more_than_seven(site: Flask) -> None:
    for name, role in (("luutru", "clerk"), ("doc", "reader"), ("quantri", "admin")):
        visitor = Visitor(site)
        visitor.sign_in(name)
        shown = entries(visitor, visitor.get("/").location)
        assert 1 < len(shown) <= 7
        assert [here for *_, here, _ in shown] == [True] + [False] * (len(shown) - 1)
        for address, *_ in shown:
            assert visitor.get(address).status_code == 200
        assert len(shown) == sum(Actor(name, role).may(entry.permission) for entry in frame.ENTRIES)


@pytest.mark.parametrize("role", role_names())
def test_no_role_has_more_than_seven_entries(role: str) -> None:
    assert sum(Actor("ai", role).may(entry.permission) for entry in frame.ENTRIES) <= 7


def test_every_page_belongs_to_an_entry_or_to_everybody(site: Flask) -> None:
    of_an_entry = {name for entry in frame.ENTRIES for name in entry.blueprints}
    of_everybody = {"signing", "own_account", "copies", "sheet"}
    assert set(site.blueprints) == of_an_entry | of_everybody
    assert {entry.endpoint for entry in frame.ENTRIES} <= set(site.view_functions)


def test_a_count_is_kept_for_a_moment_and_taken_again_after_a_form(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(1), chart(3))
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    assert count_of_charts(visitor) == 2
    with counted_queries(home) as statements:
        assert count_of_charts(visitor) == 2
    assert not [each for each in statements if "count(" in each]
    chosen = boxes(visitor.get("/charts").text)[:1]
    visitor.send("/charts/deposit", form="/charts", chart=chosen)
    assert count_of_charts(visitor) == 1


def test_a_person_sees_only_the_count_of_the_own_departments(site: Flask) -> None:
    reader = Visitor(site)
    reader.sign_in("khoa")
    assert count_of_charts(reader) == 0  # a reader deposits nothing


def test_a_page_that_says_what_fails_has_its_frame(
    fresh_home: Callable[[], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = fresh_home()
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()

    def fail(*_: object) -> int:
        raise Unavailable(why_vi="hỏng", why_en="broken")

    monkeypatch.setattr("api.reading.worklist.WorklistService.total", fail)
    assert count_of_charts(visitor) == 0


def count_of_charts(visitor: Visitor) -> int:
    """Return the count beside the table of charts, seen from a page that counts nothing."""
    return next(count for address, *_, count in entries(visitor, "/verify") if address == "/charts")
