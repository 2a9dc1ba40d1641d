"""Layers (optional content, ISO 32000-2, 8.11): which are hidden, and a file without them.

Hidden content stays behind: no reader shows it, and converters differ about it.
"""

from collections.abc import Callable
from itertools import islice

import pikepdf
from pikepdf import (
    Array,
    ContentStreamInlineImage,
    ContentStreamInstruction,
    Dictionary,
    Name,
    Operator,
    Pdf,
    Stream,
)

from ingest.files.pdf_entries import dictionary, items, remove

_PAINTS_PATH = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*"})
_PAINTS_OTHER = frozenset({"Tj", "TJ", "'", '"', "Do", "sh"})
_OPENS, _MOST = frozenset({"BMC", "BDC"}), 100
_POLICIES: dict[str, Callable[[list[bool]], bool]] = {
    "/AllOn": lambda hidden: not any(hidden),
    "/AnyOn": lambda hidden: not all(hidden),
    "/AnyOff": any,
    "/AllOff": all,
}


class Layers:
    """The layers of a PDF in its default configuration, as they are on a screen."""

    def __init__(self, pdf: Pdf) -> None:
        """Read which layers are hidden."""
        properties = dictionary(pdf.Root, "/OCProperties")
        config = dictionary(properties, "/D")
        self.exist = "/OCProperties" in pdf.Root
        self._off: set[tuple[int, int]] = set()
        if config.get("/BaseState") == Name.OFF:
            self._off.update(group.objgen for group in items(properties, "/OCGs"))
            self._off.difference_update(group.objgen for group in items(config, "/ON"))
        self._off.update(group.objgen for group in items(config, "/OFF"))
        for usage in items(config, "/AS"):
            if usage.get("/Event") == Name.View:
                self._apply(usage)

    def _apply(self, usage: pikepdf.Object) -> None:
        """Set layers as their usage asks for on a screen (8.11.4.4)."""
        for group in items(usage, "/OCGs"):
            state = dictionary(dictionary(group, "/Usage"), "/View").get("/ViewState")
            if state == Name.OFF:
                self._off.add(group.objgen)
            elif state is not None:
                self._off.discard(group.objgen)

    def hidden(self, content: pikepdf.Object | None) -> bool:
        """Return whether `content`, the value of an `/OC`, is hidden."""
        if not isinstance(content, Dictionary):
            return False
        if content.get("/Type") != Name.OCMD:
            return content.objgen in self._off
        if isinstance(expression := content.get("/VE"), Array):
            return not self._holds(expression, 0)
        groups = content.get("/OCGs")
        listed = [groups] if isinstance(groups, Dictionary) else items(content, "/OCGs")
        states = [self.hidden(group) for group in listed if isinstance(group, Dictionary)]
        return bool(states) and not _POLICIES[str(content.get("/P", "/AnyOn"))](states)

    def _holds(self, expression: pikepdf.Object, depth: int) -> bool:
        if isinstance(expression, Dictionary):
            return not self.hidden(expression)
        if depth > _MOST:
            raise ValueError("a visibility expression without end")
        parts = [self._holds(part, depth + 1) for part in islice(expression, 1, None)]
        operator = expression[0]
        if operator == Name.Not:
            return not parts[0]
        return any(parts) if operator == Name.Or else all(parts)


def settle_layers(pdf: Pdf, layers: Layers) -> None:
    """Remove hidden content from `pdf`, and the means to show or hide any."""
    if not layers.exist:
        return
    for thing in list(pdf.objects):
        if isinstance(thing, Stream):
            if layers.hidden(thing.get("/OC")):
                _empty(thing)
            elif thing.get("/Subtype") == Name.Form or "/PatternType" in thing:
                operators = _without_hidden(thing, dictionary(thing, "/Resources"), layers)
                if operators is not None:
                    thing.write(operators)
    for page in pdf.pages:
        operators = _without_hidden(page.obj, page.resources, layers)
        if operators is not None:
            page.obj.Contents = pdf.make_stream(operators)
    for thing in pdf.objects:
        if isinstance(thing, Stream):
            remove(thing, "/OC")
    del pdf.Root["/OCProperties"]


def _empty(stream: Stream) -> None:
    stream.write(b"")
    remove(stream, *set(stream.keys()) - {"/Length"})
    stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 0, 0])


def _without_hidden(
    content: pikepdf.Object, resources: pikepdf.Object, layers: Layers
) -> bytes | None:
    """Return the operators of `content` without hidden ones; None where it has no layers."""
    named = dictionary(resources, "/Properties")
    if not named:
        return None
    kept: list[ContentStreamInstruction | ContentStreamInlineImage] = []
    hidden: list[bool] = []  # of each marked content that is open
    for instruction in pikepdf.parse_content_stream(content):
        operator = str(instruction.operator)
        operands = list(instruction.operands)
        if operator in _OPENS:
            is_layer = operands[0] == Name.OC and operator == "BDC"
            hidden.append(
                is_layer
                and isinstance(operands[1], Name)
                and layers.hidden(named.get(str(operands[1])))
            )
            if is_layer:
                kept.append(ContentStreamInstruction([Name.Layer], Operator("BMC")))
                continue
        elif operator == "EMC" and hidden:
            hidden.pop()
        elif any(hidden):
            if isinstance(instruction, ContentStreamInlineImage) or operator in _PAINTS_OTHER:
                continue
            if operator in _PAINTS_PATH:
                kept.append(ContentStreamInstruction([], Operator("n")))
                continue
        kept.append(instruction)
    return pikepdf.unparse_content_stream(kept)
