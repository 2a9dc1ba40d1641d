"""The columns of a manifest (`columns.yaml`), typed, and how headers and codes are compared."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from archive.base.errors import Fault
from archive.base.text import normal, stream_safe


@dataclass(frozen=True, slots=True)
class Column:
    """One field that a manifest may state. `chart`: its value is the episode's, not the row's."""

    field: str
    headers: tuple[str, ...]
    kind: str
    chart: bool
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """All of `columns.yaml`."""

    all: tuple[Column, ...]
    by_header: Mapping[str, Column]  # header as :func:`spoken` gives it
    by_plain_header: Mapping[str, Column]  # without diacritics, where that is one column's alone
    ignored: frozenset[str]
    codes: Mapping[str, Mapping[str, str]]  # field -> what may be written -> the code

    def named(self, header: str) -> Column | None:
        """Return the column that a header names: `Khóa` is a key, `Khoa` a department, `Ngay sinh`
        can be one only.
        """
        return self.by_header.get(spoken(header)) or self.by_plain_header.get(plain(header))

    def is_ignored(self, header: str) -> bool:
        """Return whether a column is for people only."""
        return header.strip().startswith("#") or plain(header) in self.ignored

    def allowed(self, field: str) -> str:
        """Return the codes of a field for a sentence."""
        return ", ".join(dict.fromkeys(self.codes[field].values()))


def plain(text: str) -> str:
    """Return what counts of a header or a code: letters and digits, without case and diacritics."""
    bare = normal(stream_safe(text.casefold().replace("đ", "d")), "NFD")
    return "".join(letter for letter in bare if letter.isalnum())


def spoken(text: str) -> str:
    """Return a header's letters and digits without case, with diacritics, which distinguish
    Vietnamese words.
    """
    return "".join(letter for letter in normal(stream_safe(text)).casefold() if letter.isalnum())


@cache
def columns() -> Columns:
    """Return the columns that Kho knows."""
    raw = yaml.safe_load(
        resources.files("ingest.manifest").joinpath("columns.yaml").read_text("utf-8")
    )
    known = tuple(_column(name, **entry) for name, entry in raw["columns"].items())
    headers = [(header, column) for column in known for header in (column.field, *column.headers)]
    meanings = defaultdict[str, set[Column]](set)
    for header, column in headers:
        meanings[plain(header)].add(column)
    return Columns(
        all=known,
        by_header={spoken(header): column for header, column in headers},
        by_plain_header={
            header: next(iter(candidates))
            for header, candidates in meanings.items()
            if len(candidates) == 1
        },
        ignored=frozenset(map(plain, raw["ignored"])),
        codes={
            field: {
                plain(str(word)): code for code, words in codes.items() for word in (code, *words)
            }
            for field, codes in raw["codes"].items()
        },
    )


def _column(field: str, headers: list[str], **facts: Any) -> Column:
    return Column(field, tuple(headers), **facts)


def fault(row: int, header: str, code: str, **facts: object) -> Fault:
    """Return the fault `code` in a row, as a spreadsheet numbers it (0: the whole table), and a
    column.
    """
    return Fault.of("manifest", place(row, header), code, **facts)


def place(row: int, header: str) -> str:
    """Return the path of a cell, of a row without a `header`, or of the whole table (row 0)."""
    return f"/{row}/{header}" if header else f"/{row}" if row else "/"
