"""A defensive XML reader that knows the offsets of each element in the bytes.

DOCTYPE and entities are refused before anything is expanded; depth and element count are bounded.
The encoding is UTF-8 whatever the declaration says: .NET programs write `encoding="utf-16"` over
UTF-8 text, and text that is not UTF-8 is refused before the parser sees it. Offsets are kept
because a paper carries its own bytes *as received*.
"""

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat  # a DOCTYPE ends the parse at once, so there is nothing to expand

from ingest.sources import utf8
from ingest.sources.faults import refuse
from ingest.sources.limits import DEFAULT_LIMITS, Limits

_FED_AT_ONCE = 256 * 1024  # bytes
Span = tuple[int, int]  # byte offsets, end exclusive


@dataclass(slots=True)
class Element:
    """One element: its local name, text (children's not included), and the offsets of its content
    in the bytes.
    """

    name: str
    text: str = ""
    children: list["Element"] = field(default_factory=list)
    cdata: list[Span] = field(default_factory=list)  # the insides of its CDATA sections
    # opaque elements only: their child elements, tags included
    nested: list[Span] = field(default_factory=list)

    def find(self, name: str) -> "Element | None":
        """Return the first child called `name`."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> list["Element"]:
        """Return the children called `name`."""
        return [child for child in self.children if child.name == name]


def parse_xml(
    data: bytes, path: str, *, limits: Limits = DEFAULT_LIMITS, opaque: frozenset[str] = frozenset()
) -> Element:
    """Return the root element of `data`.

    Elements whose local name is in `opaque` keep their text and the byte spans of their children,
    which are not built. Raises :class:`archive.base.errors.SubmissionRejected` with one fault at
    `path`.
    """
    utf8.decode(data, path)
    return _Reader(data, path, limits, opaque).read()


def root_name(data: bytes, path: str) -> str:
    """Return the local name of the root element, reading no further; raises
    :class:`archive.base.errors.SubmissionRejected`.
    """
    reader = _Reader(data, path, DEFAULT_LIMITS, frozenset())
    reader.parser.StartElementHandler = _stop
    try:
        reader.read()
    except _RootSeen as seen:
        return seen.name.rpartition(":")[2]
    raise AssertionError("a document without an element is malformed")


class _RootSeen(Exception):
    def __init__(self, name: str) -> None:
        self.name = name


def _stop(name: str, _attributes: dict[str, str]) -> NoReturn:
    raise _RootSeen(name)


class _Reader:
    def __init__(self, data: bytes, path: str, limits: Limits, opaque: frozenset[str]) -> None:
        self.data, self.path, self.limits, self.opaque = data, path, limits, opaque
        self.document = Element("")
        self.stack: list[Element] = [self.document]
        self.texts: list[list[str]] = [[]]
        self.inside = 0  # how deep below an opaque element
        self.elements = 0
        self.cdata_from = 0
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartCdataSectionHandler = self.start_cdata
        self.parser.EndCdataSectionHandler = self.end_cdata
        self.parser.StartDoctypeDeclHandler = self.doctype

    def read(self) -> Element:
        try:
            for start in range(0, len(self.data), _FED_AT_ONCE):
                self.parser.Parse(self.data[start : start + _FED_AT_ONCE], False)
                # The parser reads an unfinished tag or comment again each time: bounded, or the
                # time is quadratic.
                if (
                    start + _FED_AT_ONCE - self.parser.CurrentByteIndex
                    > self.limits.xml_token_bytes + _FED_AT_ONCE
                ):
                    raise refuse(self.path, "xml.token_too_long", limit=self.limits.xml_token_bytes)
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise refuse(
                self.path, "xml.malformed", line=error.lineno, column=error.offset + 1
            ) from error
        return self.document.children[0]

    def doctype(self, *_: object) -> NoReturn:
        raise refuse(self.path, "xml.doctype")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > self.limits.elements:
            raise refuse(self.path, "xml.too_many_elements", limit=self.limits.elements)
        if len(self.stack) + self.inside > self.limits.depth:
            raise refuse(self.path, "xml.too_deep", limit=self.limits.depth)
        if self.inside or self.stack[-1].name in self.opaque:
            self.inside += 1
            if self.inside == 1:
                self.stack[-1].nested.append((self.parser.CurrentByteIndex, 0))
            return
        element = Element(name.rpartition(":")[2])
        self.stack[-1].children.append(element)
        self.stack.append(element)
        self.texts.append([])

    def end(self, _name: str) -> None:
        if self.inside:
            self.inside -= 1
            if self.inside == 0:
                start, _ = self.stack[-1].nested[-1]
                # An end tag holds no '>' before its own; an empty-element tag might, in an
                # attribute: then the span is cut short, does not parse, and the table is refused.
                end = self.data.index(b">", self.parser.CurrentByteIndex) + 1
                self.stack[-1].nested[-1] = (start, end)
            return
        element, text = self.stack.pop(), self.texts.pop()
        element.text = "".join(text)
        if (element.children or element.nested) and element.text.strip():
            raise refuse(self.path, "xml.mixed", line=self.parser.CurrentLineNumber)

    def characters(self, text: str) -> None:
        if not self.inside:
            self.texts[-1].append(text)

    def start_cdata(self) -> None:
        self.cdata_from = self.parser.CurrentByteIndex + len(b"<![CDATA[")

    def end_cdata(self) -> None:
        if not self.inside:
            self.stack[-1].cdata.append((self.cdata_from, self.parser.CurrentByteIndex))
