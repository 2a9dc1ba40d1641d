"""What every page promises: headers, no cache, no script, and errors that say nothing that they
should not.
"""

import re

import pytest
from flask import Flask

from tests.fixtures.browsing import Visitor, links

UNKNOWN = "01a205be-9725-7741-9c0d-cdd3b11eca06"
OPEN_TO_ALL = {"static", "icon", "signing.sign_in", "copies.compare"}


def test_every_page_but_a_few_asks_for_sign_in(site: Flask, stranger: Visitor) -> None:
    for rule in site.url_map.iter_rules():
        if rule.endpoint in OPEN_TO_ALL:
            continue
        path = re.sub(r"<int:\w+>", "1", re.sub(r"<uuid:\w+>", UNKNOWN, rule.rule))
        path = re.sub(r"<any\((\w+).*?>", r"\1", path)
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = stranger.client.open(path, method=method)
        assert answer.status_code in (303, 400), rule.endpoint  # 400: a form without its token
        assert "/sign-in" in (answer.location or "/sign-in")


@pytest.mark.parametrize(
    "path", ["/sign-in", "/search", "/verify", f"/v/{UNKNOWN}", "/nowhere", f"/charts/{UNKNOWN}"]
)
def test_pages_run_nothing_load_nothing_from_elsewhere_and_are_never_kept(
    clerk: Visitor, path: str
) -> None:
    answer = clerk.get(path, follow_redirects=True)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r"<script|\son\w+=|style=|https?://(?!www\.w3\.org)", answer.text)


@pytest.mark.parametrize("path", ["/sign-in", "/search", "/verify", f"/v/{UNKNOWN}", "/nowhere"])
def test_every_page_of_a_demonstration_says_test(clerk: Visitor, path: str) -> None:
    page = clerk.get(path, follow_redirects=True).text
    assert "TEST – kho trình diễn, không có giá trị pháp lý" in page
    assert "TEST</title>" in page


def test_styles_come_from_here_and_may_be_kept(stranger: Visitor) -> None:
    styles = [
        address for address in links(stranger.get("/sign-in"), "/") if address.endswith(".css")
    ]
    assert len(styles) == 2
    for address in styles:
        with stranger.get(address) as answer:
            assert answer.status_code == 200
            assert "max-age" in answer.headers["Cache-Control"]


def test_what_is_not_there_gets_a_page_of_ours(clerk: Visitor) -> None:
    answer = clerk.get("/nowhere")
    assert answer.status_code == 404
    assert "Không tìm thấy" in answer.text


def test_a_file_that_is_too_large_is_refused_with_a_message(clerk: Visitor, site: Flask) -> None:
    before, site.config["MAX_CONTENT_LENGTH"] = site.config["MAX_CONTENT_LENGTH"], 1000
    try:
        answer = clerk.client.post(
            "/verify", data=b"x" * 1001, content_type="multipart/form-data; boundary=x"
        )
    finally:
        site.config["MAX_CONTENT_LENGTH"] = before
    assert answer.status_code == 413
    assert "Mỗi tệp tối đa 64 MB." in answer.text


def test_an_unforeseen_error_shows_a_number_and_nothing_else(
    clerk: Visitor, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = site.extensions["kho"].archive.search
    monkeypatch.setattr(search, "_outbox", None)  # an unexpected error
    answer = clerk.search("lê thử thúy")
    assert answer.status_code == 500
    assert "Kho gặp lỗi" in answer.text
    assert re.search(r"Mã lỗi để báo CNTT: [0-9a-f-]{36}", answer.text)
    assert "Thúy" not in answer.text
    assert "Traceback" not in answer.text


def test_a_style_that_is_not_there_is_not_remembered_as_missing(stranger: Visitor) -> None:
    answer = stranger.get("/static/nowhere.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_over_https_the_session_is_bound_to_this_host_and_the_browser_stays_with_https(
    site: Flask,
) -> None:
    client = site.test_client()
    plain, secure = client.get("/sign-in"), client.get("/sign-in", base_url="https://localhost")
    assert plain.headers["Set-Cookie"].startswith("kho=")
    assert "Strict-Transport-Security" not in plain.headers
    cookie = secure.headers["Set-Cookie"]
    assert cookie.startswith("__Host-kho=")
    assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")
