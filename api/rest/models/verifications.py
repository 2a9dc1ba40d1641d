"""The validator's report as the API gives it (`docs/scripting.md`, `kho verify`)."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.rest.models.base import DOCUMENT, AnswerModel, Bilingual, Uuid


class Verification(AnswerModel):
    """Whether a file is what was sealed; indications are those of ETSI EN 319 102-1.

    `document_id` names the document of this archive whose original the file is, where the caller
    may see it.
    """

    model_config = ConfigDict(
        extra="allow",  # the report is the validator's: what it adds is passed on
        json_schema_extra={
            "examples": [
                {
                    "verdict": "valid",
                    "indication": "TOTAL-PASSED",
                    "subindication": None,
                    "level": "B-LTA",
                    "signatures": [],
                    "modified_after_signing": False,
                    "pdfa": ["3a"],
                    "reasons": {"vi": "Chữ ký hợp lệ.", "en": "The signature is valid."},
                    "known": True,
                    "origin": "rendered",
                    "attachment": None,
                    "attachment_of": None,
                    "document_id": DOCUMENT,
                    "superseded": False,
                    "countersigned": False,
                }
            ]
        },
    )
    verdict: Literal["valid", "indeterminate", "invalid", "unsigned", "not_of_this_archive"]
    indication: str
    subindication: str | None
    level: str | None
    signatures: Annotated[
        list[dict[str, Any]], Field(description="who, when claimed, when proven, what is wrong")
    ]
    modified_after_signing: bool
    pdfa: list[str]
    reasons: Bilingual
    known: Annotated[bool, Field(description="an original of this archive that the caller may see")]
    origin: Annotated[
        str | None, Field(description="what that document is: rendered, external, cover, …")
    ]
    attachment: Annotated[
        dict[str, Any] | None, Field(description="the report on the file that a cover carries")
    ]
    attachment_of: Annotated[
        Uuid | None, Field(description="the document to which this file was attached")
    ]
    document_id: Uuid | None
    superseded: Annotated[bool, Field(description="a newer paper has replaced it")]
    countersigned: Annotated[
        bool, Field(description="the file is that original, and others have signed it since")
    ]
