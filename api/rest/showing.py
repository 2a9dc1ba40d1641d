"""The API's document as its page shows it: texts as paragraphs,
schemas as short names with links.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape


def words(text: str) -> Markup:
    """Return a text of several paragraphs as HTML; text between backticks becomes `<code>`."""
    return Markup("").join(
        Markup("<p>{}</p>").format(_code(part)) for part in text.split("\n\n") if part.strip()
    )


def _code(text: str) -> Markup:
    pieces = text.split("`")
    marked = [
        Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece)
        for at, piece in enumerate(pieces)
    ]
    return Markup("").join(marked)


def kind(schema: Mapping[str, Any]) -> Markup:
    """Return what a value is, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "anyOf" in schema and "type" not in schema:
        return Markup(" | ").join(kind(option) for option in schema["anyOf"])
    if "const" in schema:
        return escape(json.dumps(schema["const"], ensure_ascii=False))
    if "enum" in schema:
        return escape(" | ".join(map(str, schema["enum"])))
    if schema.get("type") == "array":
        return Markup("[{}]").format(kind(schema.get("items", {})))
    parts = [str(schema.get("type", "bytes"))]
    parts += [
        f"{name}: {schema[name]}"
        for name in ("format", "pattern", "minimum", "maximum", "maxLength")
        if name in schema
    ]
    return escape(", ".join(parts))


def operations(document: Mapping[str, Any], tag: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation of everything under `tag`."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if tag in operation["tags"]:
                yield path, method, operation


@dataclass(frozen=True, slots=True)
class Trying:
    """The fields in which a person fills the body of an operation.

    `text`: the media type that is typed, None where no text is; `example`: what is typed at first;
    `files`: the media types of which a file can be chosen.
    """

    text: str | None
    example: str
    files: tuple[str, ...]


def trying(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Trying:
    """Return how the body of an operation can be filled; several parts are not offered."""
    content = operation.get("requestBody", {}).get("content", {})
    text = next((media for media in content if media.endswith("json")), None)
    files = tuple(media for media in content if media not in (text, "multipart/form-data"))
    name = content[text]["schema"].get("$ref", "").rpartition("/")[2] if text else ""
    examples = document["components"]["schemas"].get(name, {}).get("examples", [])
    return Trying(text, pretty(examples[0]) if examples else "", files)


def pretty(value: Any) -> str:
    """Return an example as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)
