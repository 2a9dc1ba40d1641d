"""Validation, whole: any PDF in, a report out; a pure function of bytes, trust and time."""

from datetime import UTC, datetime

from signing.trust import TrustRoots
from signing.validation.collect import collect
from signing.validation.result.report import ValidationReport, make_report


def validate(pdf: bytes, trust: TrustRoots, *, at: datetime | None = None) -> ValidationReport:
    """Say whether `pdf` is what its signers sealed, as of `at` (aware; now where None).

    Nothing is fetched: revocation evidence is what the file carries (RFC 5280, RFC 6960 in the
    security store). Raises :class:`archive.base.errors.Unreadable` where the bytes are no PDF. For
    files from strangers use :func:`signing.validation.isolated.validate_isolated`.
    """
    return make_report(collect(pdf, trust, at or datetime.now(UTC)))
