"""A real `kho serve` and clients that mean harm: many connections, bodies before sign-in, broken
requests.
"""

import json
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from api.connections.server import CONNECTIONS, EACH, OWN_DESCRIPTORS, TURNED_AWAY
from api.home import Home
from api.server import MOST_BYTES
from ingest.sources.limits import DEFAULT_LIMITS
from tests.api.refusals.test_refusals import refused
from tests.api.test_server import get, serving
from tests.waiting import until

SECONDS = 60  # of waiting for an answer, on a busy machine
BOUNDARY = (
    b"--x\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n%b\r\n--x--\r\n"
)


class Client:
    """One connection, by bytes."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=SECONDS)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, head: str, body: bytes = b"") -> "Client":
        """Send a request's first lines, without the empty one, and a body."""
        self.socket.sendall(head.replace("\n", "\r\n").encode() + b"\r\nHost: kho\r\n\r\n" + body)
        return self

    def read(self, until: bytes | None = None) -> bytes:
        """Return what the server sends until it ends the connection, or has said `until`."""
        said = b""
        while (until is None or until not in said) and (piece := self.socket.recv(1 << 16)):
            said += piece
        return said


@contextmanager
def raised_descriptors(number: int) -> Iterator[None]:
    """Let this process open `number` files, where the machine allows that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number:
        pytest.skip("this machine does not allow so many descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, number), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def problem_of(answer: bytes) -> tuple[int, dict[str, object]]:
    """Return status and problem of an answer, which must be a problem."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer[:500]
    problem = json.loads(body)
    assert problem["status"] == int(head.split()[1])
    assert problem["what"]["vi"]
    return problem["status"], problem


def alive(address: str) -> bytes:
    """Return the whole answer to the question whether the process answers."""
    with Client(address) as client:
        return client.send("GET /api/v1/health/live HTTP/1.1\nConnection: close").read()


def test_more_connections_than_select_can_watch_do_not_end_the_server(home_folder: Path) -> None:
    with (
        raised_descriptors(2 * CONNECTIONS + 400),
        serving(home_folder, "--port", "0") as (process, address, _),
        ExitStack() as opened,
    ):
        clients = [opened.enter_context(Client(address)) for _ in range(CONNECTIONS + 20)]
        for client in clients:
            with suppress(OSError):  # it was idle, and gave its place to another
                client.send(
                    "POST /api/v1/submissions HTTP/1.1\nContent-Length: 530000", b"x" * 4000
                )
                if answer := client.read():
                    assert problem_of(answer)[0] in (401, 503)
        assert process.poll() is None
        opened.close()
        while b" 503 " in (answer := alive(address)):
            pass
        assert b" 200 OK" in answer


PLACES = 20
FEW = OWN_DESCRIPTORS + EACH * PLACES
LARGE = (
    "POST /v/01890000-0000-7000-8000-000000000000 HTTP/1.1\nContent-Length: 100000\nExpect: "
    "100-continue"
)


def test_idle_connections_make_room_for_new_connections(home_folder: Path) -> None:
    with (
        serving(home_folder, "--port", "0", descriptors=FEW) as (process, address, _),
        ExitStack() as opened,
        Client(address) as working,
    ):
        assert b" 100 " in working.send(LARGE).read(until=b"\r\n\r\n")
        for number in range(4 * (PLACES + TURNED_AWAY)):  # none of them ever goes by itself
            client = opened.enter_context(Client(address))
            if number % 2:
                client.socket.sendall(b"GET / HTTP/1.1\r\nHost: kho\r\n")
        assert b" 200 OK" in alive(address)
        # the body of a client that works came in all the same
        working.socket.sendall(bytes(100_000))
        assert working.read(until=b"\r\n\r\n").startswith(b"HTTP/1.1 4")
        process.terminate()
        said, _err = process.communicate(timeout=SECONDS)
    assert said.count("\n") < 10, said


def test_a_server_that_has_run_out_of_descriptors_takes_them_from_idle_connections_and_works_on(
    home_folder: Path, hospital_key_of: Callable[[Path], str]
) -> None:
    key = hospital_key_of(home_folder)
    with (
        serving(home_folder, "--port", "0", descriptors=40) as (process, address, _),
        ExitStack() as opened,
    ):
        for _ in range(100):
            opened.enter_context(Client(address))
        assert b" 200 OK" in alive(address)
        opened.close()
        head = (
            f"POST /api/v1/search HTTP/1.1\nAuthorization: Bearer {key}\nContent-Type: "
            "application/json"
        )
        search = f"{head}\nConnection: close\nContent-Length: 12"

        def opens() -> bool:
            with suppress(OSError):
                return get(f"{address}/sign-in")[0] == 200
            return False

        def searches() -> bool:
            with suppress(OSError), Client(address) as client:
                return client.send(search, b'{"q": "hoa"}').read().startswith(b"HTTP/1.1 200 ")
            return False

        until(opens, "the server has its descriptors again and shows a page")
        until(searches, "the server searches")
        process.terminate()
        logged, _err = process.communicate(timeout=SECONDS)
    assert logged.count("server.accept_failed") <= 1, logged


