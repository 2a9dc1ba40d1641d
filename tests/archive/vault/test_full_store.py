"""A store whose disk is full, for real: named, nothing acknowledged that is not there, nothing lost
that was.
"""

import secrets
import subprocess
from collections.abc import Iterator

import pytest

from archive.base.identifiers import ObjectKey, sha256
from archive.vault.contract import OutcomeUnknown, Stored
from tests.archive.vault.conftest import MEDIA_TYPE, days, s3_vault, with_bucket
from tests.fixtures.minio import SmallMinioServer
from tests.judges.missing import unjudged

MEGABYTE = 1 << 20


@pytest.fixture
def small() -> Iterator[SmallMinioServer]:
    """Return a MinIO that is soon full."""
    if subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "true"], capture_output=True
    ).returncode:
        unjudged("no mount namespace here (unshare --user --mount)")
    yield from SmallMinioServer.running()


def test_a_full_store_is_named_and_keeps_all_that_it_acknowledged(
    small: SmallMinioServer, place: str
) -> None:
    vault = s3_vault(with_bucket(small).endpoint)
    bodies = [secrets.token_bytes(MEGABYTE) for _ in range(60)]
    stored: list[Stored] = []

    def fill() -> None:
        for count, body in enumerate(bodies):
            key = ObjectKey(f"{place}/{count}")
            stored.append(vault.put(key, body, retain_until=days(1), media_type=MEDIA_TYPE))

    with pytest.raises(OutcomeUnknown) as full:
        fill()
    assert len(stored) > 10
    assert small.endpoint in full.value.explain("vi")
    assert f"{place}/{len(stored)}" in full.value.explain("en")
    for each, body in zip(stored, bodies, strict=False):
        assert vault.stat(each.key, each.version) == each
        assert vault.read(each.key, each.version, expected=sha256(body)) == body
    assert len(list(vault.list(f"{place}/"))) == len(stored), (
        "what was refused is not there in part"
    )
