"""Where Kho and EU DSS differ: each difference has its reason in `differences.yaml`, and what Kho
still gets wrong is in `open.yaml`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from tests.signing.validation.corpus.judged import Judged
from tests.signing.validation.corpus.specimen import Kind

_FOLDER = Path(__file__).parent
_OPEN = _FOLDER / "open.yaml"
_ACCUSED = frozenset({"invalid", "unreadable"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Kho may say one of `kho` of the files named by `files` (shell patterns) where DSS says one of
    `dss`.
    """

    files: tuple[str, ...]
    dss: tuple[str, ...]
    kho: tuple[str, ...]
    reason: str

    def explains(self, file: Judged) -> bool:
        """Return whether this is the difference in the verdicts on `file`."""
        return (
            file.dss in self.dss
            and file.kho in self.kho
            and any(fnmatchcase(file.name, pattern) for pattern in self.files)
        )


def load_differences() -> list[Difference]:
    """Return the rows of `differences.yaml`."""
    rows = yaml.safe_load((_FOLDER / "differences.yaml").read_text(encoding="utf-8"))
    return [
        Difference(tuple(row["files"]), tuple(row["dss"]), tuple(row["kho"]), row["reason"])
        for row in rows
    ]


def load_open() -> set[str]:
    """Return the names of the files that Kho still judges wrongly."""
    return set(yaml.safe_load(_OPEN.read_text(encoding="utf-8"))["open"] or [])


def write_open(names: Iterable[str]) -> None:
    """Put `names` in place of the list in `open.yaml`; the comment on top stays."""
    comment = [line for line in _OPEN.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    rows = [f"  - {name}" for name in sorted(names)]
    lines = [*comment, "open:" if rows else "open: []", *rows]
    _OPEN.write_text("\n".join(lines) + "\n", encoding="utf-8")


def fault(file: Judged, differences: Sequence[Difference]) -> str | None:
    """Return what is wrong with Kho's verdict on `file`, or nothing."""
    said = f"{file.name} ({file.kind}, {file.note}): EU DSS says {file.dss}, Kho says {file.kho}"
    if file.kind is Kind.SOUND and file.kho in _ACCUSED:
        return f"{said}: a sound file is refused"
    if file.kind is Kind.MANIPULATED and file.kho == "valid":
        return f"{said}: a manipulated file passes"
    if file.kho != file.dss and not any(row.explains(file) for row in differences):
        return f"{said}: the difference has no reason in differences.yaml"
    return None


def page_table(differences: Sequence[Difference]) -> list[str]:
    """Return the lines of the table in `docs/validation.md`."""
    head = ["| Files | EU DSS | Kho | Reason |", "|---|---|---|---|"]
    return head + [
        f"| {', '.join(f'`{name}`' for name in row.files)} | {' or '.join(row.dss)} | "
        f"{' or '.join(row.kho)} | {row.reason} |"
        for row in differences
    ]
