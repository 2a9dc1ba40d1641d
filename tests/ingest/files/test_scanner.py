"""The virus scanner: a real clamd finds our own signature; one that is away, slow or lying is never
an answer.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from archive.base.errors import Misconfigured, SubmissionRejected, Unavailable
from ingest.files.scanner import Clamd, NoScanner, open_scanner
from tests.fixtures.clamd import LONGEST, MARK, NAME, RunningClamd
from tests.waiting import PATIENCE

Answer = Callable[[socket.socket], None]


@pytest.mark.parametrize("over", ["socket", "port"])
def test_what_clamd_knows_is_refused_by_its_name_and_all_else_passes(
    clamd: RunningClamd, over: str
) -> None:
    scanner = open_scanner(
        f"unix:{clamd.socket}" if over == "socket" else f"127.0.0.1:{clamd.port}", "require"
    )
    scanner.scan(b"%PDF-1.7\n" + bytes(500_000))
    scanner.scan(b"")
    with pytest.raises(SubmissionRejected) as refused:
        scanner.scan(b"%PDF-1.7\n" + bytes(300_000) + MARK, "/papers/0/file")
    (fault,) = refused.value.faults
    assert (fault.path, fault.code) == ("/papers/0/file", "source.infected")
    assert NAME in fault.message.vi


def test_a_file_that_clamd_will_not_take_is_not_clean(clamd: RunningClamd) -> None:
    with pytest.raises(Unavailable, match=r"clamd.*StreamMaxLength"):
        Clamd(str(clamd.socket)).scan(bytes(4 * LONGEST))


@contextmanager
def lying(answer: Answer) -> Iterator[tuple[str, int]]:
    """A server on loopback that takes what is sent and then does `answer`."""

    def serve() -> None:
        with suppress(OSError):
            connection, _ = server.accept()
            with connection:
                _take_all(connection)
                answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[:2]
        thread.join(PATIENCE)


def _take_all(connection: socket.socket) -> None:
    with connection.makefile("rb") as stream:
        stream.read(len(b"zINSTREAM\0"))
        while size := struct.unpack(">I", stream.read(4))[0]:
            stream.read(size)


def says(text: bytes) -> Answer:
    return lambda connection: connection.sendall(text)


def trickles(connection: socket.socket) -> None:
    """Send letters until the client hangs up: without a limit of the whole answer
    it never would.
    """
    while True:
        time.sleep(0.1)
        connection.sendall(b"O")


def is_silent(connection: socket.socket) -> None:
    """Say nothing until the client hangs up."""
    connection.recv(1)


LIES: dict[str, Answer] = {
    "nothing": lambda connection: None,
    "half an answer": says(b"stream: O"),
    "another protocol": says(b"HTTP/1.1 200 OK\r\n\r\n\0"),
    "clean and more": says(b"stream: OK, I think\0"),
    "an error": says(b"stream: Can't allocate memory ERROR\0"),
    "without end": says(b"x" * 10_000),
    "no such command": says(b"UNKNOWN COMMAND\0"),
    "silence": is_silent,
    "a letter at a time": trickles,
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_answer_is_a_scanner_that_is_away(lie: str) -> None:
    with lying(LIES[lie]) as address, pytest.raises(Unavailable, match="clamd"):
        Clamd(address, seconds=1).scan(b"data" * 100_000)


def test_a_name_that_is_no_name_leaves_no_marks() -> None:
    with (
        lying(says("stream: Tr\x1b[31mà FOUND\0".encode())) as address,
        pytest.raises(SubmissionRejected) as refused,
    ):
        Clamd(address).scan(b"data")
    assert "Tr?[31m? " not in refused.value.faults[0].message.vi
    assert refused.value.faults[0].message.vi.isprintable()


@pytest.mark.parametrize("address", ["/no/such/socket", ("127.0.0.1", 9)])
def test_policy_says_whether_intake_waits_for_a_scanner_that_is_away(
    address: str | tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unavailable, match="clamd"):
        Clamd(address, "require").scan(b"data")
    Clamd(address, "prefer").scan(b"data")


def test_policy_never_lets_pass_what_was_found(clamd: RunningClamd) -> None:
    with pytest.raises(SubmissionRejected):
        Clamd(str(clamd.socket), "prefer").scan(MARK)


def test_an_address_is_a_socket_or_a_host_with_its_port() -> None:
    assert isinstance(open_scanner("", "require"), NoScanner)
    assert open_scanner("unix:/run/clamd", "prefer") == Clamd("/run/clamd", "prefer")
    assert open_scanner("[::1]:3310", "require") == Clamd(("::1", 3310), "require")
    for odd in (
        "clamd",
        "unix:relative",
        "host:",
        ":3310",
        "host:0",
        "host:99999",
        str(Path("/run/clamd")),
    ):
        with pytest.raises(Misconfigured, match=r"intake\.scanner"):
            open_scanner(odd, "require")
