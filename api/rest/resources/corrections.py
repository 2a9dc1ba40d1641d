"""`/v1/documents/{id}/corrections`: the right paper takes a document's place, with a reason."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from api.rest.access import caller, needs
from api.rest.errors import WrongMediaType
from api.rest.models.documents import DocumentPath
from api.rest.models.submissions import Archived, SubmissionProblem
from api.rest.once import OnceHeader, once
from api.rest.operation import Answer, documented, tag
from api.rest.requests.multipart import read_correction
from api.rest.resources.submissions import MULTIPART, REFUSALS, archived
from api.rest.service import service
from api.writing.bringing import LONGEST_REASON, BringingService
from archive.access.actor import Permission
from archive.base.errors import NotFound
from ingest.accession.parse import ChartChanged

corrections = APIBlueprint(
    "corrections", __name__, url_prefix="/v1/documents", abp_tags=[tag("documents")]
)
_BODY = {
    MULTIPART: {
        "schema": {
            "type": "object",
            "properties": {
                "file": {"type": "string", "description": "PDF, JPEG, PNG, TIFF"},
                "reason": {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON},
                "dated": {"type": "string", "format": "date"},
            },
            "required": ["file", "reason"],
            "additionalProperties": False,
        },
        "encoding": {"file": {"contentType": "application/octet-stream"}},
    }
}


@corrections.post(
    "/<record:document_id>/corrections",
    **documented(
        "correctDocument",
        {201: Answer(Archived, headers=("Idempotency-Replayed",))},
        NotFound,
        ChartChanged,
        *REFUSALS,
        problem=SubmissionProblem,
        body=_BODY,
    ),
)
@needs(Permission.INGEST)
def correct_document(path: DocumentPath, header: OnceHeader) -> Response:
    """Replace a document; again: the same receipt."""
    account, records = caller(), service().archive.records
    if request.mimetype != MULTIPART or request.content_encoding is not None:
        raise WrongMediaType
    parts = read_correction(request)
    return once(
        header,
        parts.digest(),
        lambda: archived(
            account,
            lambda intake: [
                BringingService(intake, records, account.actor, account.scope).correct(
                    path.document_id, parts.name, parts.data, parts.reason, parts.dated
                )
            ],
        ),
    )
