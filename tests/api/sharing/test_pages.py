"""Packets on the pages: to whom a chart went and who acknowledged it, and what a packet is that is
taken for a PDF.
"""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import handing
from api.home import Home
from api.web.app import create_app
from tests.api.sharing.conftest import Exchange, Workshop, confirm_partner
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import CLERK


@pytest.fixture
def sender(workshop: Workshop, tmp_path: Path) -> Iterator[Home]:
    """A copy of the sender's home."""
    with Home.open(Path(shutil.copytree(workshop.home.folder, tmp_path / "sender"))) as home:
        home.catch_up()
        yield home


def clerk(home: Home) -> Visitor:
    visitor = Visitor(create_app(home, with_accounts(home)))
    assert visitor.sign_in().status_code == 303
    return visitor


def test_a_chart_shows_to_whom_it_went_and_who_received_it_when(
    sender: Home, workshop: Workshop, exchange: Exchange
) -> None:
    visitor = clerk(sender)
    before = visitor.get(f"/charts/{workshop.chart_id}").text
    assert "Chuyển cho cơ sở 79002" in before
    assert "Chưa có biên nhận." in before
    roots = handing.widened(sender, (exchange.receiver.folder / "testpki" / "trust.pem",))
    confirm_partner(
        sender, exchange.received.receipt, exchange.receiver.folder / "testpki" / "trust.pem"
    )
    sender.open_for_writing().returns.accept(exchange.received.receipt, roots, CLERK, sender.scope)
    after = visitor.get(f"/charts/{workshop.chart_id}").text
    assert "Đã được cơ sở 79002 nhận lúc" in after
    assert "Chưa có biên nhận." not in after


def test_a_received_chart_shows_from_whom_it_came(exchange: Exchange, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exchange.receiver.folder, tmp_path / "receiver"))
    with Home.open(folder) as home:
        page = clerk(home).get(f"/charts/{exchange.received.chart_id}").text
    assert "Nhận từ cơ sở 99001 lúc" in page


def test_the_verifying_page_says_what_packets_and_receipts_are(
    sender: Home, workshop: Workshop, exchange: Exchange
) -> None:
    visitor = clerk(sender)
    for data, said in (
        (workshop.packet.data, "gói chuyển tuyến"),
        (exchange.received.receipt, "biên nhận"),
    ):
        answer = visitor.send("/verify", file=(io.BytesIO(data), "goi.asice"))
        assert answer.status_code == 422
        assert f"Đây là {said}" in answer.text
