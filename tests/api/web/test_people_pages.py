"""Administration of people at the pages: plain forms, each with its token, for administrators."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from api.home import Home
from api.web.app import create_app
from tests.fixtures.browsing import PASSWORD, Visitor, links, with_accounts

FIRST, OWN = "một mật khẩu ban đầu", "một câu dài của riêng tôi"
LAN: dict[str, Any] = {
    "name": "lan",
    "full_name": "Trần Thị Lan",
    "role": "reader",
    "departments": ["K02", "K01"],
}


@pytest.fixture
def app(fresh_home: Callable[[], Home]) -> Flask:
    """The pages of a home of its own."""
    home = fresh_home()
    return create_app(home, with_accounts(home))


@pytest.fixture
def admin(app: Flask) -> Visitor:
    """The administrator, signed in."""
    visitor = Visitor(app)
    visitor.sign_in("quantri")
    return visitor


def test_a_person_is_added_signs_in_and_begins_to_work(admin: Visitor, app: Flask) -> None:
    answer = admin.send("/users/new", **LAN, password=FIRST, again=FIRST)
    assert (answer.status_code, answer.location) == (303, "/users/lan")
    page = admin.get("/users/lan").text
    for said in (
        "Đã tạo tài khoản lan.",
        "Trần Thị Lan",
        "người đọc",
        "Khoa Khám bệnh, Khoa Hồi sức cấp cứu",
    ):
        assert said in page
    assert "phải đổi mật khẩu" in page
    assert "/users/lan" in links(admin.get("/users"), "/users/")
    lan = Visitor(app)
    lan.sign_in("lan", FIRST)
    assert lan.get("/search").location == "/account/password"
    lan.send("/account/password", old=FIRST, new=OWN, again=OWN)
    assert lan.get("/search").status_code == 200
    assert "đang dùng" in admin.get("/users/lan").text


def test_role_password_and_state_are_changed_and_end_the_person_s_sessions(
    admin: Visitor, app: Flask
) -> None:
    def signed_in(password: str = PASSWORD) -> Visitor:
        visitor = Visitor(app)
        assert visitor.sign_in("doc", password).status_code == 303
        return visitor

    def change(what: str, **fields: str) -> None:
        answer = admin.send(f"/users/doc/{what}", form="/users/doc", **fields)
        assert (answer.status_code, answer.location) == (303, "/users/doc")

    reader = signed_in()
    change("role", role="clerk", departments="")
    assert reader.get("/search").status_code == 303
    reader = signed_in()
    change("disable")
    assert reader.get("/search").status_code == 303
    assert Visitor(app).sign_in("doc").status_code == 401
    assert "đã khóa" in admin.get("/users/doc").text
    change("enable")
    reader = signed_in()
    change("password", password=FIRST, again=FIRST)
    assert reader.get("/search").status_code == 303
    assert signed_in(FIRST).get("/search").location == "/account/password"


def test_a_person_s_devices_are_ended_one_by_one_or_all(admin: Visitor, app: Flask) -> None:
    visitors = [Visitor(app) for _ in range(3)]
    for visitor in visitors:
        visitor.sign_in("doc")
    ids = re.findall(r'name="session" value="(\w+)"', admin.get("/users/doc").text)
    assert len(ids) == 3
    admin.send("/users/doc/devices/end", form="/users/doc", session=ids[0])
    assert sum(visitor.get("/search").status_code == 200 for visitor in visitors) == 2
    admin.send("/users/doc/devices/end", form="/users/doc")
    assert sum(visitor.get("/search").status_code == 200 for visitor in visitors) == 0
    assert "Không có thiết bị nào." in admin.get("/users/doc").text


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"name": "doc"}, 409, "Đã có tài khoản doc."),
        ({"name": "Lan"}, 422, "tên tài khoản chỉ gồm chữ thường không dấu"),
        ({"name": ""}, 422, "Hãy điền vào đây."),
        ({"role": "king"}, 422, "không có vai trò king"),
        ({"again": "khác"}, 422, "Hai lần nhập mật khẩu mới không giống nhau."),
        ({"password": "ngan", "again": "ngan"}, 422, "mật khẩu phải có từ 8"),
    ],
)
def test_what_cannot_be_a_user_is_said_on_the_form(
    admin: Visitor, fields: dict[str, str], status: int, sentence: str
) -> None:
    answer = admin.send("/users/new", **{**LAN, "password": FIRST, "again": FIRST, **fields})
    assert answer.status_code == status
    assert sentence in answer.text
    assert admin.get("/users/lan").status_code == 404


@pytest.mark.parametrize(
    ("what", "fields"), [("disable", {}), ("role", {"role": "clerk", "departments": ""})]
)
def test_the_last_administrator_stays(admin: Visitor, what: str, fields: dict[str, str]) -> None:
    answer = admin.send(f"/users/quantri/{what}", form="/users/quantri", **fields)
    assert answer.status_code == 409
    assert "người quản trị cuối cùng" in answer.text
    assert admin.get("/users").status_code == 200


@pytest.mark.parametrize("name", ["luutru", "doc"])
def test_no_other_role_sees_or_changes_people(app: Flask, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(name)
    assert "/users" not in visitor.get("/search").text
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("people."):
            path = rule.rule.replace("<name>", "quantri")
            if "GET" in (rule.methods or ()):
                assert visitor.get(path).status_code == 403
            else:
                assert visitor.send(path, form="/search").status_code == 403


def test_a_form_without_its_token_changes_nothing(admin: Visitor) -> None:
    assert admin.client.post("/users/doc/disable").status_code == 400
    assert "đang dùng" in admin.get("/users/doc").text


@pytest.mark.parametrize("name", ["khong-co", "..", "x" * 300, "%00"])
def test_an_unknown_user_gets_the_page_of_what_is_not_there(admin: Visitor, name: str) -> None:
    assert admin.get(f"/users/{name}").status_code in (404, 308)
