"""Packets in the browser: who may do what, what a form refuses, and what is shown of a forgery."""

import io
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.home import Home
from api.reading.incoming import JudgedPacket, JudgedReceipt
from api.sharing.receipt_report import verify_receipt
from api.sharing.verification import verify_packet
from api.web.app import create_app
from api.web.tasks import MOST_OF_ONE, Task, Tasks
from archive.base.identifiers import new_id
from tests.api.sharing.conftest import Exchange, Workshop
from tests.fixtures.browsing import Visitor, give_account, links, no_turn_free, with_accounts

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
    answer = visitor.send("/packets/incoming", file=(io.BytesIO(data), "Nguyễn Văn A.asice"))
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
    order: dict[str, Any] = {**ORDER, "paper": papers[:1]}
    first = settled(clerk, clerk.send(path, **order))
    second = settled(clerk, clerk.send(path, **order))
    assert len(links(clerk.get("/packets"), "/packets/sent/")) == before + 1
    (file,) = links(first, "/packets/sent/")
    assert file in links(second, "/packets/sent/")
    assert file.endswith("/file")
    assert len(waiting(sender, "packet")) == 1
    download = clerk.get(file, buffered=False)
    assert download.is_streamed  # it is never whole in memory
    assert download.content_length == len(download.data)
    assert waiting(sender, "packet") == []  # it is downloaded
    other = settled(clerk, clerk.send(path, **{**order, "reason": "Lý do khác"}))
    assert links(other, "/packets/sent/") != links(first, "/packets/sent/")  # "back", and changed
    packet = verify_packet(download.data, workshop.trust)  # as the receiver does
    assert packet.verdict.value == "valid"
    assert len(packet.documents) == 1
    assert of(sender, "doc").get(file).status_code == 403


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipient": "x"}, "Mã cơ sở nhận gồm 5 chữ số hoặc chữ hoa."),
        ({"paper": []}, "Hãy chọn ít nhất một giấy."),
        ({"reason": ""}, "Hãy điền vào đây."),
        ({"paper": [new_id()]}, "Có giấy"),  # its task says so
        (None, "quá nhiều tệp chờ bạn"),
    ],
)
def test_an_order_that_is_refused_keeps_what_was_typed(
    sender: Flask, workshop: Workshop, change: dict[str, Any] | None, sentence: str
) -> None:
    clerk, path = of(sender), f"/charts/{workshop.chart_id}/packet"
    paper = re.findall(r'name="paper" value="([^"]+)"', clerk.get(path).text)[0]
    order = {"recipient": "79003", "reason": "Lý do đã gõ", "paper": [paper], **(change or {})}
    with full(sender) if change is None else nullcontext():
        answer = clerk.send(path, **order)
    if answer.status_code == 303:
        answer = settled(clerk, answer)
    assert answer.status_code == (503 if change is None else 422)
    assert sentence in answer.text
    for typed in (order["recipient"], order["reason"]):
        assert f'value="{typed}"' in answer.text
    ticked = re.findall(r'name="paper" value="([^"]+)" checked', answer.text)
    assert ticked == [each for each in order["paper"] if each == paper]
    assert f'action="{path}"' in answer.text


@contextmanager
def full(site: Flask) -> Iterator[None]:
    """While the block runs, as many files wait for the clerk as may wait for a person."""
    tasks, keys = site.extensions["kho"].tasks, [UUID(new_id()) for _ in range(MOST_OF_ONE)]
    for task in tasks.of_kind("luutru", "packet"):
        tasks.forget("luutru", task.id)
    for key in keys:
        assert tasks.start("luutru", key, "incoming", lambda _: 1, b"upload").wait(30)
    yield
    assert all(tasks.find("luutru", key).waits for key in keys)
    for key in keys:
        tasks.forget("luutru", key)


def waiting(site: Flask, kind: str) -> list[Task]:
    """Return the clerk's tasks whose file waits."""
    tasks = site.extensions["kho"].tasks.of_kind("luutru", kind)
    return [task for task in tasks if task.waits]


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
    undecided = waiting(receiver, "incoming")[-1]
    assert bring(clerk, workshop.packet.data)[0] == address  # made from the file
    assert undecided not in waiting(receiver, "incoming")  # it may be decided now
    clerk.send(f"{address}/forget", form="/packets/incoming")
    assert clerk.get(address).status_code == 404


