"""poppler's `pdfsig`, which shares no code with us, sees the same: whole originals, and broken
ones.
"""

from pathlib import Path

import pytest

from signing.validation.result.verdict import Verdict
from tests.judges import pdfsig
from tests.signing.validation.conftest import Original
from tests.signing.validation.regions import regions

pytestmark = pytest.mark.judge


def test_pdfsig_agrees_that_an_original_is_whole(original: Original, tmp_path: Path) -> None:
    file = tmp_path / "original.pdf"
    file.write_bytes(original.pdf)
    seen = pdfsig.judge(file)
    assert original.check().verdict is Verdict.VALID
    assert [record.field for record in seen] == [
        signature["field"] for signature in original.check().signatures
    ]
    assert seen[0].valid
    assert seen[-1].total_document_signed


@pytest.mark.parametrize(
    "region", ["data of stream 0", "data of attachment 0", "data of XMP 0", "page 1"]
)
def test_pdfsig_agrees_that_a_flipped_byte_breaks_the_seal(
    original: Original, tmp_path: Path, region: str
) -> None:
    start, end = regions(original.pdf)[region][0]
    at = (start + end) // 2
    changed = original.pdf[:at] + bytes([original.pdf[at] ^ 1]) + original.pdf[at + 1 :]
    file = tmp_path / "flipped.pdf"
    file.write_bytes(changed)
    assert original.check(changed).verdict is Verdict.INVALID
    assert not pdfsig.judge(file)[0].valid
