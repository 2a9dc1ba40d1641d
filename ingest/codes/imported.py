"""Lists that a facility imported: `{home}/codes/NAME-YYYY-MM-DD.json`, one file for each day from
which a list counts (`docs/codes.md`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from archive.base.errors import Misconfigured
from archive.base.text import line
from archive.files.atomic_file import AtomicFile
from ingest.codes.lists import Listing, shipped

FORMAT = "kho-codes/1"
MOST_BYTES = 16 << 20
MOST_CODES = 60_000
LONGEST_WORDS = 500  # characters
CODE = re.compile(r"[0-9A-Za-z.+*\-]{1,20}\Z")
# what a file that is no list meets where it is read
_NO_LIST = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
_NAME = re.compile(r"([a-z][a-z0-9_]{1,30})-(\d{4}-\d{2}-\d{2})\.json\Z")


@dataclass(frozen=True, slots=True)
class Imported:
    """A list as a facility imported it: which text it follows, and from which day on it counts."""

    name: str
    since: date
    source: str
    words: Mapping[str, str]

    @property
    def listing(self) -> Listing:
        """The list as it is on the days of this import."""
        return Listing(shipped()[self.name].heading, self.source, self.words, self.since)


def importable() -> tuple[str, ...]:
    """Return the names of the lists that a facility may import."""
    return tuple(name for name, known in shipped().items() if known.imported)


def write_import(folder: Path, imported: Imported) -> Path:
    """Keep a list in `folder`, in place of an earlier import for the same day; return its file.

    Raises Unavailable, and Misconfigured for a list that :func:`read_imports` would leave out.
    """
    try:
        source = _words(imported.source)
    except (ValueError, TypeError) as error:
        raise Misconfigured(
            why_vi=f"nguồn của danh mục phải là một dòng, không quá {LONGEST_WORDS} ký tự",
            why_en=f"the source of a list must be one line of at most {LONGEST_WORDS} characters",
        ) from error
    document = {
        "format": FORMAT,
        "list": imported.name,
        "from": imported.since.isoformat(),
        "source": source,
        "codes": dict(imported.words),
    }
    data = (json.dumps(document, ensure_ascii=False, indent=0) + "\n").encode()
    if len(data) > MOST_BYTES:
        raise Misconfigured(
            why_vi=f"danh mục lớn hơn {MOST_BYTES} byte",
            why_en=f"the list is larger than {MOST_BYTES} bytes",
        )
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{imported.name}-{imported.since.isoformat()}.json"
    with AtomicFile(path) as file:
        file.write(data)
        file.publish()
    return path


def read_imports(folder: Path) -> tuple[tuple[Imported, ...], tuple[str, ...]]:
    """Return the lists of `folder`, and the names of other files, which are left out."""
    imports, broken = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            imports.append(_read(path))
        except _NO_LIST:
            broken.append(path.name)
    return tuple(imports), tuple(broken)


def _read(path: Path) -> Imported:
    """Read one file; raises one of `_NO_LIST` for another file."""
    named = _NAME.match(path.name)
    if named is None or named[1] not in importable() or not path.is_file():
        raise ValueError("no list of codes")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError("too large")
    document = json.loads(data, object_pairs_hook=_once)
    stated = (document.get("format"), document.get("list"), document.get("from"))
    if stated != (FORMAT, *named.groups()):
        raise ValueError("it says another list than its name")
    words = {_code(code): _words(text) for code, text in document["codes"].items()}
    if not 0 < len(words) <= MOST_CODES:
        raise ValueError("no codes, or too many")
    return Imported(named[1], date.fromisoformat(named[2]), _words(document["source"]), words)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members = list(pairs)
    whole = dict(members)
    if len(whole) != len(members):
        raise ValueError("a code occurs twice")
    return whole


def _code(code: str) -> str:
    if not CODE.match(code):
        raise ValueError("no code")
    return code


def _words(text: Any) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_WORDS:
        raise TypeError("no words")
    return line(text)


def by_name(imports: Iterable[Imported]) -> Iterator[tuple[str, tuple[Imported, ...]]]:
    """Yield each list's name with its imports, the newest day first."""
    ordered = sorted(imports, key=lambda each: each.since, reverse=True)
    for name in sorted({each.name for each in ordered}):
        yield name, tuple(each for each in ordered if each.name == name)
