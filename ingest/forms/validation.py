"""Validation of a JSON document by its schema: every fault, named by its JSON Pointer, without
repeating a value. Only a wrong sum is said with its two numbers.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache, partial
from itertools import chain
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from archive.base.bilingual import Text
from archive.base.clock import VIETNAM, parse_iso
from archive.base.errors import Fault
from archive.base.facts import EARLIEST_YEAR
from archive.base.messages.loader import read_messages
from archive.base.text import Blank, ControlCharacter, NotALine, TooManyMarks, line, nfc
from ingest.forms.chart_schema import DATA_BY_FORM
from ingest.forms.schema import LIST
from ingest.forms.sums import SUMS, number, total, written

MOST_FAULTS = 1_000
_MOST_NAMED = 12  # values of a list that a fault names; more are a code list to look up
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).year >= EARLIEST_YEAR


@_FORMATS.checks("partial-date", raises=ValueError)
def _is_partial_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return date.fromisoformat(f"{value}-01-01"[:10]).year >= EARLIEST_YEAR


@_FORMATS.checks("date-time", raises=(ValueError, OverflowError))
def _is_moment(value: object) -> bool:
    # It is printed in Viet Nam's time: the last hours of 9999 in another zone have none.
    return not isinstance(value, str) or parse_iso(value).astimezone(VIETNAM).year >= EARLIEST_YEAR


@_FORMATS.checks("line", raises=(NotALine, Blank))
def _is_line(value: object) -> bool:
    try:
        return not isinstance(value, str) or line(value) is not None
    except (ControlCharacter, TooManyMarks):
        return True  # `_unprintable` names it


def _items(
    validator: Any, items: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Judge the items of a list, and none beyond `maxItems`: the list is refused for its length
    already.
    """
    if validator.is_type(instance, "array"):
        yield from _ALL_ITEMS(validator, items, instance[: schema.get("maxItems")], schema)


