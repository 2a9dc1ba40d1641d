"""An Elasticsearch that is stopped, killed, slow, full, or none at all: clear errors, and nothing
is lost.
"""

import json
import ssl
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from archive.access.scope import Scope
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode
from search.contract import Query
from search.elastic.connection import COUNTING, ElasticConnection
from search.elastic.index import ElasticEngine, ElasticIndex
from search.elastic.indices import ElasticIndices
from search.elastic.schema import MADE_BY
from search.errors import IndexAway
from search.query import parse
from tests.fixtures.elasticsearch import ElasticsearchNode
from tests.loopback import free_ports
from tests.search.elastic.cluster import FACILITY, engine, new_prefix
from tests.search.lying_server import PRODUCT, Answer, Script, lying_server, said
from tests.search.other_process import entry
from tests.search.suite import load
from tests.waiting import PATIENCE

DOCUMENTS = list(load.documents().values())
SCOPE = Scope(FacilityCode("01001"))
TYPED = parse("Nguyễn Thử Hòa 001085012345")


@contextmanager
def opened(
    url: str, folder: Path, prefix: str = "kho", seconds: float = 1.5
) -> Iterator[tuple[ElasticEngine, ElasticIndex]]:
    elastic = engine(url, folder, prefix, read_seconds=seconds, write_seconds=seconds)
    try:
        yield elastic, ElasticIndex(elastic._connection, elastic._indices, elastic)
    finally:
        elastic.close()


def uses(elastic: ElasticEngine, index: ElasticIndex) -> list[Callable[[], object]]:
    """Everything that asks the server."""

    def rebuild_index() -> None:
        with elastic.remade() as fresh:
            fresh.put(DOCUMENTS)

    return [
        lambda: index.search(TYPED, SCOPE),
        index.count,
        lambda: index.put(DOCUMENTS),
        lambda: index.remove([DOCUMENTS[0].document_id]),
        rebuild_index,
        elastic.open,
    ]


def assert_away(elastic: ElasticEngine, index: ElasticIndex, why: str) -> None:
    for use in uses(elastic, index):
        with pytest.raises(IndexAway, match=why) as caught:
            use()
        message = json.dumps([caught.value.as_json(), str(caught.value)], ensure_ascii=False)
        assert "elasticsearch" in message
        assert not any(
            secret in message for secret in ("Nguyễn", "nguyen", "001085012345", "127.0.0.1")
        )
        assert caught.value.__context__ is None


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with opened(f"http://127.0.0.1:{free_ports(1)[0]}", tmp_path) as (elastic, index):
        assert_away(elastic, index, "cannot connect")


class TestHurt:
    """A real node, killed and stopped."""

    def test_killed_and_started_again_it_has_all_that_it_acknowledged(
        self, elasticsearch_to_hurt: ElasticsearchNode, tmp_path: Path
    ) -> None:
        with opened(elasticsearch_to_hurt.url, tmp_path, new_prefix(), 60) as (elastic, index):
            with elastic.remade():
                pass
            index.put(DOCUMENTS)
            elasticsearch_to_hurt.kill()
            assert_away(elastic, index, "cannot connect")
            elasticsearch_to_hurt.start()
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    assert index.count() == len(DOCUMENTS)
                    break
                except IndexAway:  # its shard is still being recovered
                    assert time.monotonic() < deadline
                    time.sleep(0.2)
            assert index.search(parse("đạt"), SCOPE).total == 1
            index.put(DOCUMENTS)

    def test_a_stopped_server_ends_the_wait_and_works_again_afterwards(
        self, elasticsearch_to_hurt: ElasticsearchNode, tmp_path: Path
    ) -> None:
        url, prefix = elasticsearch_to_hurt.url, new_prefix()
        with (
            opened(url, tmp_path, prefix, 60) as (elastic, index),
            opened(url, tmp_path, prefix) as (_, impatient),
        ):
            with elastic.remade() as fresh:
                fresh.put(DOCUMENTS)
            elasticsearch_to_hurt.hang()
            with pytest.raises(IndexAway, match=r"did not answer within 1\.5 seconds.*searching"):
                impatient.search(TYPED, SCOPE)
            with pytest.raises(IndexAway, match="did not answer"):
                impatient.put(DOCUMENTS)
            elasticsearch_to_hurt.go_on()
            index.put(DOCUMENTS)
            assert index.search(parse("đạt"), SCOPE).total == 1


