"""Evidence is read item by item: what cannot be parsed proves nothing."""

import pytest

from signing.validation.certificates.evidence import evidence_of
from tests.signing.validation.authority import NOW, Authority


@pytest.fixture(scope="module")
def stored() -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    data = Authority().evidence(NOW)
    return data.certificates, data.crls


def test_an_item_that_cannot_be_parsed_is_left_out(
    stored: tuple[tuple[bytes, ...], tuple[bytes, ...]],
) -> None:
    certificates, crls = stored
    broken = [b"", b"0", b"\x30\x03\x02\x01\x01", certificates[0][:-40], crls[0]]
    evidence = evidence_of([*broken, *certificates], broken, [certificates[0], *crls, b"\xff"])
    assert [certificate.dump() for certificate in evidence.certificates] == list(certificates)
    assert [crl.dump() for crl in evidence.crls] == list(crls)
    assert evidence.ocsps == ()


def test_an_item_that_occurs_twice_is_read_once(
    stored: tuple[tuple[bytes, ...], tuple[bytes, ...]],
) -> None:
    certificates, crls = stored
    evidence = evidence_of([*certificates, *certificates], (), [*crls, *crls])
    assert (len(evidence.certificates), len(evidence.crls)) == (len(certificates), len(crls))
