"""A disk without space: large bodies are refused, small ones are not, and nothing of a refused body
stays.
"""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.api.connections.slow_server import impatient
from tests.api.connections.test_attacks import Client, problem_of
from tests.api.connections.test_patience import PATIENT

MEBIBYTE = 1 << 20


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let this process write no file beyond `size` bytes: the same error at the same place as on a
    full disk.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_large_bodies_leave_the_reserve_of_the_disk_alone(tmp_path: Path) -> None:
    reserve = 2 * shutil.disk_usage(tmp_path).total  # more than any disk here has
    with impatient(tmp_path, PATIENT, free=reserve) as (address, server):
        for head in ("Content-Length: 1000000", "Transfer-Encoding: chunked"):
            with Client(address) as large:
                status, problem = problem_of(
                    large.send(f"POST / HTTP/1.1\n{head}", b"1\r\n").read()
                )
            assert (status, problem["code"]) == (503, "server.no_room")
        assert server.room.used == 0
        with Client(address) as small:
            answer = small.send(
                "POST / HTTP/1.1\nContent-Length: 2\nConnection: close", b"hi"
            ).read()
        assert answer.endswith(b"hi")


def test_a_disk_that_fills_up_during_a_body_is_reported_and_the_next_body_is_accepted(
    tmp_path: Path,
) -> None:
    head, body = (
        f"POST / HTTP/1.1\nContent-Length: {4 * MEBIBYTE}\nConnection: close",
        bytes(4 * MEBIBYTE),
    )
    with impatient(tmp_path, PATIENT) as (address, server):
        with files_of_at_most(MEBIBYTE), Client(address) as client:
            status, problem = problem_of(client.send(head, body).read())
        assert (status, problem["code"]) == (503, "server.no_room")
        assert server.room.used == 0
        assert not list(tmp_path.iterdir())
        with Client(address) as again:
            assert again.send(head, body).read().endswith(body)
