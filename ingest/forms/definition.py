"""Reads one form from its folder, and says every fault of its definition with line and column."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from archive.base.bilingual import Text
from archive.base.errors import Misconfigured
from archive.base.messages.loader import read_messages
from ingest.forms.assembly import assembled
from ingest.forms.model import Form
from ingest.forms.plain_yaml import load_yaml
from ingest.forms.shared_lists import with_listings

GROUPS = Path(__file__).parent / "groups"
_GROUP_NAME = re.compile(r"[a-z0-9_]+")
MOST_BYTES = 1_000_000  # of a definition or a layout
# what a mapping of a form is known by, where a fault has no place of its own in the file
_NAMES = ("name", "text", "heading", "fact", "code")


@dataclass(frozen=True, slots=True)
class DefinitionFault:
    """One fault of a definition: its file, line and column (from 1), and what is wrong."""

    file: str
    line: int
    column: int
    message: Text

    @property
    def place(self) -> str:
        """Where it is: `giay_vao_vien/form.yaml:12:5`."""
        return f"{self.file}:{self.line}:{self.column}"

    def as_json(self) -> dict[str, Any]:
        """Return the members that commands and REST print."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message.as_json(),
        }


class BrokenDefinition(Misconfigured):
    """A form's definition that cannot be used; `problems` are all that is wrong with it."""

    code = "form.broken"

    def __init__(self, problems: tuple[DefinitionFault, ...]) -> None:
        """Take the faults; the first is in the sentence."""
        self.problems = problems
        first = problems[0]
        place, message = first.place, first.message
        super().__init__(why_vi=f"{place}: {message.vi}", why_en=f"{place}: {message.en}")

    @classmethod
    def sample(cls, **_facts: object) -> "BrokenDefinition":
        """Return an error whose fault is of no file."""
        return cls((DefinitionFault("form.yaml", 1, 1, Text("…", "…")),))


def read_form(path: Path, load: Callable[[str], Any] = load_yaml) -> Form:
    """Read one `form.yaml` and the `layout.typ` beside it; raises :class:`BrokenDefinition`.

    `load` reads the YAML: :func:`load_outside_yaml` for what others wrote.
    """
    file = f"{path.parent.name}/{path.name}"
    try:
        source = _text(path)
        layout = path.with_name("layout.typ")
        layout_text = _text(layout) if layout.exists() else None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise _broken(file, 1, 1, "unreadable", str(error)) from error
    try:
        raw = load(source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _broken(file, line, column, "yaml", str(error.problem)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _broken(file, 1, 1, "yaml", str(error)) from error
    if not isinstance(raw, Mapping):
        raise _broken(file, 1, 1, "not_a_form")
    try:
        whole = with_listings(assembled(raw, group))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        named = str(error) if type(error) is ValueError else ""
        line, column = _Places(source).of_text(named.rpartition(" ")[2])
        raise _broken(file, line, column, "assembly", named or repr(error)) from error
    try:
        return Form.model_validate({**whole, "layout_text": layout_text})
    except ValidationError as error:
        places = _Places(source)
        raise BrokenDefinition(
            tuple(_fault(file, detail, whole, places) for detail in error.errors())
        ) from error


def definition_fault(path: Path, code: str, why: str) -> DefinitionFault:
    """Return a fault of a whole definition (a code of `definition_faults.yaml`)."""
    file = f"{path.parent.name}/{path.name}"
    return DefinitionFault(file, 1, 1, _sentences()[code].fill(why=why))


def group(name: str) -> Mapping[str, Any]:
    """Return a group of blocks that forms share; raises :class:`ValueError`."""
    if not isinstance(name, str) or not _GROUP_NAME.fullmatch(name):
        raise ValueError(f"there is no group {name}")
    return _group(name)


@cache
def _group(name: str) -> Mapping[str, Any]:
    path = GROUPS / f"{name}.yaml"
    if not path.exists():
        raise ValueError(f"there is no group {name}")
    known: Mapping[str, Any] = load_yaml(path.read_text("utf-8"))
    return known


def _text(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name}: > {MOST_BYTES} byte")
    return path.read_text("utf-8")


def _broken(file: str, line: int, column: int, code: str, why: str = "") -> BrokenDefinition:
    text = _sentences()[code].fill(why=why)
    return BrokenDefinition((DefinitionFault(file, line, column, text),))


@cache
def _sentences() -> dict[str, Text]:
    return read_messages("ingest.forms", "definition_faults.yaml")


def _fault(
    file: str, detail: ErrorDetails, whole: Mapping[str, Any], places: "_Places"
) -> DefinitionFault:
    steps = detail["loc"]
    line, column = places.of(steps, whole)
    known = _sentences()
    code = detail["type"] if detail["type"] in known else "other"
    why = str(detail.get("ctx", {}).get("error", detail["msg"]))
    named = ".".join(str(step) for step in steps if not isinstance(step, int))
    return DefinitionFault(file, line, column, known[code].fill(why=why, key=named or "–"))


class _Places:
    """Where in the file a part of the assembled definition comes from."""

    def __init__(self, source: str) -> None:
        self._root = yaml.compose(source, yaml.SafeLoader)

    def of(self, steps: tuple[int | str, ...], whole: Any) -> tuple[int, int]:
        """Return line and column of the path `steps` in `whole`.

        A part that came from a group, or that the assembly moved, is looked for by its name.
        """
        node, part, name = self._root, whole, ""
        for step in steps:
            node = _child(node, step)
            part = _part(part, step)
            if isinstance(part, Mapping):
                known = (str(part[key]) for key in _NAMES if isinstance(part.get(key), str))
                name = next(known, name)
        if node is not None:
            return _position(node)
        key = str(steps[-1]) if steps else ""
        return self._named(name, key) if name else _position(self._root)

    def of_text(self, text: str) -> tuple[int, int]:
        """Return where a scalar with `text` is; the start of the file where none is."""
        for node in _nodes(self._root):
            if text and isinstance(node, yaml.ScalarNode) and node.value == text:
                return _position(node)
        return 1, 1

    def _named(self, name: str, key: str) -> tuple[int, int]:
        for node in _nodes(self._root):
            if not isinstance(node, yaml.MappingNode):
                continue
            if any(value.value == name for _, value in node.value if _is_scalar(value)):
                inner = next((k for k, _ in node.value if k.value == key), node)
                return _position(inner)
        return self.of_text(name)


def _is_scalar(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _position(node: yaml.Node | None) -> tuple[int, int]:
    return (node.start_mark.line + 1, node.start_mark.column + 1) if node else (1, 1)


def _child(node: yaml.Node | None, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        pairs = {key.value: value for key, value in node.value if _is_scalar(key)}
        return pairs.get(str(step))
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        inner: yaml.Node = node.value[step]
        return inner
    return None


def _part(part: Any, step: int | str) -> Any:
    if isinstance(part, Mapping):
        return part.get(step, part)
    if isinstance(part, list | tuple) and isinstance(step, int) and step < len(part):
        return part[step]
    return part


def _nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if node is None:
        return
    yield node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from _nodes(inner)
