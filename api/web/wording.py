"""How values are written for people: the filters that the templates use."""

from datetime import datetime

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from api.reading import own_dates
from api.reading.distinguished_name import named
from api.web.language import language
from api.web.texts import text
from archive.base.bilingual import Text
from archive.base.chronology import has_time
from archive.base.clock import for_people, parse_iso, vietnam_date
from archive.catalog.entries import DocumentEntry


def say(key: str, **facts: object) -> str:
    """Return a text of `texts.yaml` in the page's language."""
    return text(key, language(), **facts)


def moment(value: datetime | str | None) -> str:
    """Return `HH:mm dd/MM/yyyy` in Viet Nam, a dash for nothing."""
    if value is None:
        return "–"
    return for_people(parse_iso(value) if isinstance(value, str) else value)


def stay(value: datetime | None) -> str:
    """Return when a stay began or ended as :func:`moment` does; the day alone where no time is
    known.
    """
    return moment(value) if value is None or has_time(value) else day(value)


def day(value: datetime | None) -> str:
    """Return `dd/MM/yyyy` in Viet Nam, a dash for nothing."""
    return f"{vietnam_date(value):%d/%m/%Y}" if value else "–"


def partial_date(value: str | None) -> str:
    """Return `YYYY[-MM[-DD]]` as `[dd/][MM/]yyyy`, a dash for nothing."""
    return "/".join(reversed(value.split("-"))) if value else "–"


def size(count: int) -> str:
    """Return a number of bytes as people say it, with the decimal sign of the page's language."""
    for unit, bytes_ in (("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= bytes_:
            return f"{count / bytes_:.1f} {unit}".replace(".", "," if language() == "vi" else ".")
    return say("document.bytes", count=count)


def grouped(digest: str) -> str:
    """Return hex digits in groups of eight, so that people can compare and lines can break."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def both(value: Text) -> str:
    """Return a bilingual text in the page's language."""
    return value.to(language())


def titled(document: DocumentEntry) -> str:
    """Return the title of a document in the page's language."""
    return document.title.to(language())


def own_date(document: DocumentEntry) -> str:
    """Return a document's own date and sheet number, as far as it states them."""
    return own_dates.own_date(document.dated, document.sheet).to(language())


@pass_context
def vietnamese(_context: Context, value: object) -> object:
    """Return a value of the record unchanged, marked as Vietnamese where the page is in another
    language.

    It takes the context so that Jinja does not evaluate it once for all readers where the value is
    a constant.
    """
    return (
        value
        if language() == "vi" or value in (None, "")
        else Markup('<span lang="vi">{}</span>').format(value)
    )


def install(app: Flask) -> None:
    """Give the templates `t` and the filters above."""
    app.jinja_env.globals["t"] = say
    filters = (moment, stay, day, partial_date, size, grouped, named, both, titled, own_date)
    app.jinja_env.filters.update({each.__name__: each for each in (*filters, vietnamese)})
