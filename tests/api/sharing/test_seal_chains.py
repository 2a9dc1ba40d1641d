"""An invalid seal chain is a fault of the packet, whatever the parser makes of it."""

import random

import pytest

from api.home import Home
from api.sharing.acts import _first_certificate
from archive.catalog.tables import SealChainRow


@pytest.mark.parametrize("pem", ["", "x", "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n"])
def test_a_chain_without_a_certificate_is_refused(pem: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        _first_certificate(pem)


def test_a_damaged_certificate_is_read_whole_or_refused(demo_home: Home) -> None:
    with demo_home.catalog.read() as session:
        chain = session.query(SealChainRow).first()
    assert chain is not None
    lines = chain.pem.splitlines()
    end = lines.index("-----END CERTIFICATE-----")
    chance = random.Random(1)
    for _ in range(300):
        damaged = [*lines]
        line = chance.randrange(1, end)
        column = chance.randrange(len(damaged[line]))
        damaged[line] = (
            damaged[line][:column] + chance.choice("ABCxyz019+/") + damaged[line][column + 1 :]
        )
        try:
            _first_certificate("\n".join(damaged) + "\n")
        except (ValueError, TypeError, KeyError):
            continue