def test_with_few_descriptors_a_client_too_many_reads_503_and_the_log_stays_short(
    home_folder: Path,
) -> None:
    with (
        serving(home_folder, "--port", "0", descriptors=FEW) as (process, address, _),
        ExitStack() as opened,
    ):
        clients = [opened.enter_context(Client(address)) for _ in range(PLACES)]
        for client in clients:  # the server waits for the bodies of them all
            assert b" 100 " in client.send(LARGE).read(until=b"\r\n\r\n")
        for _ in range(50):
            with Client(address) as late:
                status, problem = problem_of(late.send("GET / HTTP/1.1").read())
                assert (status, problem["code"]) == (503, "server.full")
        opened.close()
        # the server has not seen yet that the others are gone
        while b" 503 " in (answer := alive(address)):
            pass
        assert b" 200 OK" in answer
        process.terminate()
        said, _err = process.communicate(timeout=SECONDS)
    # a child that is stopped while it starts may leave a traceback beside the log
    assert len([line for line in said.splitlines() if line.startswith("{")]) < 10, said


@pytest.mark.parametrize("framing", ["Content-Length: 60000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/submissions", 401), ("/api/v1/verifications", 401), ("/verify", 303), ("/x", 404)],
)
def test_a_large_body_is_refused_before_it_arrives_without_a_sign_in(
    hospital: str, framing: str, path: str, status: int
) -> None:
    with Client(hospital) as client:
        said = client.send(
            f"POST {path} HTTP/1.1\n{framing}\nContent-Type: application/json", b"400\r\n"
        ).read()
    assert said.startswith(f"HTTP/1.1 {status} ".encode()), said[:300]


def test_bodies_of_strangers_have_a_share_of_the_room_and_no_more(hospital: str) -> None:
    head = (
        "POST /v/01890000-0000-7000-8000-000000000000 HTTP/1.1\nContent-Length: "
        "60000000\nExpect: 100-continue"
    )
    with ExitStack() as opened:
        said = []
        for _ in range(5):
            said.append(opened.enter_context(Client(hospital)).send(head).read(until=b"\r\n\r\n"))
        assert [answer.split()[1] for answer in said] == [b"100", b"100", b"100", b"503", b"503"]
        assert b"Retry-After" in said[-1]
        # a small form, and the API, are none of this
        assert get(f"{hospital}/sign-in")[0] == 200


def test_room_is_given_back_when_the_client_goes(hospital: str) -> None:
    head = (
        "POST /v/01890000-0000-7000-8000-000000000000 HTTP/1.1\nContent-Length: "
        "60000000\nExpect: 100-continue"
    )
    for _ in range(6):
        with Client(hospital) as client:
            assert client.send(head).read(until=b"\r\n\r\n").startswith(b"HTTP/1.1 100")


def test_a_large_body_that_is_admitted_is_judged(hospital: str) -> None:
    body = BOUNDARY.replace(b"%b", b"%PDF-1.7" + b"0" * 300_000)
    head = (
        "POST /v/01890000-0000-7000-8000-000000000000 HTTP/1.1\nContent-Type: "
        "multipart/form-data; boundary=x"
    )
    with Client(hospital) as client:
        said = client.send(f"{head}\nContent-Length: {len(body)}", body).read(until=b"</html>")
    # the form's token is missing, and the form was read to know that
    assert b"HTTP/1.1 400" in said