def judged(site: Flask, workshop: Workshop, receipt: bytes | None = None) -> Task:
    """Return a genuine packet, or a receipt, that waits for the clerk: both were judged valid."""
    result: JudgedPacket | JudgedReceipt
    if receipt is None:
        result = JudgedPacket(workshop.verify(workshop.packet.data), None)
    else:
        result = JudgedReceipt(verify_receipt(receipt, workshop.trust), None)
    data = receipt or workshop.packet.data
    tasks: Tasks = site.extensions["kho"].tasks
    task = tasks.start("luutru", UUID(new_id()), "incoming", lambda _: result, data)
    assert task.wait(30)
    return task


def test_work_that_archives_waits_for_its_turn(
    sender: Flask, receiver: Flask, workshop: Workshop, exchange: Exchange
) -> None:
    busy = "Kho đang lưu các hồ sơ khác"
    for upload in (
        judged(receiver, workshop),
        judged(receiver, workshop, exchange.received.receipt),
    ):
        clerk, address = of(receiver), f"/packets/incoming/{upload.id}"
        with no_turn_free(receiver):
            answer = clerk.send(f"{address}/take", form=address)
            page = settled(clerk, answer) if answer.status_code == 303 else answer
        assert page.status_code == 503
        assert busy in page.text
        assert upload.waits
        clerk.send(f"{address}/forget", form=address)
    clerk, path = of(sender), f"/charts/{workshop.chart_id}/packet"
    paper = re.findall(r'name="paper" value="([^"]+)"', clerk.get(path).text)
    with no_turn_free(sender):
        order: dict[str, Any] = {"recipient": "79002", "reason": "Bận", "paper": paper}
        page = settled(clerk, clerk.send(path, **order))
        assert busy in page.text
        answer = clerk.send("/packets/partners/79002/remove", form="/packets/incoming")
        assert answer.status_code == 503


def test_a_packet_that_is_being_taken_cannot_be_put_away_and_what_was_typed_comes_back(
    receiver: Flask, workshop: Workshop
) -> None:
    clerk, tasks, go_on = of(receiver), receiver.extensions["kho"].tasks, threading.Event()
    upload = judged(receiver, workshop)
    key, address = upload.id, f"/packets/incoming/{upload.id}"
    answer = clerk.send(f"{address}/take", form=address, department="K" * 21)
    assert answer.status_code == 422
    assert f'value="{"K" * 21}"' in answer.text
    # the sender's root is not trusted here
    refused = settled(clerk, clerk.send(f"{address}/take", form=address, department="K07"))
    assert 'role="alert"' in refused.text
    assert 'value="K07"' in refused.text
    taking = tasks.start(
        "luutru", uuid5(key, "taking"), "taking", lambda _: go_on.wait(30), needs=(upload,)
    )
    answer = clerk.send(f"{address}/forget", form="/packets/incoming")
    assert answer.location == address
    assert clerk.get(address).headers["Refresh"]
    assert upload.waits
    go_on.set()
    assert taking.wait(30)
    clerk.send(f"{address}/forget", form="/packets/incoming")
    assert clerk.get(address).status_code == 404
    assert tasks.find("luutru", taking.id) is None


def test_what_was_taken_in_gives_its_file_back_and_a_late_click_leads_to_it(
    receiver: Flask, workshop: Workshop, exchange: Exchange
) -> None:
    clerk, tasks, upload = (
        of(receiver),
        receiver.extensions["kho"].tasks,
        judged(receiver, workshop),
    )
    key = upload.id
    taking = tasks.start(
        "luutru", uuid5(key, "taking"), "taking", lambda _: exchange.received, needs=(upload,)
    )
    assert taking.wait(30)
    address = f"/packets/incoming/{key}"
    packet = f"/packets/received/{exchange.received.packet_id}"
    for _ in range(2):
        assert clerk.get(address).location == packet
    assert (
        settled(clerk, clerk.send(f"{address}/take", form="/packets/incoming")).status_code == 200
    )
    assert not upload.waits
    assert tasks.find("luutru", taking.id) is None


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
