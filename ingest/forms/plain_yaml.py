"""YAML as JSON has it: days and moments stay text."""

from typing import Any

import yaml

# libyaml, where PyYAML has it, reads ten times as fast
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


MOST_DEPTH = 40  # collections within each other
MOST_EVENTS = 200_000  # a form of 500 fields has some 10,000


class _Loader(_Safe):  # type: ignore[misc]  # its class is known at run time only
    """A safe loader without the type of days."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Safe.yaml_implicit_resolvers.items()
}


def load_yaml(text: str) -> Any:
    """Return the one document in `text`; raises :class:`yaml.YAMLError`."""
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader


def load_outside_yaml(text: str) -> Any:
    """Return the one document in `text`, which others wrote.

    Raises :class:`yaml.YAMLError`, and :class:`ValueError` for one that is nested too deep (libyaml
    would end the process), too large, or that repeats parts by aliases (a few lines can mean
    gigabytes).
    """
    depth = 0
    for number, event in enumerate(yaml.parse(text, _Loader)):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("aliases (*name) are not read")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH or number > MOST_EVENTS:
            raise ValueError("nested too deep, or too large")
    return load_yaml(text)
