"""Packets in the browser: who may do what, what a form refuses, and what is shown of a forgery."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.home import Home
from api.sharing.verification import verify_packet
from api.web.app import create_app
from archive.base.identifiers import new_id
from tests.api.sharing.conftest import Exchange, Workshop
from tests.fixtures.browsing import Visitor, give_account, links, with_accounts

ORDER = {"recipient": "79002", "reason": "Chuyển tuyến"}


@pytest.fixture(scope="module")
def sender(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The pages of a copy of the sender's home."""
    folder = tmp_path_factory.mktemp("sender-pages") / "home"
    with Home.open(Path(shutil.copytree(workshop.home.folder, folder))) as home:
        home.catch_up()
        accounts = with_accounts(home)
        give_account(accounts, "ngoai", "clerk", ["K99"])
        yield create_app(home, accounts)


@pytest.fixture(scope="module")
def receiver(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The pages of a copy of the receiver's home, which has received the packet."""
    folder = tmp_path_factory.mktemp("receiver-pages") / "home"
    with Home.open(Path(shutil.copytree(exchange.receiver.folder, folder))) as home:
        yield create_app(home, with_accounts(home))


def of(site: Flask, name: str = "luutru") -> Visitor:
    visitor = Visitor(site)
    assert visitor.sign_in(name).status_code == 303
    return visitor


def settled(visitor: Visitor, answer: TestResponse) -> TestResponse:
    """Follow an answer until the task behind it has ended."""
    assert answer.status_code == 303, answer.text
    page = visitor.get(answer.location, follow_redirects=True)
    while page.headers.get("Refresh"):
        page = visitor.get(answer.location, follow_redirects=True)
    return page


def bring(visitor: Visitor, data: bytes) -> tuple[str, TestResponse]:
    """Upload a file; return the address of its verdict, and the page."""
    answer = visitor.send(
        "/packets/incoming", upload=new_id(), file=(io.BytesIO(data), "Nguyễn Văn A.asice")
    )
    return answer.location, settled(visitor, answer)


def test_a_reader_sees_packets_and_makes_and_receives_none(
    sender: Flask, workshop: Workshop
) -> None:
    reader, packet = of(sender, "doc"), workshop.manifest.packet_id
    assert "79002" in reader.get("/packets").text
    assert reader.get(f"/packets/sent/{packet}").status_code == 200
    for path in (
        f"/charts/{workshop.chart_id}/packet",
        "/packets/incoming",
        "/packets/partners",
        f"/packets/sent/{packet}/file",
    ):
        assert reader.get(path).status_code == 403, path
    assert "Lập gói chuyển tuyến" not in reader.get(f"/charts/{workshop.chart_id}").text


def test_a_packet_of_another_department_does_not_exist(sender: Flask, workshop: Workshop) -> None:
    packet = workshop.manifest.packet_id
    assert packet in of(sender).get("/packets").text
    elsewhere = of(sender, "ngoai")
    assert packet not in elsewhere.get("/packets").text
    for path in (f"/packets/sent/{packet}", f"/packets/sent/{packet}/receipt"):
        assert elsewhere.get(path).status_code == 404


def test_an_order_that_comes_twice_makes_one_packet(sender: Flask, workshop: Workshop) -> None:
    clerk, path = of(sender), f"/charts/{workshop.chart_id}/packet"
    page = clerk.get(path).text
    papers = re.findall(r'name="paper" value="([^"]+)"', page)
    assert len(papers) == len(workshop.documents)
    before = len(links(clerk.get("/packets"), "/packets/sent/"))
    order: dict[str, Any] = {**ORDER, "order": new_id(), "paper": papers[:1]}
    first = settled(clerk, clerk.send(path, **order))
    second = settled(clerk, clerk.send(path, **order))
    assert len(links(clerk.get("/packets"), "/packets/sent/")) == before + 1
    (file,) = links(first, "/packets/sent/")
    assert file in links(second, "/packets/sent/")
    assert file.endswith("/file")
    packet = verify_packet(clerk.get(file).data, workshop.trust)  # as the receiver does
    assert packet.verdict.value == "valid"
    assert len(packet.documents) == 1
    assert of(sender, "doc").get(file).status_code == 403


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipient": "x"}, "Mã cơ sở nhận gồm 5 chữ số hoặc chữ hoa."),
        ({"paper": []}, "Hãy chọn ít nhất một giấy."),
        ({"reason": ""}, "Hãy điền vào đây."),
        ({"order": "x"}, ""),
    ],
)
def test_an_order_that_is_refused_keeps_what_was_typed(
    sender: Flask, workshop: Workshop, change: dict[str, Any], sentence: str
) -> None:
    order = {**ORDER, "reason": "Lý do đã gõ", "order": new_id(), "paper": ["x"], **change}
    answer = of(sender).send(f"/charts/{workshop.chart_id}/packet", **order)
    assert answer.status_code == 422
    assert sentence in answer.text
    if "reason" not in change:
        assert "Lý do đã gõ" in answer.text


def test_a_forged_packet_is_named_and_cannot_be_taken(receiver: Flask, workshop: Workshop) -> None:
    files = workshop.files
    name = workshop.documents[0]
    files[name] = files[name][:-1] + b" "
    address, page = bring(of(receiver), workshop.packed(files))
    assert "Gói giả hoặc đã bị sửa" in page.text or "Chưa kết luận được" in page.text
    assert "Không nhận gói này." in page.text
    assert f"{address}/take" not in page.text
    assert "Nguyễn Văn A" not in address


def test_what_is_no_packet_says_so(receiver: Flask) -> None:
    _, page = bring(of(receiver), b"%PDF-1.7 no packet")
    assert page.status_code == 422
    assert "không phải tệp ZIP" in page.text


def test_an_upload_belongs_to_the_person_who_brought_it(
    receiver: Flask, workshop: Workshop
) -> None:
    clerk = of(receiver)
    address, _ = bring(clerk, workshop.packet.data)
    assert "chờ quyết định" in clerk.get("/packets").text
    assert of(receiver, "doc").get(address).status_code == 403
    clerk.send(f"{address}/forget", form="/packets/incoming")
    assert clerk.get(address).status_code == 404


def test_a_received_packet_gives_its_receipt_again(receiver: Flask, exchange: Exchange) -> None:
    packet = exchange.received.packet_id
    clerk = of(receiver)
    assert packet in clerk.get("/packets?direction=received").text
    assert clerk.get(f"/packets/received/{packet}/receipt").data == exchange.received.receipt
    assert clerk.get(f"/packets/received/{new_id()}/receipt").status_code == 404


def test_the_own_check_code_is_shown_to_be_read_out(receiver: Flask) -> None:
    page = of(receiver).get("/packets/partners").text
    assert re.search(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", page)
    assert "Thôi làm đối tác" in page
