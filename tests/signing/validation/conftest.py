"""The documents that validation is tried on: one real original, and a small authority of the test's
own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from signing.trust import TrustRoots
from signing.validation.result.report import ValidationReport
from signing.validation.validate import validate
from tests.fixtures.pki import RunningPki
from tests.signing.validation.authority import DAY, NOW, Authority

Check = Callable[[bytes], ValidationReport]


@dataclass(frozen=True)
class Original:
    """A document as Kho archives it: B-LTA, sealed by the running test PKI."""

    pdf: bytes
    trust: TrustRoots

    def check(self, pdf: bytes | None = None, at: datetime | None = None) -> ValidationReport:
        """Validate the original, or what became of it."""
        return validate(self.pdf if pdf is None else pdf, self.trust, at=at)


@pytest.fixture(scope="session")
def original(session_pki: RunningPki, paper_pdf: bytes) -> Original:
    """One original for the whole session."""
    session_pki.start()
    with session_pki.open_sealer() as sealer:
        sealed = sealer.seal(paper_pdf, claimed_at=datetime.now(UTC))
    return Original(sealed.data, TrustRoots.from_files(session_pki.trust_path))


@pytest.fixture(scope="session")
def authority() -> Authority:
    """An authority whose leaves live for three years from a month before NOW."""
    return Authority()


@pytest.fixture(scope="session")
def sealed(authority: Authority, paper_pdf: bytes) -> bytes:
    """The paper, sealed B-LTA by `authority` at NOW."""
    return authority.seal(paper_pdf)


@pytest.fixture(scope="session")
def check(authority: Authority) -> Check:
    """Validate against `authority`, a day after NOW."""
    return lambda pdf: validate(pdf, authority.trust, at=NOW + DAY)