GARBAGE: dict[str, Answer] = {
    "a page": (200, b"<html>welcome</html>", {"Content-Type": "text/html"}),
    "another product": (200, b"{}", {"Content-Type": "application/json"}),
    "no JSON": (200, b'{"hits": [', PRODUCT),
    "nothing": (200, b"", PRODUCT),
    "an empty object": said({}),
    "a list": said([1, 2]),
    "other members": said({"hits": 1, "count": "many", "acknowledged": "no", "docs": [{}]}),
    "not UTF-8": (200, b'"\xff\xfe"', PRODUCT),
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_server_that_talks_nonsense(answer: Answer, tmp_path: Path) -> None:
    with lying_server(lambda *_: answer) as url, opened(url, tmp_path) as (elastic, index):
        for use in uses(elastic, index):
            with pytest.raises(IndexAway) as caught:
                use()
            assert caught.value.__context__ is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 503])
def test_a_server_that_refuses_everything_and_quotes_the_query(status: int, tmp_path: Path) -> None:
    quoted = {
        "error": {"type": "parsing_exception", "reason": "cannot parse [Nguyễn Thử Hòa]"},
        "status": status,
    }
    with (
        lying_server(lambda *_: said(quoted, status)) as url,
        opened(url, tmp_path) as (elastic, index),
    ):
        assert_away(elastic, index, f"it refused \\({status} parsing_exception\\)")


def a_cluster(
    bulk: Callable[[list[str]], list[dict[str, object]]], log: list[str] | None = None
) -> Script:
    """Return the script of a server with one index,
    whose bulk answers `bulk` makes from the ids.
    """

    def script(method: str, path: str, body: bytes) -> Answer:
        alias = path.split("/")[1].removesuffix("-write").split("-v")[0]
        name = f"{alias}-v1-1-1"
        if log is not None:
            log.append(f"{method} {path}")
        if path.startswith("/_bulk"):
            index_of = json.loads(body.split(b"\n")[0])["index"]["_index"]
            ids = [
                json.loads(line)["index"]["_id"]
                for line in body.splitlines()
                if line.startswith(b'{"index"')
            ]
            items = [{"index": {"_index": index_of, **item}} for item in bulk(ids)]
            return said({"errors": False, "took": 1, "items": items})
        if "_mapping" in path:
            return said({name: {"mappings": {"_meta": {"kho": MADE_BY}}}})
        return said({"acknowledged": True})

    return script


def created(name: str) -> dict[str, object]:
    return {"_id": name, "status": 201, "result": "created"}


BULK: dict[str, Callable[[list[str]], list[dict[str, object]]]] = {
    "fewer answers than documents": lambda ids: [created(name) for name in ids[:-1]],
    "none": lambda ids: [],
    "about others": lambda ids: [created(name[::-1]) for name in ids],
    "done, with an error's status": lambda ids: [{**created(name), "status": 500} for name in ids],
    "an error, with a good status": lambda ids: [
        {"_id": n, "status": 200, "error": {"type": "x_y"}} for n in ids
    ],
    "one failed": lambda ids: [
        *(created(name) for name in ids[1:]),
        {
            "_id": ids[0],
            "status": 400,
            "error": {"type": "document_parsing_exception", "reason": "[Nguyễn Thử Hòa]"},
        },
    ],
    "one conflict of another kind": lambda ids: [
        *(created(name) for name in ids[1:]),
        {"_id": ids[0], "status": 409, "error": {"type": "illegal_state_exception"}},
    ],
    "gone for ever": lambda ids: [
        {"_id": name, "status": 404, "error": {"type": "index_not_found_exception"}} for name in ids
    ],
}


@pytest.mark.parametrize("bulk", BULK.values(), ids=BULK.keys())
def test_no_item_of_a_bulk_is_ever_dropped_in_silence(
    bulk: Callable[[list[str]], list[dict[str, object]]], tmp_path: Path
) -> None:
    with lying_server(a_cluster(bulk)) as url, opened(url, tmp_path) as (_, index):
        with pytest.raises(IndexAway) as caught:
            index.put(DOCUMENTS)
        assert "Nguyễn" not in str(caught.value.as_json())