@pytest.mark.parametrize(
    ("head", "body", "status", "code"),
    [
        (
            "GET / HTTP/1.1\nAccept-Language: " + "xa," * 20_000,
            b"",
            431,
            "request.headers_too_large",
        ),
        ("GET / HTTP/1.1\nbroken", b"", 400, "request.malformed"),
        ("GET  /  HTTP/1.1", b"", 400, "request.malformed"),
        ("POST / HTTP/1.1\nContent-Length: " + "9" * 5000, b"", 400, "request.malformed"),
        ("POST / HTTP/1.1\nContent-Length: -1", b"", 400, "request.malformed"),
        ("GET http://[ HTTP/1.1", b"", 400, "request.malformed"),
        ("POST / HTTP/1.1\nTransfer-Encoding: gzip", b"", 501, "request.transfer_coding"),
        ("POST /sign-in HTTP/1.1\nTransfer-Encoding: chunked", b"zz\r\n", 400, "request.malformed"),
        ("GET / HTTP/1.1\nHost: another", b"", 400, "request.malformed"),
    ],
)
def test_what_the_server_itself_refuses_is_a_problem(
    hospital: str, head: str, body: bytes, status: int, code: str
) -> None:
    with Client(hospital) as client:
        answered, problem = problem_of(client.send(head, body).read())
    assert (answered, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    "framing",
    [
        "HTTP/1.1\nContent-Length: 4\nTransfer-Encoding: chunked",
        "HTTP/1.1\nTransfer-Encoding: chunked\nContent-Length: 4",
        "HTTP/1.1\nTransfer-Encoding: chunked, chunked",
        "HTTP/1.1\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked",
        "HTTP/1.1\nTransfer-Encoding: chunked\n , chunked",
        "HTTP/1.0\nContent-Length: 4\nTransfer-Encoding: chunked\nConnection: keep-alive",
    ],
)
def test_a_body_whose_end_a_proxy_may_see_elsewhere_is_refused_with_all_behind_it(
    hospital: str, framing: str
) -> None:
    smuggled = b"0\r\n\r\nGET /api/v1/health/live HTTP/1.1\r\nHost: kho\r\n\r\n"
    with Client(hospital) as client:
        said = client.send(f"POST /sign-in {framing}", smuggled).read()
    assert problem_of(said)[1]["code"] == "request.malformed"
    assert said.count(b"HTTP/1.") == 1


def test_a_request_without_a_host_is_refused(hospital: str) -> None:
    with Client(hospital) as client:
        client.socket.sendall(b"GET /api/v1/health/live HTTP/1.1\r\n\r\n")
        assert problem_of(client.read())[0] == 400


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("GET /api/v1/health/live HTTP/1.1", b""),
        ("POST /api/v1/health/live HTTP/1.1\nContent-Length: 0", b""),
        ("POST /api/v1/health/live HTTP/1.1\nTransfer-Encoding: chunked", b"1\r\na\r\n0\r\n\r\n"),
    ],
)
def test_a_request_that_is_whole_is_answered_though_its_client_expects_to_be_asked(
    hospital: str, head: str, body: bytes
) -> None:
    with Client(hospital) as client:
        said = client.send(f"{head}\nExpect: 100-continue\nConnection: close", body).read()
    assert said.split()[1] in (b"200", b"405")


def test_a_body_beyond_the_limit_is_refused_with_a_problem_however_it_is_sent(
    hospital: str, hospital_key: str
) -> None:
    head = (
        f"POST /api/v1/submissions HTTP/1.1\nAuthorization: Bearer {hospital_key}\nContent-Type: "
        "application/json"
    )
    size = DEFAULT_LIMITS.source_bytes + 1
    with Client(hospital) as client:
        status, problem = problem_of(
            client.send(f"{head}\nContent-Length: {size}", b"x" * 100_000).read()
        )
    assert (status, problem["code"]) == (413, "request.too_large")


def test_a_body_of_papers_that_is_refused_on_its_way_is_kept(
    hospital: str, hospital_key: str, hospital_home: Path
) -> None:
    head = (
        f"POST /api/v1/submissions HTTP/1.1\nAuthorization: Bearer {hospital_key}\nContent-Type: "
        "application/xml"
    )
    size = DEFAULT_LIMITS.source_bytes + 1
    chunked = f"{head}\nTransfer-Encoding: chunked\nExpect: 100-continue"
    with Client(hospital) as client:
        status, _ = problem_of(client.send(f"{head}\nContent-Length: {size}", b"x" * 9).read())
        assert status == 413
    with Client(hospital) as client:
        assert client.send(chunked).read(until=b"\r\n\r\n").startswith(b"HTTP/1.1 100")
        client.socket.sendall(b"%x\r\n" % MOST_BYTES + bytes(MOST_BYTES))
        assert problem_of(client.read())[0] == 413
    with Home.open(hospital_home) as home:
        (kept,) = [each for each in refused(home) if each.name == "application/xml"]
    assert kept.times == 2
    assert [fault.code for fault in kept.faults] == ["request.too_large"]


def test_a_chunk_whose_first_line_never_ends_is_refused_early(hospital: str) -> None:
    head = (
        "POST /v/01890000-0000-7000-8000-000000000000 HTTP/1.1\nTransfer-Encoding: "
        "chunked\nExpect: 100-continue"
    )
    with Client(hospital) as client:
        assert client.send(head).read(until=b"\r\n\r\n").startswith(b"HTTP/1.1 100")
        client.socket.sendall(b"1;" + b"a" * 100_000)
        assert problem_of(client.read())[0] == 400
