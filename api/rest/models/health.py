"""The models of the API's health answers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.rest.models.base import AnswerModel, Bilingual, Time, examples


class Health(AnswerModel):
    """Kho answers and can read its catalogue."""

    model_config = examples({"status": "ok", "version": "0.1.0", "pending": False})
    status: Literal["ok"]
    version: str
    pending: Annotated[
        bool, Field(description="work that follows acts (locks, ledger, index) is still to be done")
    ]


class Live(AnswerModel):
    """The process answers."""

    model_config = examples({"status": "ok"})
    status: Literal["ok"]


class Component(AnswerModel):
    """One part that Kho needs: `code` says what is wrong with it."""

    name: Literal["catalogue", "store", "search", "keys"]
    engine: str
    ok: bool
    code: str | None


class CertificateDays(AnswerModel):
    """A certificate that Kho seals with, and how long it lasts."""

    role: Literal["seal", "seal-authority", "tsa", "tsa-authority"]
    name: str
    last_day: Annotated[date, Field(description="in Viet Nam")]
    days_left: Annotated[int, Field(description="below 0 once it has ended")]
    within: Annotated[
        int | None, Field(description="the smallest of `seal.notice_days` that is reached")
    ]


class Ready(AnswerModel):
    """Whether charts can be archived and read; `degraded`: they can, but search is away."""

    model_config = examples(
        {
            "status": "ready",
            "components": [
                {"name": "catalogue", "engine": "sqlite", "ok": True, "code": None},
                {"name": "store", "engine": "folder", "ok": True, "code": None},
                {"name": "keys", "engine": "pkcs12", "ok": True, "code": None},
                {"name": "search", "engine": "tantivy", "ok": True, "code": None},
            ],
            "certificates": [
                {
                    "role": "seal",
                    "name": "Bệnh viện Mẫu",
                    "last_day": "2027-01-15",
                    "days_left": 28,
                    "within": 30,
                },
            ],
        }
    )
    status: Literal["ready", "degraded", "unready"]
    components: list[Component]
    certificates: list[CertificateDays]


class ComponentStatus(AnswerModel):
    """One component in words: `since` is null where that is not known."""

    name: str
    state: Literal["ok", "unknown", "warning", "fault"]
    since: Time | None
    code: str
    detail: Bilingual
    subject: str | None
    remedy: Bilingual | None


class Status(AnswerModel):
    """Each component of the archive."""

    model_config = examples(
        {
            "components": [
                {
                    "name": "tsa",
                    "state": "ok",
                    "since": "2026-11-30T10:27:34.534Z",
                    "code": "answers",
                    "detail": {
                        "vi": "TSA cấp dấu thời gian sau 25 ms.",
                        "en": "The TSA gave a timestamp in 25 ms.",
                    },
                    "subject": None,
                    "remedy": None,
                }
            ]
        }
    )
    components: list[ComponentStatus]


class CheckFault(AnswerModel):
    """A kind of fault that the check found, and what to do."""

    code: str
    what: Bilingual
    remedy: Bilingual


class Check(AnswerModel):
    """What is known of checks.

    `running_since` is null where this server runs none; `ended_at` where there was none.
    """

    model_config = examples(
        {
            "running_since": None,
            "broken_off": False,
            "ended_at": "2026-11-30T10:27:34.534Z",
            "faults": [],
        }
    )
    running_since: Time | None
    broken_off: Annotated[bool, Field(description="the last check did not come to its end")]
    ended_at: Time | None
    faults: list[CheckFault]
