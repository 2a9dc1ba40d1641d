"""What a person types into the search box becomes a `Query`.

Nothing that is typed is an error, or an operator.

nguyễn văn hòa "viêm phổi" icd J18 mẫu:01/BV1 khoa K01 nội trú từ:01/01/2026 đến:31/01/2026
"""

import re
from collections.abc import Sequence
from typing import Any

from archive.base.text import normal, stream_safe
from search import dates, filter_words, vietnamese
from search.contract import FilterRead, Query

_PIECE = re.compile(
    r'(?P<name>[^\W_]+):\s*(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]+))'
    r'|"(?P<phrase>[^"]*)"'
    r'|(?P<plain>[^\s"]+)'
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_QUOTES = str.maketrans("“”„«»", '"""""')
_AROUND = ".,;()"  # what people write around a word
_LONGEST_INPUT = 2_000  # characters; far more than `MOST_WORDS` words


def plain_text(typed: str) -> str:
    """Return `typed` as it is read: NFC, straight quotes, not longer than is looked at."""
    return normal(stream_safe(typed[:_LONGEST_INPUT].translate(_QUOTES)))


def parse(typed: str, *, limit: int = 50, offset: int = 0) -> Query:
    """Return what `typed` asks for; never raises.

    A filter that is not known, or whose value cannot be read, is taken as words; of a filter given
    twice the last counts. What was taken as a filter is in `Query.read`. A UUID is found inside
    what surrounds it, so a scanned QR code (`https://…/v/UUID`, `urn:uuid:UUID`) works.
    """
    filters: dict[str, Any] = {}
    read: dict[str, FilterRead] = {}
    phrases: list[str] = []
    plain: list[str] = []
    text = plain_text(typed)
    pieces = list(_PIECE.finditer(text))
    at = 0
    while at < len(pieces):
        piece, taken = pieces[at], _filter_at(pieces, at)
        if taken is not None:
            filter_, value, count = taken
            start, end = piece.start(), pieces[at + count - 1].end()
            filters[filter_] = _as_query_has_it(filter_, value)
            read[filter_] = FilterRead(filter_, value, text[start:end], start)
            at += count
            continue
        at += 1
        if piece["phrase"] is not None:
            phrases.append(piece["phrase"])
        elif piece["quoted"] is not None:
            plain.append(piece["name"])
            phrases.append(piece["quoted"])
        else:
            uuid = _UUID.search(piece[0])
            plain.append(uuid[0] if uuid else piece[0])
    behind = typed[_LONGEST_INPUT : 2 * _LONGEST_INPUT]  # counted as far as it makes sense to count
    return Query(
        text=" ".join(plain),
        phrases=tuple(phrase for phrase in phrases if vietnamese.words(phrase)),
        limit=limit,
        offset=offset,
        beyond=len(vietnamese.words(behind)),
        read=tuple(sorted(read.values(), key=lambda each: each.start)),
        **filters,
    )


def without(typed: str, start: int, *, as_words: bool = False) -> str:
    """Return `typed` without the filter that was read at `start`.

    `as_words`: what meant it stays, as words that are looked for in this order.
    """
    text = plain_text(typed)
    for each in parse(typed).read:
        if each.start == start:
            words = each.typed.replace(":", " ").replace('"', " ")
            kept = f'"{" ".join(words.split())}"' if as_words else ""
            text = f"{text[:start]}{kept}{text[start + len(each.typed) :]}"
    return " ".join(text.split())


def _filter_at(pieces: Sequence[re.Match[str]], at: int) -> tuple[str, str, int] | None:
    """Return the filter that begins with a piece, its value, and how many pieces say it."""
    piece = pieces[at]
    if piece["name"]:
        value = piece["quoted"] or piece["value"] or ""
        return _readable(filter_words.filter_named(piece["name"]), value, 1)
    if piece["plain"] is None:
        return None
    named = filter_words.filter_named(piece["plain"])
    if named and at + 1 < len(pieces) and (value := pieces[at + 1]["plain"]):
        value = value.strip(_AROUND)
        if filter_words.looks_like(named, value) and (taken := _readable(named, value, 2)):
            return taken
    return _words_at(pieces, at)


def _words_at(pieces: Sequence[re.Match[str]], at: int) -> tuple[str, str, int] | None:
    """Return the filter that the most words from a piece on mean by themselves."""
    words: list[vietnamese.Word] = []
    meant = None
    for count, piece in enumerate(pieces[at : at + filter_words.LONGEST], 1):
        one_word = vietnamese.words(piece["plain"]) if piece["plain"] else ()
        if len(one_word) != 1:
            break
        words += one_word
        if value := filter_words.value_of(words):
            meant = (*value, count)
    return meant


def _readable(filter_: str | None, value: str, count: int) -> tuple[str, str, int] | None:
    """Return the filter with its value; None where `value` is nothing to it."""
    if filter_ is None or not vietnamese.code(value):
        return None
    if filter_ in filter_words.CLOSED:
        listed = filter_words.listed(filter_, value)
        return None if listed is None else (filter_, listed, count)
    if filter_ in ("date_from", "date_to") and dates.read(value) is None:
        return None
    return filter_, value, count


def _as_query_has_it(filter_: str, value: str) -> Any:
    day = dates.read(value) if filter_ in ("date_from", "date_to") else None
    if day is None:
        return value
    return day.first if filter_ == "date_from" else day.last