def _enum(
    validator: Any, allowed: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Look a text up at once: the library compares it with each code of a list in Python."""
    if not isinstance(instance, str) or instance not in allowed:
        yield from _ANY_ENUM(validator, allowed, instance, schema)


def _data_by_form(
    validator: Any, rules: Any, paper: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Judge the `data` of a paper by the schema of its `form`, and by no other."""
    form = paper.get("form") if validator.is_type(paper, "object") else None
    if isinstance(form, str) and form in rules and "data" in paper:
        yield from validator.descend(paper["data"], rules[form], path="data", schema_path=form)


def _sums(
    validator: Any, sums: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Refuse a total that differs from its parts, where all of them are there."""
    if not validator.is_type(instance, "object"):
        return
    for name, parts in sums.items():
        stated, expected = number(instance.get(name)), total(parts, instance)
        if stated is not None and expected is not None and stated != expected:
            both = written(stated), written(expected)
            yield ValidationError("", validator="sum", validator_value=both, path=(name,))


_ALL_ITEMS = Draft202012Validator.VALIDATORS["items"]
_ANY_ENUM = Draft202012Validator.VALIDATORS["enum"]
_OURS = {"items": _items, "enum": _enum, DATA_BY_FORM: _data_by_form, SUMS: _sums}
_Validator: Any = extend(Draft202012Validator, _OURS)  # type: ignore[no-untyped-call]  # the library's


def faults(document: object, schema: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return everything in `document` (parsed JSON) that `schema` (draft 2020-12) does not allow,
    by path.

    Also faults: characters that Kho refuses in text (NUL and the like,
    :func:`archive.base.text.nfc`) and numbers that are not finite. At most 1000 are named, then
    `faults.more`. The rest of the document is not judged, because a document full of faults would
    take seconds. An empty result means that the document is valid.
    """
    validator = _Validator(schema, format_checker=_FORMATS)
    # one fault a place and code: a bad day breaks its pattern and its format
    faults: dict[tuple[str, str], Fault] = {}
    for fault in chain(_unprintable(document, ""), _violations(validator, document)):
        faults.setdefault((fault.path, fault.code), fault)
        if len(faults) > MOST_FAULTS:
            break
    named = sorted(
        [*faults.values()][:MOST_FAULTS], key=lambda fault: (_order(fault.path), fault.code)
    )
    return (*named, _fault("", "more")) if len(faults) > MOST_FAULTS else tuple(named)


def _violations(validator: Any, document: object) -> Iterator[Fault]:
    for error in validator.iter_errors(document):
        yield from _explain(error)


def _explain(error: ValidationError) -> Iterator[Fault]:
    path = _pointer(error.absolute_path)
    keyword, limit, value, schema = (
        str(error.validator),
        error.validator_value,
        error.instance,
        error.schema,
    )
    if keyword == "anyOf" and error.context:
        # An optional value is `anyOf: [X, null]`: what X says is the fault, that it is not null is
        # noise.
        for inner in error.context:
            if inner.schema != {"type": "null"}:
                yield from _explain(inner)
    elif keyword == "required" and isinstance(limit, list) and isinstance(value, dict):
        yield from (_fault(f"{path}/{name}", keyword) for name in limit if name not in value)
    elif (
        keyword == "additionalProperties"
        and isinstance(schema, Mapping)
        and isinstance(value, dict)
    ):
        strangers = (name for name in value if name not in schema.get("properties", {}))
        yield from (
            _fault(f"{path}/{name}" if _PLAIN_NAME.match(name) else path, keyword)
            for name in strangers
        )
    elif keyword == "enum" and isinstance(schema, Mapping) and LIST in schema:
        yield _fault(path, "shared", schema[LIST])
    elif keyword == "format" and limit == "line":
        yield _fault(path, "line")
    elif keyword == "pattern" and isinstance(schema, Mapping):
        named = schema.get("format")
        yield _fault(path, *(("format", named) if named else (keyword, schema.get("examples"))))
    else:
        yield _fault(path, keyword, limit)


def _unprintable(value: object, path: str) -> Iterator[Fault]:
    if isinstance(value, str):
        try:
            nfc(value)
        except TooManyMarks:
            yield _fault(path, "marks")
        except ValueError:
            yield _fault(path, "characters")
    elif isinstance(value, float) and not math.isfinite(value):
        yield _fault(path, "finite")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _unprintable(
                inner, f"{path}/{_escape(name)}" if _PLAIN_NAME.match(name) else path
            )
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unprintable(inner, f"{path}/{index}")


def _fault(path: str, keyword: str, limit: object = None) -> Fault:
    faults_by_keyword = _messages()["faults"]
    kind = faults_by_keyword.get(keyword) or faults_by_keyword["other"]
    words, text = _LIMITS.get(keyword, _as_it_is)(limit), kind["text"]
    message = Text(text.vi.format(limit=words.vi), text.en.format(limit=words.en))
    return Fault(path, kind["code"], message)


@cache
def _messages() -> dict[str, Any]:
    """Return `faults.yaml`: a code and a sentence for each keyword, and the names of types."""
    return read_messages("ingest.forms", "faults.yaml")


def _as_it_is(limit: object) -> Text:
    return Text(str(limit), str(limit))


def _type_words(limit: object) -> Text:
    names = limit if isinstance(limit, list) else [limit]
    words = [_messages()["types"][str(name)] for name in names]
    return Text(" hoặc ".join(word.vi for word in words), " or ".join(word.en for word in words))


def _format_words(limit: object) -> Text:
    words = _messages()["formats"].get(str(limit))
    return Text("", "") if words is None else Text(words.vi, words.en)


def _expected(keyword: str, limit: object) -> Text:
    """Return the words that name the values of a short list, or an example; else none."""
    if not isinstance(limit, list) or not limit or len(limit) > _MOST_NAMED:
        return Text("", "")
    text, values = _messages()["expected"][keyword], ", ".join(map(str, limit))
    return Text(text.vi.format(values=values), text.en.format(values=values))


def _sum_words(limit: object) -> Text:
    """Return the words that name the stated sum and that of the parts."""
    assert isinstance(limit, tuple)
    text = _messages()["expected"]["sum"]
    stated, expected = limit
    vi = text.vi.format(stated=stated.replace(".", ","), expected=expected.replace(".", ","))
    return Text(vi, text.en.format(stated=stated, expected=expected))


def _list_words(about: object) -> Text:
    """Return which list was expected: its title, its source, and since when it is like this."""
    assert isinstance(about, Mapping)
    text, since = _messages()["expected"]["shared" if about["since"] else "shared_ever"], ""
    if about["since"]:
        since = date.fromisoformat(about["since"]).strftime("%d/%m/%Y")
    title = about["title"]
    return Text(
        text.vi.format(title=title["vi"], source=about["source"], since=since),
        text.en.format(title=title["en"], source=about["source"], since=since),
    )


_LIMITS: Mapping[str, Callable[[object], Text]] = {
    "type": _type_words,
    "format": _format_words,
    "enum": partial(_expected, "enum"),
    "shared": _list_words,
    "pattern": partial(_expected, "pattern"),
    "sum": _sum_words,
}


def _pointer(path: Any) -> str:
    return "".join(f"/{_escape(str(step))}" for step in path)


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")  # RFC 6901, section 3


def _order(path: str) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (0, int(step), "") if step.isdecimal() else (1, 0, step) for step in path.split("/")
    )
