"""How values are written for people: the filters that the templates use."""

import re
from datetime import datetime

from flask import Flask

from api.web.site import site
from api.web.texts import text
from archive.bilingual import Text
from archive.clock import for_people, parse_iso, vietnam_date

_COMMON_NAME = "Common Name: "
_NEXT_ATTRIBUTE = re.compile(r", (?=[A-Z][A-Za-z /]*: )")


def say(key: str, **facts: object) -> str:
    """Return a text of `texts.yaml` in the page's language."""
    return text(key, site().language, **facts)


def moment(value: datetime | str | None) -> str:
    """Return `HH:mm dd/MM/yyyy` in Viet Nam, a dash for nothing."""
    if value is None:
        return "–"
    return for_people(parse_iso(value) if isinstance(value, str) else value)


def day(value: datetime | None) -> str:
    """Return `dd/MM/yyyy` in Viet Nam, a dash for nothing."""
    return f"{vietnam_date(value):%d/%m/%Y}" if value else "–"


def partial_date(value: str | None) -> str:
    """Return `YYYY[-MM[-DD]]` as `[dd/][MM/]yyyy`, a dash for nothing."""
    return "/".join(reversed(value.split("-"))) if value else "–"


def size(count: int) -> str:
    """Return a number of bytes as people say it, with a decimal comma."""
    for unit, bytes_ in (("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= bytes_:
            return f"{count / bytes_:.1f} {unit}".replace(".", ",")
    return f"{count} byte"


def grouped(digest: str) -> str:
    """Return hex digits in groups of eight, so that people can compare and lines can break."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def named(distinguished: str | None) -> tuple[str, str]:
    """Return the common name in a certificate's distinguished name, and the rest of it; a dash for nothing."""
    parts = _NEXT_ATTRIBUTE.split(distinguished or "–")
    names = [part.removeprefix(_COMMON_NAME) for part in parts if part.startswith(_COMMON_NAME)] or parts[:1]
    return names[0], ", ".join(part.partition(": ")[2] for part in parts if not part.endswith(names[0]))


def both(value: Text) -> str:
    """Return a bilingual text in the page's language."""
    return value.to(site().language)


def install(app: Flask) -> None:
    """Give the templates `t` and the filters above."""
    app.jinja_env.globals["t"] = say
    app.jinja_env.filters.update(
        moment=moment, day=day, partial_date=partial_date, size=size, grouped=grouped, named=named, both=both
    )
