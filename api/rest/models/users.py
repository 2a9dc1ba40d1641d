"""The people who sign in, and their sessions."""

from typing import Annotated

from pydantic import Field

from api.access.passwords import LONGEST, SHORTEST
from api.rest.models.base import (
    DIGEST,
    TIME,
    AnswerModel,
    Asked,
    Body,
    Digest,
    Time,
    Word,
    examples,
)
from archive.access.actor import role_names

_ACCOUNT = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_USER = {
    "name": "lan",
    "full_name": "Trần Thị Lan",
    "role": "clerk",
    "departments": None,
    "created_at": TIME,
    "disabled_at": None,
    "must_change_password": True,
}
AccountName = Annotated[
    str, Field(pattern=_ACCOUNT, description="tên đăng nhập / the name to sign in with")
]
Role = Annotated[str, Field(json_schema_extra={"enum": list(role_names())})]
Password = Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]
Departments = Annotated[
    list[Word] | None,
    Field(min_length=1, max_length=200, description="mã khoa; null: tất cả / codes; null: all"),
]


class UserPath(Asked):
    """The user's name."""

    name: AccountName


class SessionPath(UserPath):
    """A session of the user."""

    session_id: Digest


class NewUser(Body):
    """A person who gets an account."""

    model_config = examples({"name": "lan", "role": "clerk", "password": "một mật khẩu ban đầu"})
    name: AccountName
    role: Role
    password: Password
    full_name: Annotated[Word | None, Field(description="họ tên / full name")] = None
    departments: Departments = None


class NewRole(Body):
    """Another role, and the departments that come with it."""

    model_config = examples({"role": "reader", "departments": ["K01"]})
    role: Role
    departments: Departments = None


class NewPassword(Body):
    """A password that the person replaces at the next sign-in."""

    model_config = examples({"password": "một mật khẩu ban đầu"})
    password: Password


class UserAnswer(AnswerModel):
    """A person who has an account."""

    model_config = examples(_USER)
    name: str
    full_name: str | None
    role: str
    departments: list[str] | None
    created_at: Annotated[Time | None, Field(description="null: trước 0.2 / before 0.2")]
    disabled_at: Time | None
    must_change_password: bool


class UserPage(AnswerModel):
    """Every user, by name."""

    model_config = examples({"items": [_USER], "next": None})
    items: list[UserAnswer]
    next: None = None


class SessionAnswer(AnswerModel):
    """A browser in which the person is signed in."""

    model_config = examples(
        {
            "session_id": DIGEST,
            "created_at": TIME,
            "seen_at": TIME,
            "expires_at": TIME,
            "browser": "Firefox · Windows",
            "address": "192.0.2.1",
        }
    )
    session_id: Digest
    created_at: Time
    seen_at: Time
    expires_at: Time
    browser: Annotated[str, Field(description="rỗng: không rõ / empty: unknown")]
    address: str | None


class SessionPage(AnswerModel):
    """Every session of the user, the one used last first."""

    items: list[SessionAnswer]
    next: None = None
