"""Problem details (RFC 9457) as the API gives them."""

from typing import Annotated

from pydantic import Field

from api.rest.models.base import AnswerModel, Bilingual


class FaultModel(AnswerModel):
    """One thing that is wrong: where (JSON Pointer, or a path in an XML), a stable code, a sentence
    in Vietnamese.
    """

    path: str
    code: str
    message: str


class RefusedFault(FaultModel):
    """One thing that is wrong with one chart of a body; `source` names the body, and the chart in
    it (`#2`).
    """

    source: str


class MissingPaper(AnswerModel):
    """A paper that the facility requires and that the chart lacks; any of `forms` is that paper."""

    id: str
    title: Bilingual
    forms: list[str]
    source: Annotated[str, Field(description="circular and template, in Vietnamese")]


class LackingValue(AnswerModel):
    """A value that a paper does not say, or a place to sign without a name.

    `path` is a JSON Pointer within the record that is attached to the paper; empty: the file.
    """

    document_id: str
    form: str
    title: Bilingual
    key: str
    sheet: str | None
    path: str
    label: Bilingual
    source: Annotated[str, Field(description="circular or the facility's regulation")]


class UnjudgedPaper(AnswerModel):
    """A paper whose content was not judged.

    `reason`: `file` (it came as a file), `unreadable`, or `form` (its form is not known here).
    """

    document_id: str
    form: str
    title: Bilingual
    key: str
    sheet: str | None
    reason: str


class Problem(AnswerModel):
    """Why a request was not done.

    `code` is stable; sentences may change. No patient data is in it.
    """

    type: Annotated[str, Field(description="urn:kho:error: and the code")]
    status: Annotated[int, Field(ge=400, le=599)]
    code: str
    title: str
    detail: str
    what: Bilingual
    unchanged: Bilingual
    remedy: Bilingual
    instance: Annotated[
        str | None, Field(description="urn:uuid: and the number by which our log knows it")
    ] = None
    component: Annotated[str | None, Field(description="the server that is away")] = None
    missing: Annotated[
        list[MissingPaper] | None, Field(description="the papers that the chart lacks")
    ] = None
    incomplete: Annotated[
        list[LackingValue] | None, Field(description="values that its papers do not say")
    ] = None
    unsigned: Annotated[
        list[LackingValue] | None, Field(description="places to sign without a name")
    ] = None
    faults: Annotated[
        list[FaultModel] | None, Field(description="everything that is wrong with the request")
    ] = None
