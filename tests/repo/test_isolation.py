"""The tests themselves: they reach no other machine and depend on no setting of this one."""

import os
import socket
import time

import pytest

from tests.fixtures.isolation import NetworkBeyondLoopback

ELSEWHERE = "192.0.2.1"  # TEST-NET-1 (RFC 5737): no host has this address


def test_no_test_connects_to_another_machine() -> None:
    with socket.socket() as client, pytest.raises(NetworkBeyondLoopback):
        client.connect((ELSEWHERE, 80))


def test_no_test_looks_up_another_machine() -> None:
    with pytest.raises(NetworkBeyondLoopback):
        socket.getaddrinfo("kho.invalid", 80)


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
    ):
        pass


def test_no_setting_of_the_machine_is_seen() -> None:
    assert not [
        name for name in os.environ if name.startswith("KHO_") or name.lower().endswith("_proxy")
    ]


def test_local_time_is_neither_utc_nor_viet_nam() -> None:
    assert time.timezone not in (0, -7 * 3600)
