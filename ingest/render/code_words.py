"""The words behind codes that the definitions of forms do not list: `code_words.yaml`, and the
shared lists that fields name.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import Field

from archive.base.facts import Strict
from ingest.forms.field import Field as FormField
from ingest.forms.model import Form


class CodeWords(Strict):
    """Lists of codes with their words, and which list a field of an insurance table uses.

    `fields` has the name of a field, or the table and the name (`XML15.PHACDO_DTRI_LAO`) where
    tables differ. `practitioners` has the fields with codes of practitioners, each with the field
    beside it that states the name.
    """

    lists: dict[str, dict[Annotated[str, Field(min_length=1)], str]]
    fields: dict[str, str]
    practitioners: dict[str, str | None]

    def of(self, table: Form, field: FormField) -> Mapping[str, str]:
        """Return the words of the codes of `field` of `table`, by code.

        A shared list that the field names (`codes_of`) has those of the day of `table`.
        """
        name = self.fields.get(f"{table.code}.{field.name}") or self.fields.get(field.name)
        return self.lists[name] if name else table.words_of(field)


DEPARTMENT_FIELDS = frozenset({"MA_KHOA", "MA_KHOA_RV"})  # of insurance tables


@cache
def code_words() -> CodeWords:
    """Return the catalogue."""
    source = files("ingest.render").joinpath("code_words.yaml")
    return CodeWords.model_validate(yaml.safe_load(source.read_text(encoding="utf-8")))


def explained(codes: str, words: Mapping[str, str]) -> str:
    """Return `codes` (one, or several with `;` between them), each known one with its words."""
    if not words:
        return codes
    parts = (part.strip() for part in codes.split(";"))
    return "; ".join(f"{part} – {words[part]}" if part in words else part for part in parts)