def test_what_is_refused_because_the_cluster_is_busy_is_tried_again(tmp_path: Path) -> None:
    turns: list[list[str]] = []

    def busy_at_first(ids: list[str]) -> list[dict[str, object]]:
        turns.append(ids)
        late = set(ids[::2]) if len(turns) < 3 else set()
        full = {"status": 429, "error": {"type": "es_rejected_execution_exception"}}
        return [{"_id": name, **full} if name in late else created(name) for name in ids]

    with lying_server(a_cluster(busy_at_first)) as url, opened(url, tmp_path) as (_, index):
        index.put(DOCUMENTS)
    assert [len(ids) for ids in turns] == [14, 7, 4]


def test_a_version_conflict_is_a_newer_entry_and_all_is_well(tmp_path: Path) -> None:
    conflict = {"status": 409, "error": {"type": "version_conflict_engine_exception"}}
    script = a_cluster(lambda ids: [{"_id": name, **conflict} for name in ids])
    with lying_server(script) as url, opened(url, tmp_path) as (_, index):
        index.put(DOCUMENTS)


PARTS: list[dict[str, Any]] = [
    {"timed_out": True},
    {"_shards": {"failed": 1}},
    {"hits": {"total": {"value": 9, "relation": "gte"}, "hits": []}},
]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_an_answer_is_no_answer(part: dict[str, Any], tmp_path: Path) -> None:
    none = {"total": {"value": 0, "relation": "eq"}, "hits": []}
    whole = {"timed_out": False, "_shards": {"failed": 0}, "hits": none}
    with lying_server(lambda *_: said(whole)) as url, opened(url, tmp_path) as (_, index):
        assert index.search(Query(), SCOPE).total == 0
    answer = said({**whole, **part})
    with (
        lying_server(lambda *_: answer) as url,
        opened(url, tmp_path) as (_, index),
        pytest.raises(IndexAway),
    ):
        index.search(Query(), SCOPE)


def test_large_batches_are_sent_in_requests_of_bounded_size(tmp_path: Path) -> None:
    log: list[str] = []
    many = [entry(number) for number in range(1100)]
    script = a_cluster(lambda ids: [created(name) for name in ids], log)
    with lying_server(script) as url, opened(url, tmp_path) as (_, index):
        index.put(many)
    assert sum("_bulk" in line for line in log) == 3
    assert not any("Thử" in line or many[0].document_id in line for line in log)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PEM file with the key and the self-signed certificate of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Search, test only")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path_factory.mktemp("certificate") / "search.pem"
    file.write_bytes(key.private_bytes(*form) + certificate.public_bytes(Encoding.PEM))
    return file


class TestSecured:
    """TLS and passwords."""

    @pytest.fixture
    def secured(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        return context

    def test_the_password_goes_to_the_server_that_the_authority_vouches_for(
        self, secured: ssl.SSLContext, certificate: Path
    ) -> None:
        seen: list[str] = []
        answer = said({"count": 7, "_shards": {"failed": 0}})
        with lying_server(lambda *_: answer, secured=secured, seen=seen) as url:
            connection = ElasticConnection(
                url, username="kho", password="mật khẩu", ca_file=certificate
            )
            assert ElasticIndices(connection, "kho", FACILITY).count("kho", COUNTING) == 7
            connection.close()
        assert [b64decode(header.removeprefix("Basic ")).decode() for header in seen] == [
            "kho:mật khẩu"
        ]

    def test_and_to_no_other(self, secured: ssl.SSLContext) -> None:
        seen: list[str] = []
        with lying_server(lambda *_: said({}), secured=secured, seen=seen) as url:
            connection = ElasticConnection(url, username="kho", password="mật khẩu")
            with pytest.raises(IndexAway, match="does not trust its TLS certificate"):
                ElasticIndices(connection, "kho", FACILITY).count("kho", COUNTING)
            connection.close()
        assert seen == []

    def test_an_invalid_file_of_authorities_is_a_wrong_setting(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("no certificate")
        for file in (tmp_path / "ca.pem", tmp_path / "nowhere.pem"):
            with pytest.raises(Misconfigured):
                ElasticConnection("https://127.0.0.1:9200", ca_file=file)
