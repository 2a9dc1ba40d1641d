"""The filled example of a form: `sample.yaml` beside its `form.yaml`, invented data for every
field.
"""

from functools import cache
from pathlib import Path
from typing import Any

from ingest.forms.model import Form
from ingest.forms.plain_yaml import load_yaml

_SHIPPED = Path(__file__).parent


def sample(form: Form) -> dict[str, Any] | None:
    """Return the example's data of a form that Kho ships; None where it has none."""
    path = _paths().get((form.code, form.version))
    if path is None:
        return None
    data: dict[str, Any] = load_yaml(path.read_text("utf-8"))
    return data


def has_sample(form: Form) -> bool:
    """Return whether Kho ships a filled example of a form; its data is not read."""
    return (form.code, form.version) in _paths()


@cache
def _paths() -> dict[tuple[str, int], Path]:
    return {_identity(path.with_name("form.yaml")): path for path in _SHIPPED.glob("*/sample.yaml")}


def _identity(path: Path) -> tuple[str, int]:
    head = load_yaml(path.read_text("utf-8").partition("\nsections:")[0])
    return head["code"], head["version"]
