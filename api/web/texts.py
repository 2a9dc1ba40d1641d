"""The words of the pages: one catalogue (`texts.yaml`), in Vietnamese and English.

The words of verdicts are those that every entry point says; they are in the group `seal`.
"""

from functools import cache
from importlib import resources

import yaml

from archive.base.bilingual import Language, Text
from signing.validation.result.verdict_words import verdict_words


@cache
def catalogue() -> dict[str, Text]:
    """Return every text of the pages by its key, `group.name`."""
    raw = yaml.safe_load(resources.files("api.web").joinpath("texts.yaml").read_text("utf-8"))
    texts = {
        f"{group}.{name}": Text(*both)
        for group, named in raw.items()
        for name, both in named.items()
    }
    return texts | {f"seal.{verdict}": word for verdict, word in verdict_words().items()}


def text(key: str, language: Language, **facts: object) -> str:
    """Return the text `key` in `language`, its `{name}` places filled; raises KeyError where there
    is none.
    """
    return catalogue()[key].fill(**facts).to(language)
