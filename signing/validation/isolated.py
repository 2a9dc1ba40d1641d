"""Validation of files from strangers, in a child process with limits on time and memory."""

import json
from datetime import datetime

from asn1crypto import x509

from archive.isolation.child import Limits, isolated, preload
from signing.trust import TrustRoots
from signing.validation.result.report import ValidationReport

# By name: the validator and its libraries are loaded where strangers' files are read, not where
# they come in.
preload(__name__)
preload("signing.validation.validate")


def validate_isolated(
    pdf: bytes,
    trust: TrustRoots,
    *,
    at: datetime | None = None,
    seconds: float = 60,
    memory: int = 2 << 30,
) -> ValidationReport:
    """Do what :func:`signing.validation.validate.validate` does, within `seconds` and `memory`
    (bytes).

    Raises :class:`archive.base.errors.Unreadable` where the bytes are no PDF, a limit is reached,
    or the child dies.
    """
    roots = [anchor.dump() for anchor in trust.anchors]
    limits = Limits(seconds=seconds, memory=memory)
    answer = isolated(limits, _validate, pdf, roots, at)
    try:
        return ValidationReport.from_json(json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise limits.exceeded from error  # a child that was taken over may say anything


def _validate(pdf: bytes, roots: list[bytes], at: datetime | None) -> bytes:
    from signing.validation.validate import validate

    trust = TrustRoots(x509.Certificate.load(root) for root in roots)
    return json.dumps(validate(pdf, trust, at=at).as_json()).encode()
