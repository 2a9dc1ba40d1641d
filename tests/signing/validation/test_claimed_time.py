"""What a signature claims of its time is anybody's: a year that no clock could show is no claim."""

from datetime import datetime

import pytest

from archive.base.clock import VIETNAM
from signing.seal import BaselineLevel, Sealer
from signing.trust import TrustRoots
from signing.validation.isolated import validate_isolated
from tests.fixtures.pki import RunningPki


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_an_absurd_claim_is_no_claim(
    sealer: Sealer, test_pki: RunningPki, paper_pdf: bytes, year: int
) -> None:
    claimed = datetime(year, 6, 1, 12, tzinfo=VIETNAM)
    sealed = sealer.seal(paper_pdf, claimed_at=claimed, level=BaselineLevel.B_B)
    report = validate_isolated(sealed.data, TrustRoots([]))
    assert report.signatures[0]["claimed_time"] is None
