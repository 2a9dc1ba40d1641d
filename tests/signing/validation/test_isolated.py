"""A stranger's file is judged in a process of its own: same answer, and nothing but an answer."""

from datetime import timedelta

import pytest

from archive.base.errors import Unreadable
from signing.validation.isolated import validate_isolated
from signing.validation.validate import validate
from tests.signing.validation.authority import DAY, NOW, Authority


def test_the_answer_is_the_same_as_without_isolation(authority: Authority, sealed: bytes) -> None:
    for pdf in (sealed, sealed + b"junk"):
        alone = validate_isolated(pdf, authority.trust, at=NOW + DAY)
        assert alone == validate(pdf, authority.trust, at=NOW + DAY)


def test_what_is_no_pdf_is_unreadable_here_too(authority: Authority) -> None:
    with pytest.raises(Unreadable, match="not a PDF"):
        validate_isolated(b"junk", authority.trust)


@pytest.mark.parametrize("limit", [{"seconds": 0.001}, {"memory": 1 << 20}])
def test_a_limit_ends_in_a_sentence(
    authority: Authority, sealed: bytes, limit: dict[str, float]
) -> None:
    with pytest.raises(Unreadable, match=r"takes more than .* s or too much memory"):
        # A child may have some memory free below its limit: the file is larger than that.
        validate_isolated(sealed + bytes(64 << 20), authority.trust, at=NOW + timedelta(1), **limit)  # type: ignore[arg-type]
