"""The API keys of programs."""

from typing import Annotated

from pydantic import AfterValidator, Field

from api.rest.models.base import TIME, AnswerModel, Asked, Body, Day, Time, Word, examples
from api.rest.models.users import Departments, Role
from archive.access.actor import role_names

_KEY = {
    "key_id": "k7m2q9xw",
    "name": "HIS",
    "role": "his",
    "departments": None,
    "created_at": TIME,
    "expires_at": "2027-11-22T17:00:00.000Z",
    "revoked_at": None,
    "last_used_at": None,
}


def _role(text: str) -> str:
    if text not in role_names():
        raise ValueError
    return text


class KeyPath(Asked):
    """The part of a key by which people recognise it."""

    key_id: Annotated[str, Field(pattern=r"^[a-z0-9]{8}$")]


class NewKey(Body):
    """A program that gets a key."""

    model_config = examples({"name": "HIS", "role": "his", "last_day": "2027-11-22"})
    name: Annotated[Word, Field(description="phần mềm giữ khóa / the program that holds the key")]
    role: Annotated[Role, AfterValidator(_role)]
    departments: Departments = None
    last_day: Annotated[
        Day | None,
        Field(
            description="ngày cuối, không quá hai năm; null: một năm / last day, within two years; "
            "null: in one year"
        ),
    ] = None


class KeyAnswer(AnswerModel):
    """A key, without its secret."""

    model_config = examples(_KEY)
    key_id: str
    name: str
    role: str
    departments: list[str] | None
    created_at: Time
    expires_at: Time
    revoked_at: Time | None
    last_used_at: Annotated[Time | None, Field(description="đến phút / to the minute")]


class NewKeyAnswer(KeyAnswer):
    """A new key with its secret."""

    model_config = examples({**_KEY, "key": f"kho_k7m2q9xw_{'A' * 43}"})
    key: Annotated[str, Field(description="chỉ hiện lần này / shown only this once")]


class KeyPage(AnswerModel):
    """Every key, also those that ended, oldest first."""

    model_config = examples({"items": [_KEY], "next": None})
    items: list[KeyAnswer]
    next: None = None
