"""The filled example of a form: `sample.yaml` beside its `form.yaml`, invented data for every
field.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingest.forms.model import Form

_SHIPPED = Path(__file__).parent


class _TextLoader(yaml.SafeLoader):
    """YAML whose days and moments stay text, as JSON has them."""


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def sample(form: Form) -> dict[str, Any] | None:
    """Return the example's data of a form that Kho ships; None where it has none."""
    path = _paths().get((form.code, form.version))
    if path is None:
        return None
    data: dict[str, Any] = yaml.load(path.read_text("utf-8"), _TextLoader)  # noqa: S506
    return data


@cache
def _paths() -> dict[tuple[str, int], Path]:
    return {_identity(path.with_name("form.yaml")): path for path in _SHIPPED.glob("*/sample.yaml")}


def _identity(path: Path) -> tuple[str, int]:
    head = yaml.load(path.read_text("utf-8").partition("\nsections:")[0], yaml.SafeLoader)
    return head["code"], head["version"]
