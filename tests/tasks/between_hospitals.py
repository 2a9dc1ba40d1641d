"""Windows in which a clerk of one of two hospitals has signed in, on a desk or a phone."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from playwright.sync_api import Browser, Page, expect

from tests.api.web.test_every_page_in_browser import judge_by_day_and_by_night
from tests.fixtures.browsing import PASSWORD

T = TypeVar("T")
SCREENS = {"desk": (1200, 850), "phone": (375, 800)}
SIGN_IN = {
    "vi-VN": ("Tên đăng nhập", "Mật khẩu", "Đăng nhập"),
    "en-GB": ("Name", "Password", "Sign in"),
}


@contextmanager
def signed_in(
    browser: Browser, address: str, screen: str, locale: str = "vi-VN", name: str = "luutru"
) -> Iterator[Page]:
    """A window of a person who has signed in; what the browser complains of fails the test."""
    width, height = SCREENS[screen]
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": height}, locale=locale
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.goto("/sign-in")
        label, secret, button = SIGN_IN[locale]
        page.get_by_label(label).fill(name)
        page.get_by_label(secret).fill(PASSWORD)
        page.get_by_role("button", name=button).click()
        expect(
            page.get_by_role("button", name="Đăng xuất" if locale == "vi-VN" else "Sign out")
        ).to_be_visible()
        yield page
        # Chromium notes an answer of 422: a form that was refused, as the test wanted
        assert [each for each in complaints if "status of 422" not in each] == []
    finally:
        context.close()


def elsewhere(work: Callable[[], T]) -> T:
    """Return what `work` returns in another thread: Playwright's event loop runs in this thread,
    and no verification can run beside it.
    """
    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result()


def fits(page: Page) -> bool:
    """Tell whether the page is no wider than its window; axe finds nothing by day and by night."""
    judge_by_day_and_by_night(page)
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )
