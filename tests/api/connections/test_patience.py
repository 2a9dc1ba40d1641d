"""Slow clients: they are answered 408 or cut off, what they held is given back, and others go on
meanwhile.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.connections.channel import Patience
from api.connections.server import Server
from tests.api.connections.slow_server import LARGE_ANSWER, impatient
from tests.api.connections.test_attacks import Client, problem_of
from tests.waiting import until

# waitress drops the file of a large answer, and Python closes it.
UNCLOSED = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
ENDLESS = 3600.0
PATIENT = Patience(idle=ENDLESS, grace=ENDLESS, linger=ENDLESS, full=ENDLESS, check=0.0)


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[tuple[str, Server]]:
    """A server that waits for no request that is begun."""
    with impatient(
        tmp_path, Patience(idle=ENDLESS, grace=0.0, pace=1e9, linger=ENDLESS, check=0.0)
    ) as running:
        yield running


def no_connection_is_left(server: Server) -> None:
    until(lambda: not server.active_channels, "every connection ends")


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nHost: kho\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: kho\r\nContent-Length: 1000\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: kho\r\nContent-Length: 1000000\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: kho\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
    ],
)
def test_a_request_that_does_not_go_on_is_answered_408_and_gives_its_room_back(
    hurried: tuple[str, Server], begun: bytes
) -> None:
    address, server = hurried
    with Client(address) as client:
        client.socket.sendall(begun)
        status, problem = problem_of(client.read())
    assert (status, problem["code"]) == (408, "request.too_slow")
    no_connection_is_left(server)
    assert server.room.used == 0


def test_a_connection_on_which_nothing_happens_ends_without_an_answer(tmp_path: Path) -> None:
    with (
        impatient(tmp_path, Patience(idle=0.0, check=0.0)) as (address, _),
        Client(address) as client,
    ):
        assert client.read() == b""


@UNCLOSED
def test_a_client_that_does_not_read_is_cut_off_and_its_worker_is_free_again(
    tmp_path: Path,
) -> None:
    patience = Patience(idle=ENDLESS, grace=0.2, pace=1e9, check=0.0)
    with impatient(tmp_path, patience) as (address, server):
        clients = [Client(address) for _ in range(8)]  # twice as many as there are workers
        for client in clients:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.send("GET /large HTTP/1.1")
        no_connection_is_left(server)
        with Client(address) as other:
            assert (
                other.send("POST / HTTP/1.1\nContent-Length: 2\nConnection: close", b"hi")
                .read()
                .endswith(b"hi")
            )
        for client in clients:
            client.socket.close()


@UNCLOSED
def test_a_client_that_reads_slowly_and_steadily_gets_all_of_a_large_answer(tmp_path: Path) -> None:
    # it waits a second for each byte read
    patience = Patience(idle=ENDLESS, grace=60, pace=1.0, check=0.0)
    with impatient(tmp_path, patience) as (address, _), Client(address) as client:
        said = client.send("GET /large HTTP/1.1\nConnection: close").read()
    assert len(said.partition(b"\r\n\r\n")[2]) == LARGE_ANSWER


def test_clients_that_wait_hold_up_no_other_client(tmp_path: Path) -> None:
    with impatient(tmp_path, PATIENT) as (address, server):
        slow = [Client(address) for _ in range(40)]  # ten times the workers
        for number, client in enumerate(slow):
            head = (
                "POST / HTTP/1.1\nContent-Length: 1000000" if number % 2 else "GET / HTTP/1.1\nX: y"
            )
            client.socket.sendall(head.replace("\n", "\r\n").encode() + b"\r\nHost: kho\r\n")
        with Client(address) as other:
            assert (
                other.send("POST / HTTP/1.1\nContent-Length: 2\nConnection: close", b"hi")
                .read()
                .endswith(b"hi")
            )
        for client in slow:
            client.socket.close()
        no_connection_is_left(server)
