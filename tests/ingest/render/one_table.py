"""A form that is one table, as the sheet draws it."""

from typing import Any

from ingest.forms.assembly import assembled
from ingest.forms.model import Form
from ingest.render.sheet_view import sheet

NO_GROUPS: dict[str, dict[str, Any]] = {}
TITLE = {"vi": "Bảng thử", "en": "A table"}


def drawn(
    columns: list[dict[str, Any]],
    look: dict[str, Any],
    rows: list[dict[str, Any]],
    *,
    blank: bool = False,
) -> dict[str, Any]:
    """Return the block of a table of `columns` with `rows`."""
    field = {"name": "bang", "label": TITLE, "type": "table", "columns": columns, **look}
    definition = {
        "code": "THU",
        "version": 1,
        "title": TITLE,
        "source": "Quy định thử",
        "valid": {"from": "2024-01-01", "to": None},
        "layout": "sheet",
        "layout_source": "official",
        "sections": [{"title": TITLE, "body": [field]}],
    }
    form = Form.model_validate(assembled(definition, NO_GROUPS.__getitem__))
    block: dict[str, Any] = sheet(form, {"bang": rows}, {}, blank=blank)[0]["blocks"][0]
    return block
