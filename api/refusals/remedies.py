"""What a person does about a refusal: data by fault code and by source (`remedies.yaml`)."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from api.refusals.kept import Refusal
from archive.base.bilingual import Text


@cache
def _remedies() -> dict[str, Mapping[str, Text]]:
    loaded: dict[str, Any] = yaml.safe_load(
        files(__package__).joinpath("remedies.yaml").read_text("utf-8")
    )
    return {
        part: {key: Text(said["vi"], said["en"]) for key, said in entries.items()}
        for part, entries in loaded.items()
    }


def remedies(refusal: Refusal) -> tuple[Text, ...]:
    """Return what to do, in order: one sentence for each kind of fault, then how to send again."""
    said = [_remedies()["faults"][_kind(fault.code)] for fault in refusal.faults]
    return (*dict.fromkeys(said), _remedies()["sources"][refusal.source.value])


def _kind(code: str) -> str:
    """Return the longest entry that fits: the code, the part before its dot, or the empty text."""
    known = _remedies()["faults"]
    return next(each for each in (code, code.partition(".")[0], "") if each in known)


def refusal_view(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal with what to do about it, for command line and API."""
    return {**refusal.as_json(), "remedies": [text.as_json() for text in remedies(refusal)]}
