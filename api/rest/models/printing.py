"""What is printed of charts."""

from typing import Annotated, Literal

from pydantic import Field

from api.reading.printing.sheets import MOST
from api.rest.models.base import CHART, Body, RecordId, examples

Charts = Annotated[list[RecordId], Field(min_length=1, max_length=MOST)]


class LabelOrder(Body):
    """Charts whose labels are printed, in this order, and the sheet."""

    model_config = examples({"charts": [CHART], "sheet": "a4-3x8"})
    charts: Charts
    sheet: Literal["a4-3x8", "100x50"] = "a4-3x8"


class HandoverOrder(Body):
    """Charts of a handover list, in this order."""

    model_config = examples({"charts": [CHART]})
    charts: Charts
