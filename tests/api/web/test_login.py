"""Sign in, sign out, and how long a session lasts."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.home import Home
from api.web.app import create_app
from archive.base.clock import FixedClock, SystemClock
from tests.fixtures.browsing import PASSWORD, Visitor, with_accounts

UNKNOWN = "01a205be-9725-7741-9c0d-cdd3b11eca06"


def test_nothing_is_shown_before_sign_in(stranger: Visitor) -> None:
    for path in ("/search", f"/charts/{UNKNOWN}", f"/documents/{UNKNOWN}/original", "/verify"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")


def test_after_sign_in_the_page_that_was_wanted_opens(stranger: Visitor) -> None:
    assert stranger.sign_in(path="/sign-in?next=/verify").location == "/verify"
    assert stranger.get("/verify").status_code == 200
    assert stranger.get("/sign-in").location == "/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/no-such-page",
        "/sign-out",
        "verify",
    ],
)
def test_no_user_is_sent_elsewhere_after_sign_in(stranger: Visitor, elsewhere: str) -> None:
    assert stranger.sign_in(path=f"/sign-in?next={elsewhere}").location == "/"


@pytest.mark.parametrize(
    ("name", "password"), [("luutru", "sai"), ("khong-co", PASSWORD), ("", "")]
)
def test_wrong_name_and_wrong_password_get_the_same_answer(
    stranger: Visitor, name: str, password: str
) -> None:
    answer = stranger.sign_in(name, password)
    assert answer.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in answer.text
    assert stranger.get("/search").status_code == 303


def test_sign_out_ends_the_session(clerk: Visitor) -> None:
    assert clerk.send("/sign-out", form="/search").location == "/sign-in"
    assert "Bạn đã đăng xuất." in clerk.get("/sign-in").text
    assert clerk.get("/search").status_code == 303


def test_sign_out_is_no_link(clerk: Visitor) -> None:
    assert clerk.get("/sign-out").status_code == 405


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_goes_with_the_browser(
    stranger: Visitor,
) -> None:
    cookies = stranger.sign_in().headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["kho", "kho-device"]
    for plain in cookies:
        assert "HttpOnly" in plain
        assert "SameSite=Lax" in plain
        assert "Secure" not in plain
    (session,) = (cookie for cookie in cookies if cookie.startswith("kho="))
    assert "Expires" not in session


def test_over_https_the_cookie_never_goes_over_http(stranger: Visitor) -> None:
    answer = stranger.client.get("/sign-in", base_url="https://localhost")
    assert "; Secure;" in answer.headers["Set-Cookie"]


def test_a_session_from_before_sign_in_is_useless_afterwards(stranger: Visitor) -> None:
    stranger.get("/sign-in")
    with stranger.client.session_transaction() as session:
        session["planted"] = "by somebody else"
        before = session["csrf_token"]
    stranger.sign_in()
    stranger.get("/search")
    with stranger.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != before


@pytest.mark.parametrize("path", ["/sign-in", "/v/" + UNKNOWN])
def test_a_form_without_its_token_is_refused(stranger: Visitor, path: str) -> None:
    answer = stranger.client.post(path, data={"name": "luutru", "password": PASSWORD})
    assert answer.status_code == 400
    assert "Trang đã cũ" in answer.text


@pytest.fixture
def home(home_folder: Path) -> Iterator[Home]:
    """A home of its own, with a clock that stays until it is moved."""
    with Home.open(home_folder, FixedClock(SystemClock().now())) as home:
        yield home


@pytest.fixture
def visitor(home: Home) -> Visitor:
    """Somebody who has signed in there."""
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    return visitor


def pass_time(home: Home, **time: float) -> None:
    """Move the home's clock on."""
    assert isinstance(home.clock, FixedClock)
    home.clock.moment += timedelta(**time)


def test_half_an_hour_without_a_request_ends_the_session(home: Home, visitor: Visitor) -> None:
    for _ in range(3):
        pass_time(home, minutes=29)
        assert visitor.get("/search").status_code == 200
    pass_time(home, minutes=31)
    assert visitor.get("/search").location == "/sign-in?next=/search"
    assert "Phiên làm việc đã hết" in visitor.get("/sign-in").text


def test_after_twelve_hours_every_user_signs_in_again(home: Home, visitor: Visitor) -> None:
    for _ in range(25):
        pass_time(home, minutes=28)
        assert visitor.get("/search").status_code == 200
    pass_time(home, minutes=28)
    assert visitor.get("/search").status_code == 303


def test_a_new_password_ends_the_sessions_of_the_old_one(home: Home, visitor: Visitor) -> None:
    with_accounts(home)
    assert visitor.get("/search").status_code == 303


def test_five_wrong_passwords_close_the_name_for_a_while(home: Home) -> None:
    visitor = Visitor(create_app(home, with_accounts(home)))
    for _ in range(5):
        assert visitor.sign_in(password="sai").status_code == 401
    answer = visitor.sign_in()
    assert answer.status_code == 429
    assert "Chờ 5 phút rồi thử lại." in answer.text


def test_strangers_who_close_a_name_shut_no_person_out_of_a_device_that_is_known(
    home: Home,
) -> None:
    app = create_app(home, with_accounts(home))
    person = Visitor(app)
    assert person.sign_in().status_code == 303
    person.send("/sign-out", form="/search")
    for _ in range(6):
        status = Visitor(app).sign_in(password="sai").status_code
    assert status == 429
    assert Visitor(app).sign_in().status_code == 429
    assert person.sign_in(password="sai").status_code == 401
    assert person.sign_in().status_code == 303


def test_a_device_is_known_for_those_only_who_have_signed_in_there(home: Home) -> None:
    app = create_app(home, with_accounts(home))
    shared = Visitor(app)
    assert shared.sign_in("doc").status_code == 303
    shared.send("/sign-out", form="/search")
    for _ in range(5):
        Visitor(app).sign_in(password="sai")
    assert shared.sign_in().status_code == 429
    assert shared.sign_in("doc").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "x" * 3000, "\x00"])
def test_a_device_cookie_that_kho_did_not_make_is_a_stranger_s(home: Home, cookie: str) -> None:
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.client.set_cookie("kho-device", cookie)
    assert visitor.sign_in().status_code == 303
