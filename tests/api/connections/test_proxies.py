"""Proxies in front are believed about the client's address as far as the settings count them."""

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from api.connections.server import Proxies, behind_proxies

CLIENT, FORGED, OUTER, INNER = "192.0.2.1", "203.0.113.66", "198.51.100.1", "127.0.0.1"
FORWARDED = f"{FORGED}, {CLIENT}"


def seen(proxies: Proxies, peer: str, forwarded: str) -> tuple[str, str]:
    """Return the address and the scheme that the application sees."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']}".encode()]

    headers = [("X-Forwarded-For", forwarded), ("X-Forwarded-Proto", "https")]
    environ = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": peer}).get_environ()
    body, _, _ = run_wsgi_app(behind_proxies(application, proxies), environ)
    address, scheme = b"".join(body).decode().split()
    return address, scheme


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (Proxies(), INNER, FORWARDED, INNER),  # by default none is believed
        (Proxies(), CLIENT, FORGED, CLIENT),
        (Proxies(1), INNER, FORWARDED, CLIENT),
        (Proxies(1), CLIENT, FORGED, CLIENT),  # a client that reaches the port itself
        (Proxies(1, elsewhere=True), OUTER, FORWARDED, CLIENT),
        (Proxies(2), INNER, f"{FORWARDED}, {OUTER}", CLIENT),
        (Proxies(2), INNER, CLIENT, INNER),  # fewer than stated: not believed
    ],
)
def test_the_address_is_the_one_that_the_counted_proxies_saw(
    proxies: Proxies, peer: str, forwarded: str, address: str
) -> None:
    assert seen(proxies, peer, forwarded)[0] == address


def test_a_proxy_on_this_machine_alone_is_believed_about_the_scheme() -> None:
    assert seen(Proxies(), INNER, CLIENT)[1] == "https"
    assert seen(Proxies(), CLIENT, CLIENT)[1] == "http"
