"""The sheets on which labels are printed (`sheets.yaml`)."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

MOST = 2000  # charts in one print


@cache
def sheets() -> dict[str, dict[str, Any]]:
    """Return the sheets of labels by name, the usual one first."""
    source = files(__package__).joinpath("sheets.yaml")
    known: dict[str, dict[str, Any]] = yaml.safe_load(source.read_text("utf-8"))
    return known
