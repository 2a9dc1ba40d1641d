"""What ISO 19005-3 allows (`lists.toml`), as sets."""

import tomllib
from pathlib import Path

_LISTS = tomllib.loads(Path(__file__).with_name("lists.toml").read_text("utf-8"))
OPERATORS: frozenset[str] = frozenset(_LISTS["operators"])
INTENTS: frozenset[str] = frozenset(_LISTS["intents"])
BLEND_MODES: frozenset[str] = frozenset(_LISTS["blend_modes"])
ANNOTATIONS: frozenset[str] = frozenset(_LISTS["annotations"])
ACTIONS: frozenset[str] = frozenset(_LISTS["actions"])
NAMED_ACTIONS: frozenset[str] = frozenset(_LISTS["named_actions"])
