"""The connection to an Elasticsearch cluster.

It has account and certificates, timeouts, and errors that quote no data.

What the client raises may hold the query, a document or the address. Kho reports only the kind of
the error, and keeps the client's own logger from writing more. Kho retries a read where no
connection was made; it retries a write too, because a write may be done twice (`write_once` is for
those that may not). After a timeout there is no retry: it would wait as long.
"""

import logging
import re
import ssl
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError

from archive.base.bilingual import Text
from archive.base.errors import KhoError, Misconfigured
from search.errors import IndexAway, IndexMissing

# below that it logs addresses, and at last bodies
logging.getLogger("elastic_transport").setLevel(logging.ERROR)

COMPONENT = "elasticsearch"
READ_SECONDS = 5.0
WRITE_SECONDS = 60.0
_RETRIES = 2
_OVERLOADED = (429, 502, 503, 504)
_MACHINE_WORD = re.compile(r"[a-z][a-z_]{1,60}", re.ASCII)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

T = TypeVar("T")

SEARCHING = Text("tìm kiếm", "searching")
COUNTING = Text("đếm mục trong chỉ mục", "counting the index")
FEEDING = Text("đưa tài liệu vào chỉ mục", "indexing documents")
REBUILDING = Text("lập lại chỉ mục", "rebuilding the index")


class ElasticConnection:
    """One cluster, at one or more addresses (`https://a:9200 https://b:9200`).

    Safe for threads; close it.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str = "",
        password: str = "",
        ca_file: Path | None = None,
        read_seconds: float = READ_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        """Make the client; no request is sent yet. Raises Misconfigured."""
        self._seconds = {"read": read_seconds, "write": write_seconds}
        hosts = url.replace(",", " ").split()
        _check(hosts, password)
        secured: dict[str, Any] = {}
        if username:  # by hand: the client takes Latin letters only (RFC 7617, 2.1 knows UTF-8)
            secured["headers"] = {
                "authorization": f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"
            }
        try:
            if ca_file is not None:
                secured["ssl_context"] = ssl.create_default_context(cafile=ca_file)
            self._client = Elasticsearch(hosts, **secured)
        # not an address, or a file that holds no certificate
        except (ValueError, OSError) as error:
            failure = _misconfigured(f"search.url, search.ca_file: {type(error).__name__}")
        else:
            return
        raise failure

    def read(self, undone: Text, ask: Callable[[Elasticsearch], T]) -> T:
        """Return what `ask` reads in the answer.

        Raises IndexAway, and IndexMissing where there is no such index.
        """
        return self._ask(undone, ask, "read")

    def write(self, undone: Text, ask: Callable[[Elasticsearch], T]) -> T:
        """Do what may be done twice; raises as :meth:`read` does."""
        return self._ask(undone, ask, "write")

    def write_once(self, undone: Text, ask: Callable[[Elasticsearch], T]) -> T:
        """Do what must not be done twice: where it raises it may have been done.

        Raises as :meth:`read` does.
        """
        return self._ask(undone, ask, "write", retries=0)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(
        self, undone: Text, ask: Callable[[Elasticsearch], T], kind: str, retries: int = _RETRIES
    ) -> T:
        patient = self._client.options(
            request_timeout=self._seconds[kind], max_retries=retries, retry_on_status=_OVERLOADED
        )
        failure: KhoError
        try:
            return ask(patient)
        except (TransportError, ApiError) as error:
            failure = _explained(error, undone, self._seconds[kind])
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            # the answer has not the form of Elasticsearch's and may hold anything
            failure = nonsense(undone)
        raise failure  # outside of `except`: what was raised goes no further, not even as a context


def nonsense(undone: Text) -> IndexAway:
    """Return what to raise for an answer that cannot be Elasticsearch's."""
    return away(
        Text("trả lời không đúng giao thức", "its answer does not follow the protocol"), undone
    )


def away(why: Text, undone: Text) -> IndexAway:
    """Return what to raise where the cluster did not do its part."""
    return IndexAway(
        component=COMPONENT,
        why=why.en,
        why_vi=why.vi,
        why_en=why.en,
        undone_vi=undone.vi,
        undone_en=undone.en,
    )


def is_missing(error: ApiError) -> bool:
    """Tell whether Elasticsearch (and no other server) says that it has no such index."""
    return error.status_code == 404 and kind_of(error.body) == "index_not_found_exception"


def kind_of(body: object) -> str:
    """Return the kind of an error as Elasticsearch names it, never its sentence.

    An example is `cluster_block_exception`.
    """
    error = body.get("error") if isinstance(body, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return kind if isinstance(kind, str) and _MACHINE_WORD.fullmatch(kind) else "?"


def refused(status: object, kind: str) -> Text:
    """Return why a request or one item of it was refused: HTTP status and kind."""
    number = status if isinstance(status, int) else "?"
    return Text(f"từ chối ({number} {kind})", f"it refused ({number} {kind})")


def _explained(error: Exception, undone: Text, seconds: float) -> KhoError:
    if isinstance(error, UnsupportedProductError | SerializationError):
        return nonsense(undone)
    if isinstance(error, ApiError):
        return (
            IndexMissing()
            if is_missing(error)
            else away(refused(error.status_code, kind_of(error.body)), undone)
        )
    if isinstance(error, ConnectionTimeout):
        return away(
            Text(
                f"không trả lời trong {seconds:g} giây",
                f"it did not answer within {seconds:g} seconds",
            ),
            undone,
        )
    if isinstance(error, TlsError):
        return away(
            Text("không tin được chứng thư TLS", "Kho does not trust its TLS certificate"), undone
        )
    return away(Text("không kết nối được", "Kho cannot connect to it"), undone)


def _check(hosts: list[str], password: str) -> None:
    if not hosts:
        raise _misconfigured("search.url")
    for host in hosts:
        parts = urlsplit(host)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username
            or parts.password
        ):
            raise _misconfigured("search.url: https://host:9200")
        if password and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise _misconfigured("search.url: https (search.password)")


def _misconfigured(what: str) -> Misconfigured:
    return Misconfigured(why_vi=what, why_en=what)
