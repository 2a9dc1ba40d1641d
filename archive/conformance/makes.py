"""What may be known of the makes of stores, from `makes.yaml`.

It says how each is recognised, set up safely, and limited.
"""

import re
from functools import cache
from importlib.resources import files

import yaml

from archive.base.facts import Strict
from archive.conformance.catalogue import Sentence

UNKNOWN = "unknown"


class Make(Strict):
    """One make of store.

    `server` is a regular expression for its `Server` header; its first group is the version.
    """

    name: str
    server: str
    tried: str
    licence: str
    word: Sentence
    advice: Sentence
    setting_up: tuple[Sentence, ...]
    limits: tuple[Sentence, ...] = ()  # what is known beside the cases


@cache
def makes() -> tuple[Make, ...]:
    """Return all makes that something is known of."""
    text = files("archive.conformance").joinpath("makes.yaml").read_text("utf-8")
    return tuple(Make.model_validate(each) for each in yaml.safe_load(text))


def recognise(server: str) -> tuple[str, str]:
    """Return make and version by a `Server` header: UNKNOWN and nothing where it says neither."""
    for make in makes():
        if make.server and (match := re.search(make.server, server)):
            version = match.groupdict().get("version")
            return make.name, version or ""
    return UNKNOWN, ""
