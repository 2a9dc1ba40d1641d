"""The names of departments."""

from typing import Annotated

from pydantic import Field

from api.rest.models.base import AnswerModel, Asked, Body, Day, examples
from archive.acts.department_names import LONGEST_CODE, LONGEST_NAME

_CODE = r"^[^\x00-\x20;\x7f-\x9f]+$"  # a word without ;
_DEPARTMENT = {
    "code": "K02",
    "name": "Khoa Hồi sức tích cực - Chống độc",
    "stated": [{"name": "Khoa Hồi sức tích cực - Chống độc", "since": "2026-07-01"}],
}


class NewDepartmentName(Asked):
    """The department of a code has this name from a day on."""

    model_config = examples({"code": "K02", "name": "Khoa Hồi sức tích cực", "since": "2026-07-01"})
    code: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE, pattern=_CODE)]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    since: Annotated[Day | None, Field(description="null: hôm nay / today")] = None


class NewDepartmentNames(Body):
    """Names of departments, each code once for a day."""

    names: Annotated[list[NewDepartmentName], Field(min_length=1, max_length=200)]


class StatedName(AnswerModel):
    """A name that the facility stated, and the day from which it holds."""

    name: str
    since: str


class DepartmentAnswer(AnswerModel):
    """A department: its name of today, and what the facility stated, the newest first."""

    model_config = examples(_DEPARTMENT)
    code: str
    name: Annotated[str | None, Field(description="null: từ một ngày sau này / from a later day")]
    stated: list[StatedName]


class DepartmentPage(AnswerModel):
    """Every department that has a name, by code."""

    model_config = examples({"items": [_DEPARTMENT], "next": None})
    items: list[DepartmentAnswer]
    next: None = None
