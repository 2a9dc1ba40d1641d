"""Codes on the page on which a paper is written: lists to choose from, and the search for a code.

Short lists are offered while a person types. A long one has a button that shows what fits, and a
button for each code that it shows. Nothing here refuses what was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.web.wording import say
from ingest.codes.shelf import CodeLists, Hit, Shelf
from ingest.forms.field import Field
from ingest.forms.model import Form
from ingest.forms.typed import Typed

_MOST_OFFERED = 100  # codes of a list that is offered whole
_CODE = "_ma"  # the end of the name of a field for the code of another field


@dataclass(frozen=True, slots=True)
class Help:
    """What the page shows beside one field: an offered list, a search, the meaning of a code."""

    offered: str = ""  # the id of a list on the page
    searched: bool = False  # whether a button looks codes up
    hits: tuple[Hit, ...] | None = None  # what the search found; None: nothing was asked
    note: str = ""


_NO_HELP = Help()


class CodeHelp:
    """Helps with the codes of one paper."""

    def __init__(self, codes: CodeLists, day: date, typed: Typed, asked: str = "") -> None:
        """`day`: whose lists count; `asked`: the name of the field whose code is looked for."""
        self._codes, self._day, self._typed, self._asked = codes, day, typed, asked
        # what the page offers: by id the values, each with a label
        self.offers: dict[str, tuple[tuple[str, str], ...]] = {}

    def beside(self, field: Field, name: str) -> Help:
        """Return the help for `field`, which the page calls `name`."""
        if field.codes_of is not None:
            shelf = self._codes.on(field.codes_of, self._day)
            return _NO_HELP if shelf is None else self._for_code(shelf, field.codes_of, name)
        if field.names_of is not None:
            shelf = self._codes.on(field.names_of, self._day)
            if shelf is not None and len(shelf.listing.words) <= _MOST_OFFERED:
                offers = tuple((words, "") for words in shelf.listing.words.values())
                return Help(offered=self._offer(f"names-{field.names_of}", offers))
        return _NO_HELP

    def _for_code(self, shelf: Shelf, listed: str, name: str) -> Help:
        text = _text(self._typed, name)
        note = shelf.meaning(text)
        if text and shelf.unknown(text):
            note = say("filling.unlisted", source=shelf.listing.source)
        if len(shelf.listing.words) <= _MOST_OFFERED:
            offers = tuple(shelf.listing.words.items())
            return Help(offered=self._offer(f"codes-{listed}", offers), note=note)
        if name != self._asked:
            return Help(searched=True, note=note)
        hits = shelf.search(text or _text(self._typed, name.removesuffix(_CODE)))
        return Help(searched=True, hits=tuple(hits))

    def _offer(self, name: str, offers: tuple[tuple[str, str], ...]) -> str:
        self.offers[name] = offers
        return name


def chosen(
    form: Form, typed: Typed, name: str, code: str, codes: CodeLists, day: date
) -> dict[str, Sequence[str]]:
    """Return `typed` with the `code` that a person chose for the field `name`.

    The code's words go into the field beside it where that is empty. A field or a code that does
    not exist changes nothing.
    """
    changed = dict(typed)
    fields = _fields(form, name)
    field = fields.get(name.split(".")[-1])
    shelf = codes.on(field.codes_of, day) if field is not None and field.codes_of else None
    if shelf is None or code not in shelf.listing.words:
        return changed
    changed[name] = [code]
    beside = name.removesuffix(_CODE)
    if beside != name and beside.split(".")[-1] in fields and not _text(typed, beside):
        changed[beside] = [shelf.listing.words[code]]
    return changed


def _fields(form: Form, name: str) -> dict[str, Field]:
    """Return the fields beside `name` by their names: those of the form, or of its table."""
    table, _, cell = name.partition(".")
    if not cell:
        return {field.name: field for field in form.fields}
    parts = (field.parts for field in form.fields if field.name == table)
    return {part.name: part for part in next(parts, ())}


def _text(typed: Typed, name: str) -> str:
    texts = typed.get(name) or ("",)
    return texts[0].strip()
