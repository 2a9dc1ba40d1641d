"""The bytes of a filled exchange format, as JSON and as XML: the same tree gives the same bytes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from xml.sax.saxutils import escape

Syntax = Literal["json", "xml"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def as_json(tree: Mapping[str, Any]) -> bytes:
    """Return the tree as JSON in UTF-8, its members in the order of the format."""
    return (json.dumps(tree, ensure_ascii=False, indent=2) + "\n").encode()


def as_xml(tree: Mapping[str, Any]) -> bytes:
    """Return the tree as XML in UTF-8; a list repeats its tag, and an empty one has one empty tag.

    A character that XML 1.0 cannot hold becomes U+FFFD.
    """
    return (_HEAD + "".join(_lines(tree, ""))).encode()


WRITERS = {"json": as_json, "xml": as_xml}
MEDIA_TYPES: Mapping[Syntax, str] = {"json": "application/json", "xml": "application/xml"}


def _lines(tree: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in tree.items():
        if isinstance(value, list):
            for each in value or [""]:
                yield from _line(name, each, indent)
        else:
            yield from _line(name, value, indent)


def _line(name: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield f"{indent}<{name}>\n"
        yield from _lines(value, f"{indent}  ")
        yield f"{indent}</{name}>\n"
    elif value:
        text = escape(_NOT_XML.sub("\ufffd", value), {"\r": "&#13;"})
        yield f"{indent}<{name}>{text}</{name}>\n"
    else:
        yield f"{indent}<{name}/>\n"
