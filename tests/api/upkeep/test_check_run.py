"""A check runs beside a server: one at a time, and the page and the API say what it found."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from api.home import Home
from api.rest.app import create_app as create_api
from api.upkeep.check_run import CheckRun
from api.web.app import create_app
from tests.api.rest.conftest import Api, basic
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import chart, take


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    """A home of one chart."""
    home = fresh_home()
    take(home, chart(1))
    return home


@pytest.fixture
def checks(home: Home) -> Iterator[CheckRun]:
    """The checks of that home; what runs at the end is ended."""
    checks = CheckRun(home)
    yield checks
    checks.end()


@pytest.fixture
def administrator(home: Home, checks: CheckRun) -> Visitor:
    """The administrator at the pages."""
    visitor = Visitor(create_app(home, with_accounts(home), checks=checks))
    visitor.sign_in("quantri")
    return visitor


@pytest.fixture
def api(home: Home, checks: CheckRun) -> Flask:
    """The API of that home."""
    return create_api(home, with_accounts(home), lambda: None, checks=checks)


def test_a_check_is_begun_at_the_page_runs_by_itself_and_its_result_is_shown(
    administrator: Visitor, checks: CheckRun
) -> None:
    assert "chưa được kiểm tra lần nào" in administrator.get("/check").text
    assert administrator.send("/check").location == "/check"
    assert not checks.begin("quantri") or checks.state().last is not None  # one at a time
    checks.wait()
    page = administrator.get("/check").text
    assert "Kho nguyên vẹn" in page
    assert "Kiểm tra ngay" in page
    assert checks.state().broken is None


def test_what_a_check_found_is_shown_with_what_to_do(
    home: Home, administrator: Visitor, checks: CheckRun
) -> None:
    (original,) = [key for key in Path(home.folder, "vault").rglob("*.pdf") if key.is_file()]
    original.chmod(0o600)
    original.unlink()
    checks.begin("quantri")
    checks.wait()
    state = checks.state()
    assert state.last is not None
    assert state.last.codes
    page = administrator.get("/check").text
    for kind in state.faults:
        assert kind.remedy.vi in page


def test_a_check_that_breaks_off_says_so(
    administrator: Visitor, checks: CheckRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHO_CATALOG__URL", "postgresql+psycopg://nowhere.invalid/kho")
    checks.begin("quantri")
    checks.wait()
    assert checks.state().broken
    assert "bị dừng giữa chừng" in administrator.get("/check").text


def test_the_api_begins_a_check_and_gives_its_result(api: Flask, checks: CheckRun) -> None:
    admin = Api(api, basic("quantri"))
    assert admin.body("/health/check")["ended_at"] is None
    assert admin.post("/health/check").status_code == 202
    checks.wait()
    result = admin.body("/health/check")
    assert (result["running_since"], result["broken_off"], result["faults"]) == (None, False, [])
    assert result["ended_at"]
    clerk = Api(api, basic("luutru"))
    assert clerk.post("/health/check").status_code == 403
