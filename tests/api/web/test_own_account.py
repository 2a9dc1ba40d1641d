"""A person's own account: a password of one's own, first of all where an administrator set it."""

import re
from collections.abc import Callable

import pytest

from api.access.accounts import Accounts
from api.access.users import Users
from api.home import Home
from api.web.app import create_app
from tests.fixtures.browsing import BY, CHEAP, PASSWORD, Visitor

OWN = "một câu dài của riêng tôi"


@pytest.fixture
def lan(fresh_home: Callable[[], Home]) -> Visitor:
    """That clerk, signed in for the first time."""
    home = fresh_home()
    accounts = Accounts(home.catalog, home.code, home.clock, CHEAP)
    Users(accounts).create("lan", "clerk", PASSWORD, BY)
    visitor = Visitor(create_app(home, accounts))
    assert visitor.sign_in("lan").status_code == 303
    return visitor


def change(visitor: Visitor, old: str = PASSWORD, new: str = OWN, again: str | None = None) -> int:
    """Send the form that replaces the password; returns the status."""
    again = new if again is None else again
    return visitor.send("/account/password", old=old, new=new, again=again).status_code


def test_a_password_of_an_administrator_opens_nothing_but_the_page_that_replaces_it(
    lan: Visitor,
) -> None:
    app = lan.client.application
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments:
            continue
        answer = lan.get(rule.rule)
        if rule.endpoint in {"icon", "signing.sign_in"}:
            continue
        if rule.endpoint == "own_account.password":
            assert answer.status_code == 200
            assert "do người quản trị đặt" in answer.text
            assert "/search" not in answer.text
        else:
            assert (answer.status_code, answer.location) == (303, "/account/password"), rule
    assert change(lan) == 303
    assert "Đã đổi mật khẩu" in lan.get("/search").text
    assert lan.send("/sign-out", form="/search").status_code == 303
    assert lan.sign_in("lan").status_code == 401
    assert lan.sign_in("lan", OWN).location == "/"


def test_sign_out_is_open_before_the_password_is_replaced(lan: Visitor) -> None:
    assert lan.send("/sign-out", form="/account/password").location == "/sign-in"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "sai"}, "Mật khẩu hiện nay không đúng."),
        ({"again": "khác"}, "Hai lần nhập mật khẩu mới không giống nhau."),
        ({"new": "ngan"}, "mật khẩu phải có từ 8 đến 1024 ký tự"),
        ({"new": PASSWORD}, "mật khẩu mới phải khác mật khẩu cũ"),
        ({"new": ""}, "Hãy điền vào đây."),
    ],
)
def test_what_cannot_be_the_new_password_is_said_in_a_sentence(
    lan: Visitor, fields: dict[str, str], sentence: str
) -> None:
    form = {"old": PASSWORD, "new": OWN, **fields}
    answer = lan.send("/account/password", **{"again": form["new"], **form})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert lan.get("/search").location == "/account/password"


def test_five_wrong_old_passwords_close_the_name(lan: Visitor) -> None:
    assert [change(lan, old="sai") for _ in range(6)] == [422] * 5 + [429]


def test_a_copy_of_the_cookie_is_worth_nothing_after_sign_out(lan: Visitor) -> None:
    change(lan)
    copied = lan.client.get_cookie("kho")
    assert copied is not None
    lan.send("/sign-out", form="/search")
    lan.client.set_cookie("kho", copied.decoded_value)
    assert lan.get("/search").location == "/sign-in?next=/search"


def test_a_cookie_of_an_earlier_version_is_signed_out(lan: Visitor) -> None:
    with lan.client.session_transaction() as session:
        session["_user_id"] = "lan:0123456789abcdef"
    assert lan.get("/search").location == "/sign-in?next=/search"


def test_a_person_sees_the_own_devices_and_ends_them(lan: Visitor) -> None:
    change(lan)
    phone = Visitor(lan.client.application)
    phone.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Android 14) Firefox/143.0"
    phone.sign_in("lan", OWN)
    page = lan.get("/account/devices").text
    assert "Firefox · Android" in page
    assert page.count("(thiết bị này)") == 1
    assert lan.send("/account/devices/end", form="/account/devices").status_code == 303
    assert phone.get("/search").location == "/sign-in?next=/search"
    assert "Phiên làm việc đã hết" in phone.get("/sign-in").text
    assert lan.get("/search").status_code == 200
    phone.sign_in("lan", OWN)
    ids = re.findall(r'name="session" value="(\w+)"', lan.get("/account/devices").text)
    assert len(ids) == 2
    for session in ids:
        lan.send("/account/devices/end", form="/account/devices", session=session)
    assert phone.get("/search").status_code == 303
    assert lan.get("/search").status_code == 303


def test_a_new_password_ends_the_other_devices(lan: Visitor) -> None:
    change(lan)
    phone = Visitor(lan.client.application)
    phone.sign_in("lan", OWN)
    assert change(lan, OWN, PASSWORD) == 303
    assert phone.get("/search").status_code == 303
    assert lan.get("/search").status_code == 200


def test_the_page_is_there_for_everybody(clerk: Visitor) -> None:
    page = clerk.get("/account/password")
    assert page.status_code == 200
    assert "do người quản trị đặt" not in page.text
