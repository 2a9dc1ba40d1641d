"""Kho's seal: PDF in, B-LTA out, read back.

Arguments: PDF, PKCS#12, its passphrase file, roots (PEM), TSA address.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from archive.base.clock import SystemClock
from bench.loop import pin, serve
from signing.fetching import Fetcher
from signing.keys.pkcs12 import load_pkcs12
from signing.revocation import Revocation
from signing.seal import Sealer
from signing.timestamps import TimestampAuthority
from signing.trust import TrustRoots


def sealer(p12: str, passphrase: str, roots: str, tsa: str) -> Sealer:
    """Return a sealer as a home makes it."""
    clock, fetcher, trust = SystemClock(), Fetcher(), TrustRoots.from_files(Path(roots))
    key = load_pkcs12(Path(p12).read_bytes(), Path(passphrase).read_bytes().strip(), clock.now())
    return Sealer(
        key,
        trust,
        TimestampAuthority(tsa, trust, fetcher),
        Revocation(trust, fetcher, clock),
        clock,
    )


def main() -> None:
    """Seal the same file repeatedly. The loop's `bytes` are those that the seal added."""
    pin()
    file, *services = sys.argv[1:]
    pdf, does = Path(file).read_bytes(), sealer(*services)
    serve(lambda: len(does.seal(pdf, claimed_at=datetime.now(UTC)).data) - len(pdf))


if __name__ == "__main__":
    main()
