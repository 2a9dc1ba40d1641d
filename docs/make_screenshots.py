"""Makes `docs/screenshots/*-vi.png` and `*-en.png`: a demonstration archive in a temporary folder,
in a real browser.

Run `make screenshots`; it needs Debian's `chromium` and the `test` extra.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Thread
from typing import get_args

from PIL import Image
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from api.access.accounts import Accounts
from api.home import Home
from api.upkeep.demo_accounts import demo_password
from api.upkeep.demo_life import give_life
from api.upkeep.setup import init_demo
from api.web.app import create_app
from api.web.texts import text
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.base.bilingual import Language
from archive.process.log import configure_logging
from ingest.samples.generate import generate
from signing.testpki.running import stop
from tests.fixtures.browser import chromium

FOLDER = Path(__file__).parent / "screenshots"
CLERK = Actor("luutru", "clerk")
TODAY = date(2026, 11, 22)  # the same charts every time
DESK, PHONE = (1200, 850), (375, 780)
LARGEST = 150_000  # bytes


def main() -> None:
    """Make every picture again."""
    configure_logging()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with archive(folder / "home") as home:
            original = deposit_one(home)
            altered = folder / "ban-sao.pdf"
            altered.write_bytes(original[:9000] + bytes([original[9000] ^ 1]) + original[9001:])
            with served(home) as address, chromium() as browser:
                for language in get_args(Language):
                    take_pictures(browser, address, demo_password(home), altered, language)


def take_pictures(
    browser: Browser, address: str, account: tuple[str, str], altered: Path, language: Language
) -> None:
    """Go the way of a records clerk in one language, and take a picture of each page."""

    def said(key: str) -> str:
        return text(key, language)

    page = signed_in(browser, address, account, DESK, language)
    keep(page, f"home-{language}")
    page.goto(f"{address}/charts")
    keep(page, f"charts-{language}")
    page.goto(f"{address}/parts")
    keep(page, f"parts-{language}", whole=True)
    page.goto(f"{address}/search")
    page.get_by_role("searchbox").fill("le")
    page.get_by_role("button", name=said("search.submit"), exact=True).click()
    keep(page, f"search-{language}")
    page.locator(".found > li", has_text=said("chart.deposited")).get_by_role("link").first.click()
    keep(page, f"chart-{language}")
    chart = page.url
    page.locator(".documents tr", has_text="01/BV1").get_by_role("link").click()
    page.locator(".pages img").first.evaluate("image => image.decode()")
    keep(page, f"document-{language}")
    page.goto(f"{address}/verify")
    page.get_by_label(said("verify.file")).set_input_files(altered)
    page.get_by_role("button", name=said("verify.submit")).click()
    keep(page, f"verify-{language}")
    page.context.close()

    phone = signed_in(browser, address, account, PHONE, language)
    phone.goto(chart)
    keep(phone, f"chart-phone-{language}")
    phone.emulate_media(color_scheme="dark")
    phone.goto(f"{address}/parts")
    keep(phone, f"parts-phone-{language}")
    phone.context.close()


def signed_in(
    browser: Browser,
    address: str,
    account: tuple[str, str],
    screen: tuple[int, int],
    language: Language,
) -> Page:
    """Return a window of that size in which the clerk has chosen a language and signed in."""
    width, height = screen
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.goto(f"{address}/sign-in?language={language}")
    for key, value in zip(("name", "password"), account, strict=True):
        page.get_by_label(text(f"signing.{key}", language), exact=True).fill(value)
    page.get_by_role("button", name=text("signing.submit", language)).click()
    return page


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """Write what the window shows, or the whole page, with as few colours as look the same."""
    page.evaluate("document.activeElement.blur()")
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file, full_page=whole)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(128).save(file, optimize=True)
    assert file.stat().st_size < LARGEST, f"{file.name} has {file.stat().st_size} bytes"
    sys.stdout.write(f"{file.name}  {file.stat().st_size // 1000} kB\n")


@contextmanager
def archive(folder: Path) -> Iterator[Home]:
    """A demonstration archive of twenty charts."""
    with init_demo(folder, CLERK) as home:
        try:
            intake = Intake(home.open_for_writing(), CLERK, home.scope)
            for name, data in generate(facility=home.code, today=TODAY):
                for result in intake.take(name, data):
                    assert not result.faults, name
            samples = folder / "samples"
            samples.mkdir()
            give_life(home, CLERK, samples)
            home.follow_ups.run()
            yield home
        finally:
            stop(folder / "testpki")


def deposit_one(home: Home) -> bytes:
    """Deposit a chart whose patient's name has "Lê" in it; return one of its originals."""
    reading = home.open_for_reading()
    hit = reading.search.find("lê mẫu:01/BV1", CLERK, home.scope).hits[0]
    home.open_for_writing().deposits.deposit(hit.chart_id, CLERK, home.scope)
    home.follow_ups.run()
    return reading.originals.original(hit.document_id, CLERK, home.scope)[1]


@contextmanager
def served(home: Home) -> Iterator[str]:
    """Serve the pages; gives their address."""
    server = make_server(
        "127.0.0.1",
        0,
        create_app(home, Accounts(home.catalog, home.code, home.clock)),
        threaded=True,
    )
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main()
