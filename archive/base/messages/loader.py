"""The one loader of messages. A file is read once, and only when a message of it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from archive.base.bilingual import Text

_MESSAGES = "archive.base.messages"


@dataclass(frozen=True, slots=True)
class ErrorTexts:
    """The three sentences of an error, their `{name}` places not filled."""

    what: Text
    unchanged: Text
    remedy: Text


def read_messages(package: str, name: str) -> dict[str, Any]:
    """Return the YAML file `name` of `package`, with a :class:`Text` for each `{vi, en}` mapping.

    For messages that have more facts than their texts: their file lies beside the code that needs
    the facts. Raises :class:`TypeError` for a text that lacks a language.
    """
    import yaml  # late: a command that meets no error does not need it

    # libyaml's loader is about six times as fast; a build of PyYAML may lack it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    entries: dict[str, Any] = _typed(yaml.load(text, Loader=loader))  # noqa: S506 - both are safe
    return entries


@cache
def error_texts() -> Mapping[str, ErrorTexts]:
    """Return the sentences of every error by its code."""
    shared = read_messages(_MESSAGES, "shared.yaml")
    return {
        code: ErrorTexts(
            **{part: shared[text] if isinstance(text, str) else text for part, text in own.items()}
        )
        for entry in files(_MESSAGES).joinpath("errors").iterdir()
        for code, own in read_messages(_MESSAGES, f"errors/{entry.name}").items()
    }


@cache
def fault_texts(area: str) -> Mapping[str, Text]:
    """Return the sentence of each fault of an area: `faults/{area}.yaml`."""
    return read_messages(_MESSAGES, f"faults/{area}.yaml")


def _typed(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    if "vi" in entry or "en" in entry:
        return Text(**entry)
    return {name: _typed(each) for name, each in entry.items()}
