"""The status page: an administrator sees each component, what is wrong, and what to do."""

from collections.abc import Callable

from api.home import Home
from api.web.app import create_app
from tests.fixtures.browsing import Visitor, with_accounts


def test_an_administrator_sees_every_component_and_a_clerk_none(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    app = create_app(home, with_accounts(home))
    admin, clerk = Visitor(app), Visitor(app)
    admin.sign_in("quantri")
    clerk.sign_in("luutru")
    page = admin.get("/status").text
    for said in ("Máy chủ cấp dấu thời gian", "✓ tốt", "Kho chưa được kiểm tra lần nào.", "! cần"):
        assert said in page
    assert "Chạy kho check." in page
    assert clerk.get("/status").status_code == 403
    assert "/status" not in clerk.get("/", follow_redirects=True).text
