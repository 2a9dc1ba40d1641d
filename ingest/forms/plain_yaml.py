"""YAML as JSON has it: days and moments stay text."""

from typing import Any

import yaml

# libyaml, where PyYAML has it, reads ten times as fast
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):  # type: ignore[misc]  # its class is known at run time only
    """A safe loader without the type of days."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Safe.yaml_implicit_resolvers.items()
}


def load_yaml(text: str) -> Any:
    """Return the one document in `text`; raises :class:`yaml.YAMLError`."""
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
