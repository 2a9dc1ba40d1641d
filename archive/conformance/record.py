"""The conformance record: one signed JSON object.

It says what a trial found, where, when, and what follows.

`docs/formats.md` describes it member by member (`kho-conformance/1`). It is a statement of this
archive about its own store, so it is kept in the home and not in the store: a store cannot attest
itself, and a vault that is copied elsewhere must not carry the verdict on another store.
"""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, ValidationError

from archive.base.bilingual import Text
from archive.base.canonical import CanonicalizationError, canonical
from archive.base.clock import iso, parse_iso
from archive.base.errors import Unreadable
from archive.base.facts import FacilityCodeText, Strict
from archive.conformance.case import Gravity, Outcome
from archive.conformance.catalogue import Kind, catalogue
from archive.conformance.findings import Findings
from archive.conformance.verdict import Reason, Verdict, judge

Format = Literal["kho-conformance/1"]
FORMAT: Format = "kho-conformance/1"
_CONTEXT = b"kho-conformance-signature/1\n"


class Place(Strict):
    """Which vault a record is about: an S3 store's endpoint and bucket, or a folder.

    The folder's path is absolute.
    """

    kind: Kind
    endpoint: str = ""
    bucket: str = ""
    folder: str = ""


class Store(Strict):
    """What was tried: the place, the trial bucket, and what the store says of itself."""

    place: Place
    trial_bucket: str
    make: str
    version: str
    server: str


class CaseLine(Strict):
    """One case's outcome, with its gravity at the time and the evidence."""

    id: str
    gravity: Gravity
    outcome: Outcome
    seen: str


class ReasonLine(Strict):
    """Why the verdict is not better."""

    case: str
    vi: str
    en: str


class Record(Strict):
    """One trial of one store."""

    format: Format
    facility: FacilityCodeText
    suite: Annotated[int, Field(ge=1)]
    time: str
    software: str
    store: Store
    cases: tuple[CaseLine, ...]
    verdict: Verdict
    reasons: tuple[ReasonLine, ...]
    signature: Annotated[str, Field(pattern=r"^[0-9A-Za-z+/=]*$", max_length=128)]

    def to_bytes(self) -> bytes:
        """Return the record's canonical bytes (RFC 8785)."""
        return canonical(self.model_dump(mode="json"))

    def signed_bytes(self) -> bytes:
        """Return what is signed: a context line, and the canonical bytes of the other members."""
        return _CONTEXT + canonical(self.model_dump(mode="json", exclude={"signature"}))

    def is_signed_by(self, public_key: bytes) -> bool:
        """Tell whether the Ed25519 key `public_key` (32 bytes) signed this record."""
        try:
            signature = base64.b64decode(self.signature, validate=True)
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, self.signed_bytes())
        except (ValueError, InvalidSignature):
            return False
        return True

    def age(self, now: datetime) -> timedelta:
        """Return how long ago the trial was."""
        return now - parse_iso(self.time)

    @property
    def why(self) -> tuple[Reason, ...]:
        """The reasons, as the house's own type."""
        return tuple(Reason(line.case, Text(line.vi, line.en)) for line in self.reasons)


def make_record(
    trial: Findings,
    *,
    facility: str,
    place: Place,
    trial_bucket: str,
    version: str,
    now: datetime,
    software: str,
    sign: Callable[[bytes], bytes],
) -> Record:
    """Return the signed record of a trial.

    `version` is the operator's word where the store does not tell its own.
    """
    judged = judge(trial.cases, trial.findings)
    outcomes = {finding.case: finding for finding in trial.findings}
    record = Record(
        format=FORMAT,
        facility=facility,
        suite=catalogue().suite,
        time=iso(now),
        software=software,
        store=Store(
            place=place,
            trial_bucket=trial_bucket,
            make=trial.make,
            version=trial.version or version,
            server=trial.server,
        ),
        cases=tuple(
            CaseLine(
                id=case.id,
                gravity=case.gravity,
                outcome=outcomes[case.id].outcome,
                seen=outcomes[case.id].seen,
            )
            for case in trial.cases
        ),
        verdict=judged.verdict,
        reasons=tuple(
            ReasonLine(case=reason.case, vi=reason.means.vi, en=reason.means.en)
            for reason in judged.reasons
        ),
        signature="",
    )
    return record.model_copy(
        update={"signature": base64.b64encode(sign(record.signed_bytes())).decode()}
    )


def parse_record(data: bytes) -> Record:
    """Parse a record's bytes; raises Unreadable unless they are canonical and fit the schema."""
    try:
        record = Record.model_validate(json.loads(data))
        parse_iso(record.time)
        if record.to_bytes() != data:
            raise ValueError("not canonical")
    except (ValueError, ValidationError, RecursionError, CanonicalizationError) as error:
        raise Unreadable(
            why_vi="không phải biên bản thử kho đối tượng", why_en="it is not a conformance record"
        ) from error
    return record
