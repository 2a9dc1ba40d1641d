"""`/v1/submissions`: a JSON record, an insurance file, or finished files come in;
receipts go out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from api.access.accounts import Account
from api.access.turns import Busy
from api.connections.refusals import BodyTooLarge
from api.reading.views import submission_view
from api.refusals.kept import Source
from api.refusals.recorder import Recorder
from api.rest.access import caller, needs
from api.rest.answers import answer
from api.rest.errors import RequestInvalid, WrongMediaType
from api.rest.models.submissions import Archived, Submission, SubmissionPath, SubmissionProblem
from api.rest.once import ERRORS, OnceHeader, once
from api.rest.operation import Answer, documented, tag
from api.rest.problems import problem
from api.rest.requests.multipart import Parts, read_parts
from api.rest.service import service
from api.writing.intake import Intake, Result
from archive.access.actor import Actor, Permission
from archive.base.errors import Fault, FileMustWait, KhoError, NotFound, SubmissionRejected
from archive.base.identifiers import sha256
from archive.base.leases import LeaseHeld
from archive.vault.contract import VaultError

submissions = APIBlueprint(
    "submissions", __name__, url_prefix="/v1/submissions", abp_tags=[tag("submissions")]
)
JSON, XML, MULTIPART = (
    "application/json",
    frozenset({"application/xml", "text/xml"}),
    "multipart/form-data",
)
_REPLAYED = ("Idempotency-Replayed",)
_RECORD = {"$ref": "#/components/schemas/ChartRecord"}
_BODY = {
    JSON: {"schema": _RECORD},
    "application/xml": {
        "schema": {"type": "string", "description": "GIAMDINHHS (QĐ 130, 4750, 3176/QĐ-BYT)"}
    },
    "text/xml": {"schema": {"type": "string", "description": "GIAMDINHHS"}},
    MULTIPART: {
        "schema": {
            "type": "object",
            "properties": {
                "record": _RECORD,
                "file": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["record"],
            "additionalProperties": False,
        },
        "encoding": {
            "record": {"contentType": JSON},
            "file": {"contentType": "application/octet-stream"},
        },
    },
}


# what a submission, or a part of one, may be refused for
REFUSALS = (
    SubmissionRejected,
    RequestInvalid,
    LeaseHeld,
    BodyTooLarge,
    WrongMediaType,
    Busy,
    FileMustWait,
    VaultError,
    *ERRORS,
)


@dataclass
class Outcome:
    """The results of the body's charts so far."""

    receipts: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    waits: FileMustWait | None = None

    def add(self, result: Result) -> None:
        """Count one chart in."""
        self.receipts += [receipt.as_json() for receipt in result.receipts]
        self.refused += [{"source": result.source, **fault.as_json()} for fault in result.faults]
        self.notices += [{"source": result.source, **notice.as_json()} for notice in result.notices]
        self.faults += result.faults
        self.waits = self.waits or result.waits


@submissions.post(
    "",
    **documented(
        "submit",
        {201: Answer(Archived, headers=_REPLAYED), 200: Answer(Archived, headers=_REPLAYED)},
        *REFUSALS,
        problem=SubmissionProblem,
        body=_BODY,
    ),
)
@needs(Permission.INGEST)
def submit(header: OnceHeader) -> Response:
    """Archive the body's charts, each accepted or refused alone; the body's digest is its name."""
    account = caller()
    try:
        name, parts = _read()
    except RequestInvalid as error:
        recorder = Recorder(service().archive.refusals, Source.REST, account.actor.name)
        recorder.refused(MULTIPART, error.faults)
        recorder.flush()
        raise
    return once(
        header,
        parts.digest(),
        lambda: archived(account, lambda intake: intake.take(name, parts.record, parts.files)),
    )


def _read() -> tuple[str, Parts]:
    """Return the body and its name, which is the digest of the charts' own part of it.

    Raises WrongMediaType.
    """
    if request.content_encoding is not None:
        raise WrongMediaType
    if request.mimetype == MULTIPART:
        parts = read_parts(request)
    elif request.mimetype in {JSON, *XML}:
        parts = Parts(request.get_data(cache=False), {})
    else:
        raise WrongMediaType
    return f"sha256:{sha256(parts.record)}", parts


def archived(account: Account, work: Callable[[Intake], Iterable[Result]]) -> Response:
    """Archive what `work` hands to the caller's intake.

    Return 201 where all is archived, 200 where some is, 422 where nothing is.

    Where a component is away the answer is its error, with the receipts of the charts that were
    archived before.
    """
    held, outcome = service(), Outcome()
    try:
        with held.writing(account.name) as file_came:
            intake = Intake(
                held.open_for_writing(), account.actor, account.scope, file_came, Source.REST
            )
            for result in work(intake):
                outcome.add(result)
        if outcome.waits is not None:
            raise outcome.waits
    except KhoError as error:
        return problem(error, _content(outcome, account.actor))
    if outcome.refused and not outcome.receipts:
        return problem(SubmissionRejected(outcome.faults), _content(outcome, account.actor))
    return answer(Archived, _content(outcome, account.actor), 200 if outcome.refused else 201)


def _content(outcome: Outcome, actor: Actor) -> dict[str, Any]:
    """Return receipts and faults; each receipt names the submission that brought its document.

    They belong to the caller: the answer has all of them, also if a chart has left the caller's
    scope since.
    """
    archive, ids = service().archive, {receipt["document_id"] for receipt in outcome.receipts}
    brought = archive.records.submissions_of(ids, actor, archive.scope)
    receipts = [
        {**receipt, "submission_id": brought[receipt["document_id"]]}
        for receipt in outcome.receipts
    ]
    return {"receipts": receipts, "refused": outcome.refused, "notices": outcome.notices}


@submissions.get(
    "/<record:submission_id>", **documented("getSubmission", {200: Submission}, NotFound)
)
@needs(Permission.READ)
def get_submission(path: SubmissionPath) -> Response:
    """A past submission, and the documents that it brought."""
    account, archive = caller(), service().archive
    submission = archive.records.submission(path.submission_id, account.actor, account.scope)
    return answer(Submission, submission_view(submission, archive.letterhead))
