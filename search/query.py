"""What a person types into the search box becomes a `Query`.

Nothing that is typed is an error, or an operator.

nguyễn văn hòa "viêm phổi" icd:J18 mẫu:01/BV1 khoa:K01 từ:01/01/2026 đến:31/01/2026 số:2026-000123
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from archive.base.text import normal, stream_safe
from search import dates, vietnamese
from search.contract import Query

_PIECE = re.compile(
    r'(?P<name>[^\W_]+):\s*(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]+))'
    r'|"(?P<phrase>[^"]*)"'
    r'|(?P<plain>[^\s"]+)'
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_QUOTES = str.maketrans("“”„«»", '"""""')
_LONGEST_INPUT = 2_000  # characters; far more than `MOST_WORDS` words
_ALIASES = tomllib.loads(Path(__file__).with_name("filters.toml").read_text(encoding="utf-8"))
_FILTERS = {
    form: filter_
    for filter_, names in _ALIASES.items()
    for name in names
    for word in vietnamese.words(name)
    for form in (word.exact, word.folded)
}


def parse(typed: str, *, limit: int = 50, offset: int = 0) -> Query:
    """Return what `typed` asks for; never raises.

    A filter that is not known, or whose value cannot be read, is taken as words; of a filter given
    twice the last counts. A UUID is found inside what surrounds it, so a scanned QR code
    (`https://…/v/UUID`, `urn:uuid:UUID`) works.
    """
    filters: dict[str, Any] = {}
    phrases: list[str] = []
    plain: list[str] = []
    text = normal(stream_safe(typed[:_LONGEST_INPUT].translate(_QUOTES)))
    for piece in _PIECE.finditer(text):
        if piece["phrase"] is not None:
            phrases.append(piece["phrase"])
        elif piece["name"] and _take(
            filters, piece["name"], piece["quoted"] or piece["value"] or ""
        ):
            continue
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
        **filters,
    )


def _take(filters: dict[str, Any], name: str, value: str) -> bool:
    """Add one filter to `filters`; False where `name` is none or `value` is nothing to it."""
    analysed = vietnamese.words(name)
    known = _FILTERS.get(analysed[0].exact) if len(analysed) == 1 else None
    if known is None or not vietnamese.code(value):
        return False
    if known in ("date_from", "date_to"):
        typed = dates.read(value)
        if typed is None:
            return False
        filters[known] = typed.first if known == "date_from" else typed.last
    else:
        filters[known] = value
    return True
