"""Windows in which a clerk of one of two hospitals has signed in, on a desk or a phone."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from playwright.sync_api import Browser, Page

from tests.fixtures import windows
from tests.fixtures.windows import SCREENS, judge_by_day_and_by_night, opened, sign_in

T = TypeVar("T")


@contextmanager
def signed_in(
    browser: Browser, address: str, screen: str, locale: str = "vi-VN", name: str = "luutru"
) -> Iterator[Page]:
    """A window of a person who has signed in; what the browser complains of fails the test."""
    with opened(browser, address, SCREENS[screen], locale) as page:
        sign_in(page, name)
        yield page


def elsewhere(work: Callable[[], T]) -> T:
    """Return what `work` returns in another thread: Playwright's event loop runs in this thread,
    and no verification can run beside it.
    """
    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result()


def fits(page: Page) -> bool:
    """Tell whether the page is no wider than its window; axe finds nothing by day and by night."""
    judge_by_day_and_by_night(page)
    return windows.fits(page)
