"""The path of the TSA's certificate, kept in the home by the process that last met another one.

Seals are made by many processes; whichever looks when the TSA's certificates end finds them here.
"""

from collections.abc import Sequence
from pathlib import Path

import structlog
from asn1crypto import pem, x509

from archive.files.durable import replace_file
from signing.trust import read_certificates

_FILE = Path("keys") / "tsa.pem"
log = structlog.get_logger(__name__)


def read_tsa_path(home: Path) -> tuple[x509.Certificate, ...]:
    """Return the TSA's certificate and those above it; none before the first timestamp."""
    try:
        return read_certificates((home / _FILE).read_bytes())
    except (OSError, ValueError):  # none yet, or damaged: the next timestamp writes it
        return ()


def keep_tsa_path(home: Path, path: Sequence[x509.Certificate]) -> None:
    """Keep the path of a TSA's certificate, where it is not kept already."""
    content = b"".join(pem.armor("CERTIFICATE", certificate.dump()) for certificate in path)
    file = home / _FILE
    try:
        if not file.exists() or file.read_bytes() != content:
            replace_file(file, content)
    except OSError as error:  # no seal waits for this file
        log.warning("tsa.not_kept", why=error.strerror)
