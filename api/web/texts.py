"""The words of the pages: one catalogue (`texts.yaml`), in Vietnamese and English."""

from functools import cache
from importlib import resources

import yaml

from archive.base.bilingual import Language, Text


@cache
def catalogue() -> dict[str, Text]:
    """Return every text of the pages by its key, `group.name`."""
    raw = yaml.safe_load(resources.files("api.web").joinpath("texts.yaml").read_text("utf-8"))
    return {
        f"{group}.{name}": Text(*both)
        for group, texts in raw.items()
        for name, both in texts.items()
    }


def text(key: str, language: Language, **facts: object) -> str:
    """Return the text `key` in `language`, its `{name}` places filled; raises KeyError where there
    is none.
    """
    return catalogue()[key].fill(**facts).to(language)
